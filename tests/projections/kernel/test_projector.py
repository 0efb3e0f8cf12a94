"""The projector on an in-memory log and store: batches, fan-outs in chunks, fences, and what stops it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.kernel.claim import Claim
from projections.kernel.dead_letters import DeadLetter, Remedy
from projections.kernel.generations import Alias, Checkpoint, Generation
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.projector import Pace, Projector
from projections.kernel.scenario import OPENED, POSITIONS, Recorder, fold_all
from projections.kernel.shapes import Stored
from projections.kernel.storing import Work
from projections.kernel.tail import Tail
from projections.read_models.orders import ORDERS
from tests.projections.kernel.memory import MemoryGenerations, MemoryLog, MemoryStore, now
from write_side.customers.events import CustomerRenamed
from write_side.kernel.events import Recorded, Unreadable
from write_side.kernel.positions import LogId, LogPosition
from write_side.orders.events import OrderDelivered, OrderLine, OrderPlaced
from write_side.terms.address import Address
from write_side.terms.ids import CustomerId, OrderId, ProductId
from write_side.terms.money import Money

ANN, EVE = CustomerId(f"cus_{1:032x}"), CustomerId(f"cus_{2:032x}")
LINE = OrderLine(product_id=ProductId(f"prd_{1:032x}"), sku="T", name="Teapot", quantity=1, unit_price=Money.zero("EUR"))
HOME = Address(lines=("Lindenweg 4",), city="Bern", postcode="3006", country_code="CH")


def projector_of(log: MemoryLog, store: MemoryStore, owner: str = "me", **given: Any) -> Projector:
    generations = given.pop("generations", None) or MemoryGenerations(store)
    moved = given.pop("moved", None)
    pace = Pace(**{"poll": 0.001, "pause": 0.0} | given)
    return Projector(ORDERS, log, Tail(log), store, generations, owner, now, pace=pace, moved=moved)


async def project(
    events: Sequence[Recorded], store: MemoryStore, *, seconds: float = 5, batch: int = 1_000, chunk: int = 1_000
) -> Projector:
    """Runs a projector until the store has reached the end of the log."""
    made = projector_of(MemoryLog(events), store, batch=batch, chunk=chunk)
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


@settings(max_examples=60)
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


async def test_who_loses_the_lease_steps_back_and_takes_it_again_when_it_may() -> None:
    events = history("aaa")
    store = MemoryStore()
    log = MemoryLog(events[:2])
    projector = projector_of(log, store, lease=0.003)
    running = asyncio.create_task(projector.run())
    await until(lambda: store.checkpoint.position == 2)

    store.owner, store.taken = "another", True
    await until(lambda: store.failure is None and store.owner == "another")
    store.owner, store.taken, log.events = None, False, events

    await until(lambda: store.checkpoint.position == 3)
    assert store.documents == folded(events)
    running.cancel()
    await asyncio.wait([running])


def test_who_says_nothing_is_replaced_within_five_seconds() -> None:
    """A second of them is for what the one that takes over has to read first."""
    assert Pace().lease + Pace().look <= 4


async def test_what_touches_nobody_knows_what_stops_visibly_and_moves_nothing_past_it() -> None:
    placed = history("a")
    unreadable = Unreadable(stored_name="order-placed", stored_schema=9, error="?")
    broken = placed[0]._replace(position=LogPosition(2), event=unreadable)
    store = MemoryStore()

    projector = projector_of(MemoryLog([*placed, broken]), store)
    running = asyncio.create_task(projector.run())
    await until(lambda: projector.failure is not None)

    assert store.checkpoint.position == 1
    unread = "orders cannot read the event order-placed (schema version 9) at 2: ?"
    assert projector.failure == f"stopped at what it cannot do ({unread})"
    running.cancel()
    await asyncio.wait([running])


async def test_where_nothing_is_served_it_builds_and_then_follows() -> None:
    events = history("aadAa")
    store = MemoryStore()
    log = MemoryLog(events[:3])
    generations = MemoryGenerations(store, known=None, behind=2)
    running = asyncio.create_task(projector_of(log, store, generations=generations).run())
    await until(lambda: generations.known is not None and generations.known.serving == 1)

    log.events = events

    await until(lambda: store.checkpoint.position == len(events))
    assert store.documents == folded(events)
    assert generations.completed == [Generation(ORDERS, 1)]
    running.cancel()
    await asyncio.wait([running])


async def test_who_claims_what_is_served_no_more_goes_on_with_what_is() -> None:
    """It was switched from after it was looked at: nobody would fence that claim off."""
    events = history("aadA")
    written: list[int] = []

    class Store(MemoryStore):
        async def commit(self, generation: Generation, owner: str, work: Work) -> None:
            written.append(generation.number)
            await super().commit(generation, owner, work)

    class Switched(MemoryGenerations):
        async def alias(self, projection: AnyProjection) -> Alias | None:
            seen, self.known = self.known, Alias(POSITIONS.log_id, 2, former=1)
            return seen

    store = Store()
    running = asyncio.create_task(projector_of(MemoryLog(events), store, generations=Switched(store)).run())
    await until(lambda: store.checkpoint.position == len(events))
    running.cancel()
    await asyncio.wait([running])

    assert set(written) == {2}


async def test_what_was_made_for_another_log_stops_it() -> None:
    store = MemoryStore()
    generations = MemoryGenerations(store, known=Alias(LogId(UUID(int=9)), 1))
    projector = projector_of(MemoryLog(history("a")), store, generations=generations)
    running = asyncio.create_task(projector.run())

    await until(lambda: projector.failure is not None)

    assert store.commits == 0
    running.cancel()
    await asyncio.wait([running])


async def test_a_repair_that_is_asked_for_is_done_under_the_lease() -> None:
    events = history("ad")
    store = MemoryStore()
    await project(events, store)
    order = Key(events[0].key)
    whole = store.documents[order]
    store.documents[order] = folded(events[:1])[order]
    letter = DeadLetter(order, events[1].position, "order-delivered", "Cracked", "", 3, now(), Remedy.RETRY)
    store.letters = {order: letter}

    running = asyncio.create_task(projector_of(MemoryLog(events), store, lease=0.003).run())

    await until(lambda: not store.letters)
    assert store.documents[order] == whole
    running.cancel()
    await asyncio.wait([running])


async def test_a_long_outage_does_not_end_it() -> None:
    events = history("a")
    store = MemoryStore(crash_before=frozenset(range(1, 1_200)))

    await project(events, store, seconds=30)

    assert store.documents == folded(events)


async def test_positions_are_told_once_they_are_committed() -> None:
    events = history("aadA")
    store = MemoryStore()
    told: list[tuple[int, int]] = []

    def moved(claim: Claim) -> None:
        told.append((claim.checkpoint.position, store.checkpoint.position))

    running = asyncio.create_task(projector_of(MemoryLog(events), store, batch=2, moved=moved).run())
    await until(lambda: len(told) == 3)
    running.cancel()
    await asyncio.wait([running])

    assert told == [(2, 2), (3, 3), (4, 4)]


async def test_whoever_cannot_get_on_gives_its_lease_up_and_leaves_word() -> None:
    store = MemoryStore(crash_before=frozenset(range(1, 10)))
    projector = projector_of(MemoryLog(history("a")), store, pause=60)
    running = asyncio.create_task(projector.run())

    await until(lambda: store.failure is not None and store.owner is None)

    assert store.failure == "waits for a database (StoreUnavailable)"
    running.cancel()
    await asyncio.wait([running])


class Unreleased(MemoryStore):
    """Does not take a lease back, for a reason that nobody has thought of."""

    async def release(self, generation: Generation, owner: str, failure: str | None = None) -> None:
        raise LookupError("no such thing")


async def test_it_goes_on_though_its_lease_cannot_be_given_up() -> None:
    events = history("aaa")
    store = Unreleased(crash_before=frozenset({1}))

    await project(events, store)

    assert store.documents == folded(events)


async def test_it_is_no_failure_that_somebody_else_projects() -> None:
    store = MemoryStore(taken=True)
    projector = projector_of(MemoryLog([]), store)
    vars(projector)["failure"] = "stepped back"

    running = asyncio.create_task(projector.run())

    await until(lambda: projector.failure is None)
    running.cancel()
    await asyncio.wait([running])


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not done():  # noqa: ASYNC110 - what is waited for is not the test's to wake
            await asyncio.sleep(0.001)
