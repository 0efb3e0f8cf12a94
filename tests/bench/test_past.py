"""What happened in a shop that is measured, and how it is written to a log."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import pytest

from bench.load import BenchError
from bench.past import EVENTS_OF_AN_ORDER, Fact, Past
from bench.recording import BATCH, record
from projections.kernel.scenario import POSITIONS, fold_all
from server.shop import PROJECTIONS
from write_side.kernel.append import EMPTY, Append, Appended, AppendResult, Conflict, Head
from write_side.kernel.events import Event, Metadata, Recorded, StreamName
from write_side.kernel.ids import CommandId, EventId
from write_side.kernel.positions import LogPosition
from write_side.orders.events import OrderDelivered, OrderPaid, OrderPlaced, OrderShipped

ORDERS = 300
LIFE = [OrderPlaced, OrderPaid, OrderShipped, OrderDelivered]


class MemoryLog:
    """Takes what is appended if it fits, as the log does."""

    def __init__(self) -> None:
        self.batches: list[Sequence[Append]] = []
        self._heads: dict[StreamName, Head] = {}
        self._position = 0

    async def append(self, batch: Sequence[Append]) -> Sequence[AppendResult]:
        self.batches.append(batch)
        return [self._appended(request) for request in batch]

    def _appended(self, request: Append) -> AppendResult:
        if elsewhere := frozenset(
            stream for stream, head in request.heads.items() if self._heads.get(stream, EMPTY) != head
        ):
            return Conflict(elsewhere)
        for event in request.events:
            self._heads[event.stream] = Head(event.version, event.event_id)
            self._position += 1
        return Appended(request.events[-1].version, LogPosition(self._position))


def recorded(facts: Sequence[Fact]) -> list[Recorded]:
    by = Metadata(CommandId("k"), "k", "k", "bench")
    return [
        Recorded(LogPosition(at), EventId(UUID(int=at)), fact.stream, fact.version, fact.event, by, fact.at, fact.at)
        for at, fact in enumerate(facts, 1)
    ]


def test_every_order_is_placed_paid_shipped_and_delivered() -> None:
    past = Past(ORDERS)

    facts = list(past.facts())

    lives: defaultdict[StreamName, list[Event]] = defaultdict(list)
    for fact in facts:
        lives[fact.stream].append(fact.event)
        assert fact.version == len(lives[fact.stream])
    orders = [life for stream, life in lives.items() if stream.startswith("order-")]
    assert len(facts) == past.events == past.customers + EVENTS_OF_AN_ORDER * ORDERS
    assert len(orders) == ORDERS
    assert all([type(event) for event in life] == LIFE for life in orders)


def test_many_orders_are_under_way_at_a_time() -> None:
    streams = [fact.stream for fact in Past(ORDERS).facts()]
    assert sum(one == other for one, other in itertools.pairwise(streams)) < ORDERS / 10


def test_it_is_the_same_every_time_and_goes_on() -> None:
    facts = list(Past(20).facts())
    assert facts == list(Past(20).facts())
    assert [fact.at for fact in facts] == sorted(fact.at for fact in facts)


def test_every_read_model_folds_it() -> None:
    past = Past(60)
    log = recorded(list(past.facts()))

    folded = {one.name: fold_all(one, log, POSITIONS, log[0].occurred_at) for one in PROJECTIONS}

    assert len(folded["orders"]) == len(folded["shippingTasks"]) == past.orders
    assert len(folded["customers"]) == past.customers
    assert sum(customer.order_count for customer in folded["customers"].values()) == past.orders


async def test_each_event_is_written_as_a_command_of_its_own() -> None:
    past, log, told = Past(ORDERS), MemoryLog(), list[int]()

    await record(past, log, told.append)

    requests = [request for batch in log.batches for request in batch]
    assert [request.events[0].event for request in requests] == [fact.event for fact in past.facts()]
    assert [request.occurred_at for request in requests] == [fact.at for fact in past.facts()]
    assert len({request.metadata.command_id for request in requests}) == past.events
    assert told == [len(batch) for batch in log.batches]
    assert max(told) == BATCH


async def test_a_log_that_is_not_empty_is_not_written_to() -> None:
    log = MemoryLog()
    await record(Past(1), log, lambda _: None)

    with pytest.raises(BenchError, match="not empty"):
        await record(Past(1), log, lambda _: None)
