"""What the ports answer in one exchange: settled for each call that will be made, so that two executions hear the same."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from projections.kernel.errors import BadPlace, NotReady, ReadTimeout, StoreUnavailable, TooFarBehind
from projections.kernel.fields import Fields
from projections.kernel.generations import State
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Page, PageRequest
from projections.kernel.shapes import Stored
from projections.kernel.status import GenerationStatus
from tests.schema.fakes import at
from tests.schema.operations.arguments import Draw
from tests.schema.operations.stored import documents
from write_side.kernel.errors import Contention, LogUnavailable
from write_side.kernel.positions import LogPosition
from write_side.kernel.refusals import CommandIdReused, Refusal, VersionConflict

Asked = Key | PageRequest
"""What a read asks of a projection: a document, or a page. Pages are asked for as if all of them were wanted."""


@dataclass(frozen=True)
class Read:
    """A read as a port was asked for it, with the fields that were wanted of its documents."""

    projection: AnyProjection
    asked: Asked
    fields: Fields


Told = tuple[Refusal, ...] | Exception
"""What becomes of a command: it is refused, accepted if for no reason, or it fails."""

EMPTY = Page([], [], False, 0, LogPosition(9))
PARKED = tuple(map(LogPosition, (1, 21, 60, 100)))
STATUSES = tuple(
    GenerationStatus("books", "v1", 1, state, LogPosition(90), behind, 0.25, rate, moved, 1, True, None, ("late",))
    for state, behind, rate, moved in (
        (State.SERVED, 10, 12.5, datetime(2026, 1, 31, tzinfo=UTC)),
        (State.BUILDING, 0, None, None),
        # What GraphQL cannot answer.
        (State.LEFT, 2**31, 1.0, None),
        (State.LEFT, 0, float("inf"), None),
    )
)
ERRORS = (StoreUnavailable("x"), NotReady("x"), ReadTimeout("x"), RuntimeError("a secret"))
OUTCOMES: tuple[Told, ...] = (
    (),
    (CommandIdReused(),),
    (VersionConflict(3, 4), CommandIdReused()),
    LogUnavailable("x"),
    Contention(3),
)


@dataclass(frozen=True)
class Answers:
    """What the ports answer, or raise. `outcomes` are of commands in their order, over and over.

    The log's word on a document is what is found too, or `unfolded`. `soon` is how far projections get while they are
    waited for; `at_least` and `wait` are the request's headers. `parked` are documents, each with the first position that
    is not in it.
    """

    finds: Mapping[tuple[str, Key], Stored | Exception | None] = field(default_factory=dict)
    pages: Mapping[tuple[str, str], Page | Exception] = field(default_factory=dict)
    outcomes: tuple[Told, ...] = ((),)
    unfolded: Exception | None = None
    soon: int = 100
    at_least: str | None = None
    wait: str | None = None
    parked: Mapping[Key, LogPosition] = field(default_factory=dict)
    statuses: tuple[GenerationStatus, ...] = ()


@st.composite
def behaviours(draw: Draw) -> Answers:
    """Answers to everything but reads: most commands are accepted, most requests demand nothing by their headers."""
    told = draw(st.lists(st.sampled_from([(), (), (), *OUTCOMES]), min_size=1, max_size=3))
    headers = st.sampled_from(
        [(None, None)] * 12 + [(None, "?"), (at(60), "10ms"), (at(20), None), (at(101), None), ("?", None)]
    )
    at_least, wait = draw(headers)
    unfolded = (None, None, TooFarBehind(10_001), LogUnavailable("x"), ZeroDivisionError())
    soon, error = draw(st.sampled_from([(100, None), *((55, error) for error in unfolded)]))
    statuses = draw(st.lists(st.sampled_from(STATUSES), max_size=3))
    return Answers(
        outcomes=tuple(told),
        unfolded=error,
        soon=soon,
        at_least=at_least,
        wait=wait,
        statuses=tuple(statuses),
    )


@st.composite
def answers(draw: Draw, behaviour: Answers, reads: Collection[Read]) -> Answers:
    """Answers to these reads. In one of two trials reads may fail, and documents are damaged where readers see it; in the
    other all is well.
    """
    trouble = draw(st.booleans())
    finds: dict[tuple[str, Key], Stored | Exception | None] = {}
    pages: dict[tuple[str, str], Page | Exception] = {}
    for read in reads:
        if isinstance(read.asked, PageRequest):
            pages[read.projection.name, repr(read.asked)] = draw(_pages(read.projection, read.asked, read.fields, trouble))
        else:
            finds[read.projection.name, read.asked] = draw(_finds(read.projection, read.fields, trouble))
    listed = [stored.get("_id") for page in pages.values() if isinstance(page, Page) for stored in page.documents]
    keys = sorted({key for _, key in finds} | {Key(key) for key in listed if isinstance(key, str)})
    parked = st.dictionaries(st.sampled_from(keys), st.sampled_from(PARKED), max_size=3)
    return replace(behaviour, finds=finds, pages=pages, parked=draw(parked) if keys and draw(st.booleans()) else {})


@st.composite
def _finds(draw: Draw, projection: AnyProjection, fields: Fields, trouble: bool) -> Any:
    kind = draw(st.sampled_from(["document"] * 8 + ["none", "error"] * trouble))
    if kind == "document":
        return draw(documents(projection, fields, most_damages=3 * trouble))
    return None if kind == "none" else draw(st.sampled_from(ERRORS))


@st.composite
def _pages(draw: Draw, projection: AnyProjection, request: PageRequest, fields: Fields, trouble: bool) -> Any:
    if trouble and draw(st.integers(0, 9)) == 9:
        return draw(st.sampled_from([*ERRORS, BadPlace("cannot be")]))
    # One damage, where null may not be, is the end of the whole answer: more would never be seen.
    most = draw(st.sampled_from([0, 1, 1])) if trouble else 0
    found = draw(st.lists(documents(projection, fields, most_damages=most), max_size=3))
    places = [(draw(st.sampled_from(["", "a", "ü", "5"])), Key(f"key_{index}")) for index in range(len(found))]
    total = draw(st.sampled_from([0, 3, 10**6] * 4 + [2**31, None] * trouble)) if request.with_total else None
    return Page(found, places, draw(st.booleans()), total, LogPosition(draw(st.integers(0, 99))))
