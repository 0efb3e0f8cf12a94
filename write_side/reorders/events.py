"""What happens to the reorders of a product. Their stream's key is the product's id; one reorder follows the other."""

from write_side.kernel.events import Event


class ReorderNeeded(Event, name="reorder-needed"):
    """Fewer units can be sold than the product's reorder level. The stock is as it was found."""

    sku: str
    name: str
    on_hand: int
    reserved: int
    level: int


class ReorderCovered(Event, name="reorder-covered"):
    """The product need not be ordered again: enough can be sold, its level was lowered, or it is sold no more."""


ReorderEvent = ReorderNeeded | ReorderCovered
