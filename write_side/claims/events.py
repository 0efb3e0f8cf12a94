"""What happens to a claim. `holder` is the id of the customer or product that has the value."""

from write_side.kernel.events import Event


class ValueClaimed(Event, name="value-claimed"):
    """The value belongs to `holder` from now on."""

    holder: str


class ValueReleased(Event, name="value-released"):
    """The value is free again."""

    holder: str


ClaimEvent = ValueClaimed | ValueReleased
