"""The ports of reading: one document, one page, and how fresh they are. One call is one command of the database."""

from dataclasses import dataclass
from typing import Protocol

from projections.kernel.conditions import Condition
from projections.kernel.documents import OrderBy
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogPosition

SortKey = tuple[str, Key]
"""A place in an order: the text of the sort key, and the id that breaks ties. What a cursor carries."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a page is to hold: documents that meet all `conditions` and `search`, `size` of them, in an order.

    `backward` takes the last ones of the range between `after` and `before` instead of the first; the answer's documents
    are in the order asked for all the same. `search` is words that a document must all contain.
    """

    order: OrderBy
    size: int
    conditions: tuple[Condition, ...] = ()
    search: tuple[str, ...] = ()
    after: SortKey | None = None
    before: SortKey | None = None
    backward: bool = False
    with_total: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page: stored documents with their places, whether there are more beyond its far end, and the total if asked.

    `position` is the checkpoint of the generation that was read, noted before the read was sent.
    """

    documents: list[Stored]
    places: list[SortKey]
    has_more: bool
    total: int | None
    position: LogPosition


class Documents(Protocol):
    """Reads of the served generation of each projection. All raise `StoreUnavailable`, `ReadTimeout`, `NotReady`."""

    async def find(self, projection: AnyProjection, key: Key) -> Stored | None:
        """The stored document, or None."""
        ...

    async def page(self, projection: AnyProjection, request: PageRequest) -> Page:
        """One page."""
        ...


class Freshness(Protocol):
    """What a process knows of the projections' checkpoints, without reading."""

    def checkpoint(self, projection: AnyProjection) -> LogPosition:
        """The last position that the projection has folded, as far as this process has heard."""
        ...

    async def reached(self, projection: AnyProjection, position: LogPosition, seconds: float) -> bool:
        """Waits until the projection has folded `position`, at most so long; whether it has."""
        ...
