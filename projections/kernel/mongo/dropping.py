"""Dropping: how a generation goes that nobody needs. Sealed first, in a transaction, and its checkpoint last.

Who is killed in between leaves what the next run finds, and drops.
"""

from projections.kernel.errors import InUse
from projections.kernel.mongo.client import Session
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.leases import FREE
from projections.kernel.mongo.switching import fenced
from projections.kernel.steps import Steps


async def seal(collections: Collections, generation_id: str, session: Session) -> None:
    """Makes sure that nobody works on a generation, or ever will. Raises `InUse`."""
    leases = collections.leases
    sealed = await leases.update_one({"_id": generation_id, **FREE}, {"$set": {"dropping": True}}, session=session)
    if not sealed.matched_count and await leases.find_one({"_id": generation_id}, session=session) is not None:
        raise InUse(f"somebody works on {generation_id}")
    # Its last owner may be paused, and not know that its lease has run out.
    await fenced(collections, {"_id": generation_id}, session, {"owner": None})


async def drop(collections: Collections, generation_id: str, steps: Steps) -> None:
    """Drops a generation that was sealed."""
    await collections.database[generation_id].drop()
    steps("prune: collection dropped")
    await collections.dead_letters.delete_many({"generation": generation_id})
    steps("prune: letters dropped")
    await collections.leases.delete_one({"_id": generation_id})
    steps("prune: lease dropped")
    await collections.checkpoints.delete_one({"_id": generation_id})
    steps("prune: checkpoint dropped")
