"""The command bus on a real log: idempotency, conflicts across processes, pipelining, cancellation."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

import write_side
from write_side.customers.commands import ChangeCustomerEmail, RegisterCustomer, RenameCustomer
from write_side.kernel.append import Append, AppendResult
from write_side.kernel.bus import CommandBus
from write_side.kernel.committer import TRIES, GroupCommit
from write_side.kernel.domain import discover
from write_side.kernel.errors import LogUnavailable, OutcomeUnknown
from write_side.kernel.ids import Id
from write_side.kernel.outcomes import Accepted, Caller, Outcome, Refused
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.store import PostgresLog
from write_side.kernel.refusals import AlreadyExists, CommandIdReused, NotFound, Refusal, VersionConflict
from write_side.terms.ids import CustomerId

ME = Caller(actor="test", correlation_id="c")
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


class LosesReplies(PostgresLog):
    """A log whose first appends are stored, and whose answers are lost."""

    losing = 1

    async def append(self, batch: Sequence[Append]) -> Sequence[AppendResult]:
        results = await super().append(batch)
        if self.losing:
            self.losing -= 1
            raise LogUnavailable("connection lost during commit")
        return results


@asynccontextmanager
async def running(url: str, log_type: type[PostgresLog] = PostgresLog) -> AsyncIterator[tuple[CommandBus, PostgresLog]]:
    """A bus as another process would have one: with a pool, a queue and states of its own."""
    pool = await open_pool(url)
    log = await log_type.open(pool, discover(write_side).codec())
    committer = GroupCommit(log)
    task = asyncio.create_task(committer.run())
    yield CommandBus(log, committer, lambda: AT), log
    task.cancel()
    await pool.close()


@pytest.fixture
async def url(postgres_url: str) -> str:
    await migrate(postgres_url)
    return postgres_url


@pytest.fixture
async def bus(url: str) -> AsyncIterator[CommandBus]:
    async with running(url) as (bus, _):
        yield bus


async def registered(bus: CommandBus, email: str = "ann@shop.test") -> CustomerId:
    outcome = await bus.execute(RegisterCustomer(name="Ann", email=email), ME)
    assert isinstance(outcome, Accepted)
    return CustomerId(outcome.key)


def refusal(outcome: Outcome) -> type[Refusal]:
    assert isinstance(outcome, Refused)
    return type(outcome.refusals[0])


async def test_an_accepted_command_answers_version_and_position(bus: CommandBus) -> None:
    outcome = await bus.execute(RegisterCustomer(name="Ann", email="ann@shop.test"), ME)

    assert isinstance(outcome, Accepted)
    assert (outcome.version, outcome.position) == (1, 2)


async def test_the_same_id_and_input_has_one_effect_and_one_answer(bus: CommandBus) -> None:
    command = RegisterCustomer(name="Ann", email="ann@shop.test", command_id="k")

    first = await bus.execute(command, ME)

    assert await bus.execute(command, ME) == first


async def test_the_same_id_with_other_input_is_refused(bus: CommandBus) -> None:
    key = await registered(bus)
    await bus.execute(RenameCustomer(customer_id=key, name="Anne", command_id="k"), ME)

    assert refusal(await bus.execute(RenameCustomer(customer_id=key, name="Eve", command_id="k"), ME)) is CommandIdReused


async def test_a_refused_command_does_not_bind_its_id(bus: CommandBus) -> None:
    unknown = CustomerId.new()
    assert refusal(await bus.execute(RenameCustomer(customer_id=unknown, name="X", command_id="k"), ME)) is NotFound

    key = await registered(bus)

    assert isinstance(await bus.execute(RenameCustomer(customer_id=key, name="X", command_id="k"), ME), Accepted)


async def test_a_command_that_changes_nothing_binds_its_id_and_appends_nothing(bus: CommandBus) -> None:
    key = await registered(bus)

    outcome = await bus.execute(RenameCustomer(customer_id=key, name="Ann", command_id="k"), ME)

    assert isinstance(outcome, Accepted)
    assert (outcome.version, outcome.position) == (1, 1)
    assert refusal(await bus.execute(RenameCustomer(customer_id=key, name="Eve", command_id="k"), ME)) is CommandIdReused


async def test_an_expected_version_that_is_not_there_is_a_conflict(bus: CommandBus) -> None:
    key = await registered(bus)

    outcome = await bus.execute(RenameCustomer(customer_id=key, name="Eve", expected_version=7), ME)

    assert refusal(outcome) is VersionConflict
    assert isinstance(await bus.execute(RenameCustomer(customer_id=key, name="Eve", expected_version=1), ME), Accepted)


async def test_a_hundred_retries_of_one_command_id_have_one_effect(url: str) -> None:
    """Through two processes: whoever comes second finds the id bound."""
    async with running(url) as (one, log), running(url) as (other, _):
        command = RegisterCustomer(name="Ann", email="ann@shop.test", command_id="k")

        outcomes = await asyncio.gather(*((one, other)[n % 2].execute(command, ME) for n in range(100)))

        assert len(set(outcomes)) == 1
        assert await log.head() == 2


async def test_fifty_customers_with_one_address_are_one(url: str) -> None:
    async with running(url) as (one, log), running(url) as (other, _):
        commands = [RegisterCustomer(name=f"C{n}", email=("Ann@shop.test", "ann@SHOP.test")[n % 2]) for n in range(50)]

        outcomes = await asyncio.gather(*((one, other)[n % 2].execute(each, ME) for n, each in enumerate(commands)))

        assert sum(isinstance(outcome, Accepted) for outcome in outcomes) == 1
        assert {refusal(outcome) for outcome in outcomes if isinstance(outcome, Refused)} == {AlreadyExists}
        assert await log.head() == 2


async def test_writers_in_two_processes_lose_nothing(url: str) -> None:
    """Each of them changes the same customer: every accepted change is there, in a version of its own."""
    async with running(url) as (one, log), running(url) as (other, _):
        key = await registered(one)

        async def rename(number: int) -> Outcome:
            return await (one, other)[number % 2].execute(RenameCustomer(customer_id=key, name=f"N{number}"), ME)

        outcomes = []
        for start in range(0, 40, 4):
            outcomes += await asyncio.gather(*(rename(number) for number in range(start, start + 4)))

        accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
        assert sorted(outcome.version for outcome in accepted) == list(range(2, 42))
        assert [event.position for event in await log.read(LogPosition(0), 100)] == list(range(1, 43))


async def test_commands_in_flight_build_on_one_another(bus: CommandBus) -> None:
    key = await registered(bus)

    outcomes = await asyncio.gather(
        *(bus.execute(RenameCustomer(customer_id=key, name=f"N{number}"), ME) for number in range(50))
    )

    assert [outcome.version for outcome in outcomes if isinstance(outcome, Accepted)] == list(range(2, 52))


async def test_an_address_that_was_given_up_is_free(bus: CommandBus) -> None:
    key = await registered(bus)
    await bus.execute(ChangeCustomerEmail(customer_id=key, email="anne@shop.test"), ME)

    other: Id = await registered(bus, "ann@shop.test")

    assert other != key


async def test_a_lost_answer_is_asked_for_again_under_the_same_id(url: str) -> None:
    async with running(url, LosesReplies) as (bus, log):
        outcome = await bus.execute(RegisterCustomer(name="Ann", email="ann@shop.test"), ME)

        assert isinstance(outcome, Accepted)
        assert (outcome.version, outcome.position) == (1, 2)
        assert await log.head() == 2


async def test_when_no_answer_comes_the_client_is_told_the_id_that_tells_the_outcome(url: str) -> None:
    """It has given no id: without this one it could only send the command anew, and have it done twice."""
    command = RegisterCustomer(name="Ann", email="ann@shop.test")
    async with running(url, LosesReplies) as (bus, log):
        assert isinstance(log, LosesReplies)
        log.losing = TRIES
        with pytest.raises(OutcomeUnknown) as told:
            await bus.execute(command, ME)

        outcome = await bus.execute(command.model_copy(update={"command_id": told.value.command_id}), ME)

        assert isinstance(outcome, Accepted)
        assert await log.head() == 2


async def test_a_cancelled_request_does_not_cancel_its_append(bus: CommandBus) -> None:
    command = RegisterCustomer(name="Ann", email="ann@shop.test", command_id="k")
    waiting = asyncio.create_task(bus.execute(command, ME))
    await asyncio.sleep(0)

    waiting.cancel()
    outcome = await bus.execute(command, ME)

    assert isinstance(outcome, Accepted)
    assert outcome.version == 1
