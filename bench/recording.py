"""Writes a shop's past into a log, as the shop would have: each event as a command of its own, in batches of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

import asyncpg

from bench.load import BenchError
from bench.past import Fact, Past
from server.shop import CODEC
from write_side.kernel.append import EMPTY, Append, Appended, AppendResult, Head, NewEvent
from write_side.kernel.events import Metadata, StreamName
from write_side.kernel.ids import new_command_id, new_event_id
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.store import PostgresLog

BATCH = 500

Progressed = Callable[[int], None]
"""Told how many more events are stored."""


class Appends(Protocol):
    """What is written to: the log, as far as it takes events."""

    async def append(self, batch: Sequence[Append]) -> Sequence[AppendResult]:
        """See `EventLog.append`."""
        ...


async def write(past: Past, postgres_url: str, progressed: Progressed) -> None:
    """Writes `past` into the empty log of a migrated database. Raises `BenchError`."""
    pool = await open_pool(postgres_url)
    try:
        await record(past, await PostgresLog.open(pool, CODEC), progressed)
    finally:
        await pool.close()
    owner = await asyncpg.connect(postgres_url)
    try:
        # The server would do so soon anyway, and not while something is timed.
        await owner.execute("VACUUM ANALYZE oneread.events")
    finally:
        await owner.close()


async def record(past: Past, log: Appends, progressed: Progressed) -> None:
    """Appends all of `past` to a log that is empty. Raises `BenchError` when the log has another opinion."""
    for batch in _batches(_requests(past.facts())):
        if any(not isinstance(result, Appended) for result in await log.append(batch)):
            raise BenchError("the log that was to be filled is not empty")
        progressed(len(batch))


def _requests(facts: Iterable[Fact]) -> Iterator[Append]:
    heads: dict[StreamName, Head] = {}
    for fact in facts:
        event = NewEvent(new_event_id(), fact.stream, fact.version, fact.event)
        command = new_command_id()
        metadata = Metadata(command, command, command, "bench")
        before = {fact.stream: heads.get(fact.stream, EMPTY)}
        yield Append(fact.stream, before, (event,), b"", binds=False, metadata=metadata, occurred_at=fact.at)
        heads[fact.stream] = Head(event.version, event.event_id)


def _batches(requests: Iterator[Append]) -> Iterator[list[Append]]:
    while batch := list(islice(requests, BATCH)):
        yield batch
