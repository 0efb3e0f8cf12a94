"""Whatever batches come: PostgreSQL answers them, and holds afterwards, as the plain log in memory does."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, event, settings
from hypothesis import given as anything
from hypothesis import strategies as st

from tests.write_side.kernel.memory_log import MemoryLog
from tests.write_side.kernel.postgres.requests import request
from write_side.claims.events import ValueClaimed
from write_side.kernel.append import EMPTY, Append, Appended, AppendResult, Binding, Head, NewEvent, Wanted
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.ids import CommandId, new_event_id
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres.store import PostgresLog

STREAMS, WRITERS, IDS = range(3), range(2), range(3)


@dataclass(frozen=True)
class Wish:
    """A request as a writer would make it who knows the streams as they were when it looked, and what it wrote since."""

    writer: int
    target: int
    reads: frozenset[int]
    writes: tuple[int, ...]
    command: int | None
    digest: bytes
    binds: bool


wishes = st.builds(
    Wish,
    writer=st.sampled_from(WRITERS),
    target=st.sampled_from(STREAMS),
    reads=st.frozensets(st.sampled_from(STREAMS)),
    writes=st.lists(st.sampled_from(STREAMS), max_size=4).map(tuple),
    command=st.none() | st.sampled_from(IDS),
    digest=st.sampled_from([b"one", b"other"]),
    binds=st.sampled_from([True, True, True, False]),
)
batches = st.lists(st.tuples(st.lists(wishes, max_size=8), st.frozensets(st.sampled_from(WRITERS))), min_size=1, max_size=5)
"""Batches, each with the writers who look at the log after it."""


class Writer:
    """Someone who decides ahead of the log: `heads` are how the streams end as far as it knows."""

    def __init__(self, names: Sequence[StreamName]) -> None:
        self._names = names
        self.heads = dict.fromkeys(names, EMPTY)

    def request(self, wish: Wish, ids: Sequence[str]) -> Append:
        """The request, and the heads moved on as if it were appended."""
        read = {self._names[number] for number in {wish.target, *wish.reads, *wish.writes}}
        base = request(
            self._names[wish.target],
            command_id=None if wish.command is None else ids[wish.command],
            digest=wish.digest,
            binds=wish.binds,
        )
        heads = {name: self.heads[name] for name in sorted(read)}
        new = []
        # A refusal has no events.
        for name in (self._names[number] for number in wish.writes if wish.binds):
            new.append(NewEvent(new_event_id(), name, self.heads[name].version + 1, ValueClaimed(holder="x")))
            self.heads[name] = Head(new[-1].version, new[-1].event_id)
        return replace(base, heads=heads, events=tuple(new))

    async def look(self, log: MemoryLog) -> None:
        """Knows the streams as they are."""
        loaded = await log.load(dict.fromkeys(self._names, Wanted("")))
        self.heads |= {name: loaded[name].head if name in loaded else EMPTY for name in self._names}


def shifted(result: AppendResult, by: LogPosition) -> AppendResult:
    """The result in a log that had `by` events before."""
    match result:
        case Appended() | Binding():
            return replace(result, position=LogPosition(result.position + by))
        case _:
            return result


async def rows(log: LogReader, after: LogPosition) -> list[tuple[object, ...]]:
    """What is stored past `after`, reckoned from there."""

    def row(each: Recorded) -> tuple[object, ...]:
        return (
            each.position - after,
            each.event_id,
            each.stream,
            each.version,
            each.event,
            each.metadata,
            each.occurred_at,
        )

    return [row(each) for each in await log.read(after, 1_000)]


# One log for all examples: each has streams and command ids of its own.
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@anything(batches)
async def test_batches_do_what_they_do_in_memory(log: PostgresLog, given: list[tuple[list[Wish], frozenset[int]]]) -> None:
    key, before, plain = secrets.token_hex(4), await log.head(), MemoryLog()
    names = [StreamName(f"sku-clm_{key}-{number}") for number in STREAMS]
    ids = [f"{key}-{number}" for number in IDS]
    writers = [Writer(names) for _ in WRITERS]
    for wanted, looking in given:
        batch = [writers[wish.writer].request(wish, ids) for wish in wanted]

        expected = await plain.append(batch)
        results = await log.append(batch)

        assert list(results) == [shifted(result, before) for result in expected]
        assert await rows(log, before) == await rows(plain, LogPosition(0))
        for result in expected:
            event(type(result).__name__)
        for number in looking:
            await writers[number].look(plain)
    bound = await plain.find_commands([CommandId(each) for each in ids])
    found = await log.find_commands([CommandId(each) for each in ids])
    assert found == {command_id: shifted(binding, before) for command_id, binding in bound.items()}
