"""Lines of an import: what each says, what is wrong with it, which ids it mentions, and which command it is."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.importing.lines import LONGEST, Line, LongName, Reading, UnfitLine, read_lines
from server.shop import COMMANDS
from write_side.claims.claim import email_claim, sku_claim

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
READING = Reading("march", COMMANDS, NOW)
CUSTOMER, PRODUCT, ORDER = (f"{prefix}_{10:032x}" for prefix in ("cus", "prd", "ord"))
RENAMED = {"customerId": CUSTOMER, "name": "Ann"}
DEEP = b'{"type": "RenameCustomer", "input": {"name": ' + b"[" * 900 + b"null" + b"]" * 900 + b"}}"


def line(said: object, number: int = 7) -> Line:
    text = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Line(number, text, len(text))


def said(type_: str = "RenameCustomer", given: Any = RENAMED, **more: Any) -> dict[str, Any]:
    return {"type": type_, "input": given, **more}


def unfit(said: object) -> tuple[str, list[tuple[str, str | None]]]:
    with pytest.raises(UnfitLine) as caught:
        READING.entry(line(said))
    found = [(refusal.code, ".".join(refusal.path) if refusal.path else None) for refusal in caught.value.refusals]
    return caught.value.type, found


def test_lines_are_read_one_by_one_with_their_numbers_and_ends() -> None:
    file = io.BytesIO(b"\xef\xbb\xbf{}\r\n\n  \n[1]\nlast")

    found = list(read_lines(file))

    assert [(one.number, one.text.strip(), one.end) for one in found] == [(1, b"{}", 7), (4, b"[1]", 15), (5, b"last", 19)]


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_read() -> None:
    file = io.BytesIO(b"x" * (3 * LONGEST) + b"\n{}\n" + b"y" * LONGEST)

    found = list(read_lines(file))

    assert [(one.number, len(one.text)) for one in found] == [(1, LONGEST + 1), (2, 3), (3, LONGEST)]
    assert unfit(found[0].text) == ("", [("MALFORMED_LINE", None)])


def test_an_empty_file_has_no_lines() -> None:
    assert list(read_lines(io.BytesIO())) == []


def test_a_line_is_a_command_with_the_input_of_its_mutation() -> None:
    entry = READING.entry(line(said(occurredAt="2026-03-01T12:30:00+01:00")))

    assert entry.command == COMMANDS["RenameCustomer"].model_validate({**RENAMED, "commandId": "import:march:7"})
    assert entry.occurred_at == datetime(2026, 3, 1, 11, 30, tzinfo=UTC)


def test_nulls_are_as_absent_as_in_a_mutation() -> None:
    entry = READING.entry(line(said(given={**RENAMED, "commandId": None, "expectedVersion": None}, occurredAt=None)))

    assert entry == READING.entry(line(said()))


@pytest.mark.parametrize(
    ("name", "number", "command_id"),
    [
        ("march", 1, "import:march:1"),
        ("march", 20_000, "import:march:20000"),
        ("März 2026.ndjson", 1, "import:M%C3%A4rz%202026.ndjson:1"),
        ("a:1", 1, "import:a%3A1:1"),
    ],
)
def test_a_command_id_is_made_of_the_name_and_the_number(name: str, number: int, command_id: str) -> None:
    assert Reading(name, COMMANDS, NOW).entry(line(said(), number)).command.command_id == command_id


def test_a_line_may_have_a_command_id_of_its_own() -> None:
    assert READING.entry(line(said(given={**RENAMED, "commandId": "mine"}))).command.command_id == "mine"


def test_a_name_fits_into_command_ids() -> None:
    Reading("x" * 140, COMMANDS, NOW)
    for name in ("x" * 150, "ä" * 50):
        with pytest.raises(LongName):
            Reading(name, COMMANDS, NOW)


@pytest.mark.parametrize(
    ("what", "type_", "wrong"),
    [
        (b"{", "", [("MALFORMED_LINE", None)]),
        (b"\xff\xfe", "", [("MALFORMED_LINE", None)]),
        ([], "", [("MALFORMED_LINE", None)]),
        ({}, "", [("MALFORMED_LINE", "type")]),
        ({"type": 7, "input": {}}, "", [("MALFORMED_LINE", "type")]),
        ({"type": "RenameCustomer"}, "RenameCustomer", [("MALFORMED_LINE", "input")]),
        (said(given=[]), "RenameCustomer", [("MALFORMED_LINE", "input")]),
        (said(at="2026-01-01"), "RenameCustomer", [("MALFORMED_LINE", "at")]),
        (DEEP, "RenameCustomer", [("MALFORMED_LINE", "input")]),
        (said("renameCustomer"), "renameCustomer", [("UNKNOWN_TYPE", "type")]),
        (said(given={"customer_id": CUSTOMER, "name": "Ann"}), "RenameCustomer", None),
        (said(given={"customerId": "cus_1", "name": ""}), "RenameCustomer", None),
        (said(given={**RENAMED, "commandId": "a b"}), "RenameCustomer", [("INVALID_INPUT", "commandId")]),
        (said(occurredAt="2026-03-01T12:00:01Z"), "RenameCustomer", [("INVALID_INPUT", "occurredAt")]),
        (said(occurredAt="2026-02-30T12:00:00Z"), "RenameCustomer", [("INVALID_INPUT", "occurredAt")]),
        (said(occurredAt="2026-01-31T12:00:00"), "RenameCustomer", [("INVALID_INPUT", "occurredAt")]),
        (said(occurredAt="0001-01-01T00:00:00+14:00"), "RenameCustomer", [("INVALID_INPUT", "occurredAt")]),
        (said(occurredAt=1_700_000_000), "RenameCustomer", [("INVALID_INPUT", "occurredAt")]),
    ],
)
def test_what_is_wrong_with_a_line(what: object, type_: str, wrong: list[tuple[str, str | None]] | None) -> None:
    named, found = unfit(what)

    assert named == type_
    if wrong is not None:
        assert found == wrong
    assert {code for code, _ in found} <= {"INVALID_INPUT", "MALFORMED_LINE", "UNKNOWN_TYPE"}


def test_each_part_that_is_wrong_is_told() -> None:
    assert unfit(said(given={"customerId": "cus_1", "name": ""}))[1] == [
        ("INVALID_INPUT", "customerId"),
        ("INVALID_INPUT", "name"),
    ]


def test_a_type_that_was_mistyped_is_told_with_what_was_meant() -> None:
    with pytest.raises(UnfitLine) as caught:
        READING.entry(line(said("RenameCostumer")))
    assert "did you mean RenameCustomer?" in caught.value.refusals[0].message


def test_the_present_is_not_the_future() -> None:
    assert READING.entry(line(said(occurredAt=NOW.isoformat()))).occurred_at == NOW
    assert unfit(said(occurredAt=(NOW + timedelta(microseconds=1)).isoformat()))[1] == [("INVALID_INPUT", "occurredAt")]


def test_a_line_mentions_each_id_in_its_input_in_one_spelling() -> None:
    items = [{"productId": PRODUCT.upper().replace("PRD", "prd"), "quantity": 1}]
    given = {"id": ORDER, "customerId": CUSTOMER, "items": items}

    assert READING.entry(line(said("PlaceOrder", given))).mentions == {ORDER, CUSTOMER, PRODUCT}


def test_a_line_mentions_the_unique_values_that_it_claims() -> None:
    customer = READING.entry(line(said("RegisterCustomer", {"name": "Ann", "email": "Ann@shop.test"})))
    price = {"amount": "1.00", "currencyCode": "EUR"}
    product = READING.entry(line(said("AddProduct", {"id": PRODUCT, "sku": "P-1", "name": "Pot", "price": price})))

    assert customer.mentions == {email_claim("ann@SHOP.test").key}
    assert product.mentions >= {PRODUCT, sku_claim("p-1").key}


def test_a_line_to_mend_has_its_command_id() -> None:
    assert json.loads(READING.mendable(line(said("Rename", {"name": ""})))) == said(
        "Rename", {"name": "", "commandId": "import:march:7"}
    )
    assert json.loads(READING.mendable(line(said(given={"commandId": "mine"})))) == said(given={"commandId": "mine"})


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"type": "RenameCustomer"}', DEEP])
def test_a_line_without_room_for_a_command_id_is_to_be_mended_as_it_is(text: bytes) -> None:
    assert READING.mendable(line(text + b"\r\n")) == text
