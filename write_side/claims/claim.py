"""The state of a claim: who holds the value."""

from typing import assert_never

from write_side.claims.events import ClaimEvent, ValueClaimed, ValueReleased
from write_side.kernel.streams import Stream, StreamKind
from write_side.terms.ids import ClaimId

Holder = str | None
"""Id of what holds the value; None while it is free."""


def evolve(holder: Holder, event: ClaimEvent) -> Holder:
    """Who holds the value after `event`."""
    match event:
        case ValueClaimed():
            return event.holder
        case ValueReleased():
            return None
        case _:
            assert_never(event)


SKU_CLAIM: StreamKind[Holder] = StreamKind("sku", ClaimId, ClaimEvent, initial=None, evolve=evolve)
EMAIL_CLAIM: StreamKind[Holder] = StreamKind("email", ClaimId, ClaimEvent, initial=None, evolve=evolve)


def sku_claim(sku: str) -> Stream[Holder]:
    """The stream that decides whose SKU it is."""
    return SKU_CLAIM.of(ClaimId.for_value(sku))


def email_claim(email: str) -> Stream[Holder]:
    """The stream that decides whose e-mail address it is."""
    return EMAIL_CLAIM.of(ClaimId.for_value(email))
