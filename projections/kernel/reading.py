"""The ports of reading: one document, one page, how fresh they are, what is served, and what is fresher than stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from projections.kernel.conditions import Condition
from projections.kernel.documents import OrderBy
from projections.kernel.fields import EVERYTHING, Fields
from projections.kernel.generations import Generation
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogPosition

SortKey = tuple[str, Key]
"""A place in an order: the text of the sort key, and the id that breaks ties. What a cursor carries."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a page is to hold: documents that meet all `conditions` and `search`, `size` of them, in an order.

    `backward` takes the last ones of the range between `after` and `before` instead of the first; the answer's documents
    are in the order asked for all the same. `search` is words that a document must all contain. Of each document comes
    what `fields` names, and maybe more. What is not asked for costs nothing: `with_places` for cursors, `with_more` for
    whether there are more, `with_total` for how many there are.

    Equal requests may be answered by one read.
    """

    order: OrderBy
    size: int
    conditions: tuple[Condition, ...] = ()
    search: tuple[str, ...] = ()
    after: SortKey | None = None
    before: SortKey | None = None
    backward: bool = False
    with_total: bool = False
    fields: Fields = EVERYTHING
    with_places: bool = True
    with_more: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """A page: stored documents, and if asked their places, whether there are more beyond its far end, and the total.

    `position` is the checkpoint of the generation that was read, noted before the read was sent. `rendered` is what readers
    of this very page have made of it, by who made it: equal readers serialise once. It lives as long as the page.
    """

    documents: list[Stored]
    places: list[SortKey]
    has_more: bool
    total: int | None
    position: LogPosition
    rendered: dict[object, bytes] = field(default_factory=dict, compare=False, repr=False)


class Documents(Protocol):
    """Reads of the served generation of each projection. All raise `StoreUnavailable`, `ReadTimeout`, `NotReady`.

    What they answer may be others' answer too: it is not to be changed. An object that is null may be left out of a
    document of which only some fields were asked for.
    """

    async def find(self, projection: AnyProjection, key: Key, fields: Fields = EVERYTHING) -> Stored | None:
        """The stored document with `fields`, and maybe more; None when there is none."""
        ...

    async def page(self, projection: AnyProjection, request: PageRequest) -> Page:
        """One page. Raises `BadPlace` too."""
        ...


AskedPage = tuple[AnyProjection, PageRequest]
"""A page of a projection's documents."""


class Reads(Protocol):
    """Reads, each a command of its own. They raise as `Documents` does."""

    async def many(self, projection: AnyProjection, keys: Sequence[Key], fields: Fields) -> Mapping[Key, Stored]:
        """Those of the documents that are there, with `fields`, by key. `keys` has none twice."""
        ...

    async def pages(self, asked: Sequence[AskedPage]) -> Sequence[Page]:
        """Pages, at least one, in their order. Their positions are noted now: it is sent. Raises `BadPlace` too."""
        ...


class Freshness(Protocol):
    """What a process knows of the projections' checkpoints, without reading."""

    def checkpoint(self, projection: AnyProjection) -> LogPosition:
        """The last position that the projection has folded, as far as this process has heard. Never goes back.

        Raises `NotReady`.
        """
        ...

    def mended(self, projection: AnyProjection) -> LogPosition | None:
        """Where the projection stood when documents were last changed without its moving on, None if they never were.

        They were repaired, or another generation was switched to that differs: what was told up to there, or before, may be
        outdated, though no position says so. Raises `NotReady`.
        """
        ...

    async def reached(self, projection: AnyProjection, position: LogPosition, seconds: float) -> bool:
        """Waits until the projection has folded `position`, at most so long; whether it has. Raises `NotReady`."""
        ...


class Replays(Protocol):
    """Documents ahead of their projection, that is behind: what is stored, and the log's events folded over it."""

    async def find(self, projection: AnyProjection, key: Key, to: LogPosition) -> Stored | None:
        """The document as it is at `to` or later, whole; None when there is none. One read of each database.

        Raises as `Documents` does, `LogUnavailable`, `TooFarBehind` where more events are pending than are folded for one
        read, and whatever a fold raises.
        """
        ...


class Served(Protocol):
    """What a process knows of which generation is served, without reading."""

    def generation(self, projection: AnyProjection) -> Generation:
        """The generation to read. Raises `NotReady` where there is none yet, or only one of another log."""
        ...

    def parked(self, projection: AnyProjection) -> Mapping[Key, LogPosition]:
        """The documents of that generation that are behind, by key, each with the first position that is not in it.

        As far as this process has heard. Not to be changed.
        """
        ...
