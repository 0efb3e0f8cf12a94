"""Commands: what their class says of them, the ids they start with, the digest of their input."""

import pytest
from pydantic import ValidationError

from tests.write_side.kernel.lamps import LAMP, HangLamp, LampId, MeterId, SwitchLamp
from write_side.kernel.commands import Command, Input, bound_id
from write_side.kernel.ids import Id
from write_side.kernel.streams import StreamKind

KITCHEN, HALL = LampId(f"lmp_{1:032x}"), LampId(f"lmp_{2:032x}")
METER_7 = MeterId(f"mtr_{7:032x}")


def hang(**more: object) -> HangLamp:
    return HangLamp.model_validate({"room": "kitchen", "meterId": METER_7, **more})


class TestTarget:
    def test_is_named_by_the_field_that_is_called_after_the_key(self) -> None:
        assert SwitchLamp.target_field == "lamp_id"
        assert not SwitchLamp.starts_stream
        assert SwitchLamp(lamp_id=HALL, on=True).target == LAMP.of(HALL)
        assert SwitchLamp(lamp_id=HALL, on=True).target.name == f"lamp-{HALL}"

    def test_of_a_command_that_starts_a_stream_is_its_id(self) -> None:
        assert HangLamp.target_field == "id"
        assert HangLamp.starts_stream
        assert hang(id=HALL).key == HALL

    def test_is_not_known_before_its_id_is_made(self) -> None:
        with pytest.raises(TypeError, match="has not been made"):
            _ = hang().target

    def test_must_be_named(self) -> None:
        with pytest.raises(TypeError, match="neither the stream that it starts nor its target"):

            class Lost(Command):
                """Goes nowhere."""

    def test_must_have_its_field(self) -> None:
        with pytest.raises(TypeError, match="has no field lamp_id"):

            class Blind(Command, target=LAMP):
                """Does not say which lamp."""

    def test_has_a_field_of_several_words_for_a_key_of_several_words(self) -> None:
        class FloorLampId(Id, prefix="flr"):
            """A lamp that stands."""

        floor: StreamKind[None] = StreamKind("floor", FloorLampId, (), initial=None, evolve=lambda state, _: state)

        class MoveLamp(Command, target=floor):
            """Put it elsewhere."""

            floor_lamp_id: FloorLampId

        assert MoveLamp.target_field == "floor_lamp_id"


class TestId:
    def test_is_made_once_and_only_when_none_was_given(self) -> None:
        made = hang().with_id()
        assert type(made.id) is LampId
        assert made.with_id() is made
        assert hang(id=HALL).with_id().id == HALL

    def test_is_not_made_for_a_command_on_a_stream_that_there_is(self) -> None:
        command = SwitchLamp(lamp_id=HALL, on=True)
        assert command.with_id() is command


class TestDigest:
    def test_is_of_the_input_and_not_of_how_it_was_written(self) -> None:
        same = [
            hang(),
            hang(spare=None),
            hang(expectedVersion=None, id=None),
            hang(commandId="k-1"),
            HangLamp.model_validate({"meter_id": METER_7, "room": "kitchen"}),
        ]
        assert {command.digest() for command in same} == {hang().digest()}
        assert len(hang().digest()) == 32

    def test_tells_inputs_apart(self) -> None:
        different = [
            hang(),
            hang(room="hall"),
            hang(room="kitchen "),
            hang(spare=""),
            hang(id=KITCHEN),
            hang(expectedVersion=0),
            hang(meterId=f"mtr_{8:032x}"),
        ]
        assert len({command.digest() for command in different}) == len(different)

    def test_tells_commands_apart(self) -> None:
        class DimLamp(SwitchLamp, target=LAMP):
            """The same input, another meaning."""

        wish = {"lampId": HALL, "on": True}
        assert DimLamp.model_validate(wish).digest() != SwitchLamp.model_validate(wish).digest()

    def test_is_not_of_the_id_that_was_made(self) -> None:
        assert hang().with_id().digest() != hang().digest()
        assert hang().digest() == hang().digest()


class TestInput:
    def test_has_camel_case_names_and_nothing_unknown(self) -> None:
        with pytest.raises(ValidationError) as refused:
            hang(colour="red")
        assert refused.value.errors()[0]["loc"] == ("colour",)

    def test_does_not_change(self) -> None:
        with pytest.raises(ValidationError):
            hang().room = "hall"  # type: ignore[misc]

    def test_of_any_kind_is_camel_case(self) -> None:
        class Socket(Input):
            max_watts: int

        assert Socket.model_validate({"maxWatts": 5}).max_watts == 5

    @pytest.mark.parametrize("command_id", ["k", "x" * 200, "!~", "0190-abc"])
    def test_binds_the_command_id_that_the_client_gave(self, command_id: str) -> None:
        assert bound_id(hang(commandId=command_id)) == command_id
        assert bound_id(hang()) is None

    @pytest.mark.parametrize("command_id", ["", " ", "a b", "x" * 201, "k\n", "ключ", "\x00"])
    def test_command_ids_are_visible_ascii(self, command_id: str) -> None:
        with pytest.raises(ValidationError) as refused:
            hang(commandId=command_id)
        assert refused.value.errors()[0]["loc"] == ("commandId",)

    def test_an_expected_version_is_not_negative(self) -> None:
        assert hang(expectedVersion=0).expected_version == 0
        with pytest.raises(ValidationError) as refused:
            hang(expectedVersion=-1)
        assert refused.value.errors()[0]["loc"] == ("expectedVersion",)


def test_a_command_without_a_decision_says_so() -> None:
    class Undecided(Command, target=LAMP):
        """Nobody knows."""

        lamp_id: LampId

    class Nothing:
        def __getitem__(self, stream: object) -> object:
            raise KeyError

        def get(self, stream: object) -> None:
            return None

    command = Undecided(lamp_id=HALL)
    assert list(command.streams(Nothing())) == []  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError, match="Undecided has no decision"):
        command.decide(Nothing())  # type: ignore[arg-type]
