"""Documents that are parked on an open shop: shown, retried, discarded, and what a rebuild makes of them."""

from dataclasses import replace
from typing import Annotated

import pytest
from typing_extensions import Doc

from projections.kernel.dead_letters import Remedy
from projections.kernel.documents import StreamDocument, document
from projections.kernel.generations import Alias, Generation
from projections.kernel.projection import Key, Projection
from projections.kernel.projector import Pace
from server.embedded import DatabaseUrls
from server.letters import NoDeadLetter, ask, list_all, show
from server.runs import rebuild
from server.settings import Settings
from server.wiring import migrate, open_backend, open_stores
from tests.system.orders import a_customer, accepted
from tests.system.paper import Paper
from write_side.customers.events import CustomerRegistered, CustomerRenamed
from write_side.kernel.events import Recorded
from write_side.kernel.positions import LogPosition
from write_side.terms.ids import CustomerId


@document(many="guests", stream="customer")
class Guest(StreamDocument):
    """A customer's name."""

    id: CustomerId
    name: Annotated[str, Doc("As it is now.")]


def guests(unwelcome: set[str]) -> Projection[Guest]:
    """Names of customers; those that are not welcome cannot be folded."""
    projection = Projection(Guest, version=1)

    @projection.starts(CustomerRegistered)
    def registered(event: Recorded[CustomerRegistered]) -> Guest:
        return Guest(id=CustomerId(event.key), name=event.event.name)

    @projection.on(CustomerRenamed)
    def renamed(guest: Guest, event: Recorded[CustomerRenamed]) -> Guest:
        if event.event.name in unwelcome:
            raise ValueError(event.event.name)
        return replace(guest, name=event.event.name)

    return projection


async def test_parked_documents_are_shown_retried_and_discarded(settings: Settings, urls: DatabaseUrls) -> None:
    paper, unwelcome = Paper(), {"Nobody", "Somebody"}
    projection = guests(unwelcome)
    await migrate(settings, urls)
    pace = Pace(lease=0.6)
    async with open_stores(settings, urls) as stores:
        await stores.generations.prepare(projection, await stores.log.head())
        async with open_backend(settings, urls, project=True, projections=[projection], pace=pace) as backend:
            one, other = Key(await a_customer(backend)), Key(await a_customer(backend))
            await accepted(backend, "RenameCustomer", customerId=one, name="Nobody")
            parked = await backend.log.head()
            await accepted(backend, "RenameCustomer", customerId=other, name="Somebody")
            await accepted(backend, "RenameCustomer", customerId=one, name="Carla")
            assert await backend.checkpoints.reached(projection, await backend.log.head(), 30)

            await list_all(stores, [projection], paper.console, paper.console)
            await show(stores, [projection], one, paper.console)
            assert f"{parked:,} customer-renamed" in paper.text
            assert "lacks everything from event" in paper.text
            assert "Nobody" not in paper.text

            assert not await ask(stores, [projection], one, Remedy.RETRY, paper.console, patience=30)
            assert f"{one} of guests stays parked: ValueError" in paper.text

            other_event = LogPosition(parked + 1)
            assert not await ask(stores, [projection], one, Remedy.DISCARD, paper.console, patience=30, event=other_event)
            assert "not parked at that event any more" in paper.text
            assert await ask(stores, [projection], one, Remedy.DISCARD, paper.console, patience=30, event=parked), (
                paper.text
            )
            assert f"{one} of guests does without event {parked:,} (customer-renamed) until it is rebuilt" in paper.text
            unwelcome.clear()
            assert await ask(stores, [projection], None, Remedy.RETRY, paper.console, patience=30), paper.text
            found = {
                each["_id"]: each["name"] async for each in stores.collections.documents(Generation(projection, 1)).find()
            }
            assert found == {one: "Carla", other: "Somebody"}
            assert await stores.dead_letters.find([projection]) == []
            assert await ask(stores, [projection], None, Remedy.RETRY, paper.console, patience=30)
            assert "no document is parked" in paper.text
            with pytest.raises(NoDeadLetter):
                await ask(stores, [projection], one, Remedy.RETRY, paper.console, patience=30)

            unwelcome.add("Nobody")
            await accepted(backend, "RenameCustomer", customerId=one, name="Nobody")
            assert await backend.checkpoints.reached(projection, await backend.log.head(), 30)

        # Nobody projects any more.
        assert not await ask(stores, [projection], one, Remedy.RETRY, paper.console, patience=30)
        assert "no projector works on guests" in paper.text
        assert not await rebuild(stores, [projection], paper.console, back=False, force=False)
        assert "has 1 dead letter:" in paper.text
        assert await stores.generations.alias(projection) == Alias(stores.log.positions.log_id, 1, 2)
        assert await rebuild(stores, [projection], paper.console, back=False, force=True), paper.text
        assert await stores.generations.alias(projection) == Alias(stores.log.positions.log_id, 2, former=1)
