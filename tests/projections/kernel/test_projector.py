"""The projector on an in-memory log and store: batches, fan-outs in chunks, fences, and what stops it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.kernel.conditions import Condition, holds
from projections.kernel.errors import Fenced, StoreUnavailable
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.projector import Projector
from projections.kernel.scenario import OPENED, POSITIONS, Recorder, fold_all
from projections.kernel.shapes import Stored
from projections.kernel.storing import Checkpoint
from projections.kernel.tail import Tail
from projections.kernel.working_set import WorkingSet
from projections.read_models.orders import ORDERS
from write_side.customers.events import CustomerRenamed
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.positions import LogPosition, Positions
from write_side.kernel.signals import Signal
from write_side.orders.events import OrderDelivered, OrderLine, OrderPlaced
from write_side.terms.address import Address
from write_side.terms.ids import CustomerId, OrderId, ProductId
from write_side.terms.money import Money

ANN, EVE = CustomerId(f"cus_{1:032x}"), CustomerId(f"cus_{2:032x}")
LINE = OrderLine(product_id=ProductId(f"prd_{1:032x}"), sku="T", name="Teapot", quantity=1, unit_price=Money.zero("EUR"))
HOME = Address(line1="Lindenweg 4", city="Bern", postcode="3006", country_code="CH")


class MemoryLog:
    """A log reader over a list."""

    positions: Positions = POSITIONS

    def __init__(self, events: Sequence[Recorded]) -> None:
        self.events = events
        self.appended = Signal()

    async def head(self) -> LogPosition:
        return LogPosition(len(self.events))

    async def read(self, after: LogPosition, limit: int) -> Sequence[Recorded]:
        return self.events[after : after + limit]

    async def position_of(self, stream: StreamName, version: int) -> LogPosition | None:
        raise AssertionError("a projector does not ask for it")


@dataclass
class MemoryStore:
    """A projection store that crashes before or after the commits whose numbers it is given."""

    crash_before: frozenset[int] = frozenset()
    crash_after: frozenset[int] = frozenset()
    checkpoint: Checkpoint = field(default_factory=lambda: Checkpoint(LogPosition(0), None))
    documents: dict[Key, Stored] = field(default_factory=dict)
    owner: str | None = None
    commits: int = 0
    loaded: list[Key] = field(default_factory=list)

    async def prepare(self, projection: AnyProjection, positions: Positions, born: Mapping[Key, Stored]) -> None:
        raise AssertionError("a projector does not prepare")

    async def claim(self, projection: AnyProjection, owner: str, positions: Positions) -> Checkpoint | None:
        self.owner = owner
        return self.checkpoint

    async def renew(self, projection: AnyProjection, owner: str) -> None:
        """Nobody else wants it."""

    async def release(self, projection: AnyProjection, owner: str) -> None:
        self.owner = None

    async def load(self, projection: AnyProjection, keys: Sequence[Key]) -> Mapping[Key, Stored]:
        self.loaded.extend(keys)
        return {key: self.documents[key] for key in keys if key in self.documents}

    async def matching(
        self, projection: AnyProjection, condition: Condition, after: Key | None, limit: int
    ) -> Sequence[Stored]:
        keys = sorted(key for key, stored in self.documents.items() if holds(condition, stored) and key > (after or ""))
        return [self.documents[key] for key in keys[:limit]]

    async def commit(
        self, projection: AnyProjection, owner: str, before: Checkpoint, after: Checkpoint, documents: Sequence[Stored]
    ) -> None:
        self.commits += 1
        if self.commits in self.crash_before:
            raise StoreUnavailable("crashed before")
        if (self.owner, self.checkpoint) != (owner, before):
            raise Fenced("taken over")
        self.documents |= {Key(stored["_id"]): stored for stored in documents}
        self.checkpoint = after
        if self.commits in self.crash_after:
            raise StoreUnavailable("crashed after")


async def project(
    events: Sequence[Recorded], store: MemoryStore, *, seconds: float = 5, batch: int = 1_000, chunk: int = 1_000
) -> Projector:
    """Runs a projector until the store has reached the end of the log."""
    log = MemoryLog(events)
    made = Projector(ORDERS, log, Tail(log), store, "me", poll=0.001, pause=0.0, batch=batch, chunk=chunk)
    running = asyncio.create_task(made.run())
    try:
        async with asyncio.timeout(seconds):
            while store.checkpoint.position < len(events) or store.checkpoint.partial is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
    finally:
        running.cancel()
        await asyncio.wait([running])
    return made


def history(steps: Sequence[str]) -> list[Recorded]:
    """A log of orders placed by Ann (a) and Eve (e), delivered (d), and of customers renamed (A, E)."""
    log = Recorder()
    placed: list[OrderId] = []
    for number, step in enumerate(steps):
        if step in "ae" or (step == "d" and not placed):
            placed.append(OrderId(f"ord_{number:032x}"))
            customer = EVE if step == "e" else ANN
            event = OrderPlaced(
                customer_id=customer, customer_name="?", customer_email="?", lines=(LINE,), shipping_address=HOME
            )
            log.record("order", placed[-1], event)
        elif step == "d":
            log.record("order", placed[number % len(placed)], OrderDelivered(customer_id=ANN))
        else:
            log.record("customer", ANN if step == "A" else EVE, CustomerRenamed(name=f"Name {number}"))
    return log.events


def folded(events: Sequence[Recorded]) -> dict[Key, Stored]:
    documents = fold_all(ORDERS, events, POSITIONS, OPENED)
    return {key: ORDERS.shape.encode(document) for key, document in documents.items()}


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.sampled_from("aaedAE"), min_size=1, max_size=40),
    batch=st.integers(1, 50),
    chunk=st.integers(1, 5),
    before=st.frozensets(st.integers(1, 30), max_size=8),
    after=st.frozensets(st.integers(1, 30), max_size=8),
)
def test_any_batches_and_any_crashes_give_what_the_log_folds_to(
    steps: list[str], batch: int, chunk: int, before: frozenset[int], after: frozenset[int]
) -> None:
    """Also when a commit was done and its answer was lost, and in the middle of a fan-out."""
    events = history(steps)
    store = MemoryStore(crash_before=before, crash_after=after)

    asyncio.run(project(events, store, batch=batch, chunk=chunk))

    assert store.documents == folded(events)
    assert store.checkpoint == Checkpoint(events[-1].position, events[-1].event_id)


async def test_an_event_that_names_by_condition_sees_what_came_before_it() -> None:
    events = history("aAaA")
    store = MemoryStore()

    await project(events, store)

    assert {stored["customer"]["name"] for stored in store.documents.values()} == {"Name 3"}


async def test_a_projector_that_was_overtaken_changes_nothing() -> None:
    events = history("aaa")
    store = MemoryStore()
    log = MemoryLog(events)
    slow = Projector(ORDERS, log, Tail(log), store, "slow", pause=0.0)
    checkpoint = await store.claim(ORDERS, "slow", POSITIONS)
    assert checkpoint is not None
    await project(events, store)
    done = dict(store.documents)

    with pytest.raises(Fenced):
        await slow._step(checkpoint, events, WorkingSet(ORDERS, store))

    assert store.documents == done


async def test_an_event_that_cannot_be_folded_stops_visibly_and_moves_nothing() -> None:
    log = Recorder()
    log.record("order", OrderId(f"ord_{1:032x}"), OrderDelivered(customer_id=ANN))
    store = MemoryStore()

    with pytest.raises(TimeoutError):
        await project(log.events, store, seconds=0.2)

    assert store.checkpoint.position == 0


async def test_a_long_outage_does_not_end_it() -> None:
    events = history("a")
    store = MemoryStore(crash_before=frozenset(range(1, 1_200)))

    await project(events, store, seconds=30)

    assert store.documents == folded(events)


async def test_what_was_written_lately_is_not_read_again_and_what_is_started_never() -> None:
    placed, delivered = history("aad"), history("aadd")
    store = MemoryStore()
    log = MemoryLog(delivered)
    projector = Projector(ORDERS, log, Tail(log), store, "me")
    checkpoint = await store.claim(ORDERS, "me", POSITIONS)
    assert checkpoint is not None
    at_hand = WorkingSet(ORDERS, store)

    checkpoint = await projector._step(checkpoint, placed, at_hand)
    assert store.loaded == []
    await projector._step(checkpoint, delivered[3:], at_hand)
    assert store.loaded == []

    assert store.documents == folded(delivered)


async def test_what_a_fan_out_has_changed_is_read_again() -> None:
    events = history("aAd")
    store = MemoryStore()

    await project(events, store, batch=1)

    assert len(store.loaded) == 1
    assert store.documents == folded(events)


async def test_no_more_is_kept_than_allowed() -> None:
    events = history("aadd")
    store = MemoryStore()
    log = MemoryLog(events)
    projector = Projector(ORDERS, log, Tail(log), store, "me")
    checkpoint = await store.claim(ORDERS, "me", POSITIONS)
    assert checkpoint is not None
    at_hand = WorkingSet(ORDERS, store, kept=1)

    checkpoint = await projector._step(checkpoint, events[:2], at_hand)
    await projector._step(checkpoint, events[2:], at_hand)

    assert len(store.loaded) == 1
    assert store.documents == folded(events)


async def test_positions_are_told_once_they_are_committed() -> None:
    events = history("aadA")
    store = MemoryStore()
    told: list[tuple[int, int]] = []
    log = MemoryLog(events)
    projector = Projector(
        ORDERS,
        log,
        Tail(log),
        store,
        "me",
        poll=0.001,
        batch=2,
        moved=lambda position: told.append((position, store.checkpoint.position)),
    )

    running = asyncio.create_task(projector.run())
    async with asyncio.timeout(5):
        while len(told) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    running.cancel()
    await asyncio.wait([running])

    assert told == [(2, 2), (3, 3), (4, 4)]


async def test_whoever_cannot_get_on_gives_its_lease_up() -> None:
    log = Recorder()
    log.record("order", OrderId(f"ord_{1:032x}"), OrderDelivered(customer_id=ANN))
    store = MemoryStore()
    memory = MemoryLog(log.events)
    projector = Projector(ORDERS, memory, Tail(memory), store, "me", pause=60)

    running = asyncio.create_task(projector.run())
    async with asyncio.timeout(5):
        while projector.failure is None:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    await asyncio.sleep(0)

    assert store.owner is None
    running.cancel()
    await asyncio.wait([running])


async def test_it_is_no_failure_that_somebody_else_projects() -> None:
    class Taken(MemoryStore):
        async def claim(self, projection: AnyProjection, owner: str, positions: Positions) -> Checkpoint | None:
            return None

    memory = MemoryLog([])
    projector = Projector(ORDERS, memory, Tail(memory), Taken(), "me")
    vars(projector)["failure"] = "stepped back"

    running = asyncio.create_task(projector.run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert projector.failure is None
    running.cancel()
    await asyncio.wait([running])
