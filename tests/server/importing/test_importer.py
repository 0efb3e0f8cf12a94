"""The importer, on a bus that answers as a test wants."""

import asyncio
import io
import json
from collections import Counter
from collections.abc import Callable

import pytest

from server.importing.importer import Imported, Importer, ImportStopped
from server.importing.lines import Reading, read_lines
from server.shop import COMMANDS
from server.wiring import now
from write_side.kernel.commands import Command
from write_side.kernel.errors import Busy, Contention, LogUnavailable, OutcomeUnknown
from write_side.kernel.ids import CommandId
from write_side.kernel.outcomes import Accepted, Caller, Outcome, Refused
from write_side.kernel.positions import LogPosition
from write_side.kernel.refusals import InvalidInput, Refusal

CALLER = Caller(actor="import:test", correlation_id="import:test")


class Bus:
    """A bus on which each command takes a turn of the loop, and then is answered by a function of its name and its try."""

    def __init__(self, answer: Callable[[str, int], Refusal | None] = lambda name, nth: None) -> None:
        self._answer = answer
        self.tries: Counter[str] = Counter()
        self.callers: list[Caller] = []
        self.under_way = 0
        self.most_under_way = 0

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        name: str = command.name  # type: ignore[attr-defined]  # only renamings are sent
        self.tries[name] += 1
        self.callers.append(caller)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        refusal = self._answer(name, self.tries[name])
        if refusal is not None:
            return Refused(CommandId("?"), (refusal,))
        return Accepted(CommandId("?"), command.key, 1, LogPosition(int(name)))


def rename(number: int, customer: int | None = None, **more: str) -> str:
    given = {"customerId": f"cus_{number if customer is None else customer:032x}", "name": str(number)}
    return json.dumps({"type": "RenameCustomer", "input": given, **more})


class Trial:
    """An import of some lines, and what came of it."""

    def __init__(self, bus: Bus, *lines: str, at_once: int = 256, head: int = 0) -> None:
        self.refused: list[tuple[int, str]] = []
        self._file = io.BytesIO("\n".join(lines).encode())
        reading = Reading("test", COMMANDS, now())
        self.importer = Importer(reading, bus, CALLER, LogPosition(head), self._add, at_once=at_once, pauses=(0.001, 0.001))
        self.tally = self.importer.tally

    def _add(self, imported: Imported, refusals: tuple[Refusal, ...]) -> None:
        self.refused.append((imported.line.number, refusals[0].code))

    async def run(self) -> None:
        await self.importer.run(read_lines(self._file))


async def test_all_lines_are_executed_many_at_once() -> None:
    bus = Bus()
    trial = Trial(bus, *(rename(number) for number in range(1, 3_001)), at_once=100)

    await trial.run()

    assert (trial.tally.lines, trial.tally.accepted, trial.tally.settled, trial.refused) == (3_000, 3_000, 3_000, [])
    assert bus.most_under_way == 100
    assert set(bus.tries.values()) == {1}


async def test_nothing_to_import() -> None:
    trial = Trial(Bus())

    await trial.run()

    assert (trial.tally.lines, trial.tally.settled) == (0, 0)


async def test_lines_about_one_customer_go_one_after_the_other() -> None:
    bus = Bus()
    trial = Trial(bus, *(rename(number, customer=1) for number in range(1, 30)))

    await trial.run()

    assert bus.most_under_way == 1
    assert list(bus.tries) == [str(number) for number in range(1, 30)]


async def test_what_is_refused_is_told_in_order_and_keeps_nobody() -> None:
    bus = Bus(lambda name, nth: InvalidInput("no") if int(name) % 3 == 0 else None)
    lines = [rename(number) if number % 5 else "{" for number in range(1, 41)]
    trial = Trial(bus, *lines)

    await trial.run()

    wrong = [
        (number, "INVALID_INPUT" if number % 5 else "MALFORMED_LINE")
        for number in range(1, 41)
        if number % 3 == 0 or number % 5 == 0
    ]
    assert trial.refused == wrong
    assert trial.tally.refused == Counter(code for _, code in wrong)
    assert trial.tally.accepted == 40 - len(wrong)


async def test_a_line_that_was_refused_too_early_is_accepted_in_the_end() -> None:
    bus = Bus(lambda name, nth: InvalidInput("not yet") if (name, nth) == ("2", 1) else None)
    trial = Trial(bus, rename(1), rename(2), rename(3))

    await trial.run()

    assert (trial.tally.accepted, trial.refused, bus.tries["2"]) == (3, [], 2)


async def test_when_things_happened_is_the_callers_to_say() -> None:
    bus = Bus()
    trial = Trial(bus, rename(1, occurredAt="2026-01-31T12:00:00Z"), rename(2))

    await trial.run()

    assert [caller.occurred_at is None for caller in bus.callers] == [False, True]
    assert {(caller.actor, caller.correlation_id) for caller in bus.callers} == {("import:test", "import:test")}


async def test_what_the_log_had_before_is_counted_apart() -> None:
    trial = Trial(Bus(), *(rename(number) for number in range(1, 11)), head=6)

    await trial.run()

    assert (trial.tally.accepted, trial.tally.before) == (10, 6)


@pytest.mark.parametrize("error", [LogUnavailable("gone"), Busy(1_000), OutcomeUnknown(CommandId("?")), Contention(12)])
async def test_a_log_that_does_not_answer_is_asked_again(error: Exception) -> None:
    def answer(name: str, nth: int) -> None:
        if nth < 3:
            raise error

    bus = Bus(answer)
    trial = Trial(bus, *(rename(number) for number in range(1, 11)))

    await trial.run()

    assert (trial.tally.accepted, trial.tally.waiting) == (10, 0)
    assert set(bus.tries.values()) == {3}


async def test_a_log_that_stays_away_stops_the_import() -> None:
    def answer(name: str, nth: int) -> None:
        if int(name) > 5:
            raise LogUnavailable("gone")

    bus = Bus(answer)
    trial = Trial(bus, *(rename(number) for number in range(1, 2_001)), at_once=10)

    with pytest.raises(ImportStopped, match=r"^gone; stopped\. Run the same again to go on"):
        await trial.run()

    assert (trial.tally.accepted, trial.refused) == (5, [])
    assert len(bus.tries) < 30
    assert max(bus.tries.values()) == 3


async def test_what_goes_wrong_with_one_line_is_that_lines_affair(caplog: pytest.LogCaptureFixture) -> None:
    def answer(name: str, nth: int) -> None:
        if name == "2":
            raise ValueError(name)

    trial = Trial(Bus(answer), rename(1), rename(2), rename(3))

    await trial.run()

    assert (trial.tally.accepted, trial.refused) == (2, [(2, "INTERNAL_SERVER_ERROR")])
    assert "a line could not be judged" in caplog.text


async def test_a_file_without_a_single_command_lets_others_have_their_turn() -> None:
    trial = Trial(Bus(), *("{" for _ in range(5_000)))
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    watching = asyncio.create_task(other())
    await trial.run()
    watching.cancel()

    assert trial.tally.refused.total() == 5_000
    assert turns > 10


async def test_who_interrupts_it_stops_it() -> None:
    def answer(name: str, nth: int) -> None:
        if name == "100":
            running.cancel()

    trial = Trial(Bus(answer), *(rename(number) for number in range(1, 5_000)), at_once=10)
    running = asyncio.create_task(trial.run())

    with pytest.raises(asyncio.CancelledError):
        await running

    assert trial.tally.accepted < 200
