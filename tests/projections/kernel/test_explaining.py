"""Explaining: the event that should have made a field what it is not."""

from collections.abc import Sequence

from projections.kernel.differences import Difference, FieldDifference, Kind
from projections.kernel.explaining import WHOLE, Explaining, Maker
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.scenario import OPENED, Recorder
from tests.projections.kernel.fragile import jar, jars, story
from tests.projections.kernel.library import BOOKS, EMMA, EMMA_BOUGHT, HALL, SHELVES, BookMoved, BookRetitled
from tests.projections.kernel.memory import MemoryLog
from write_side.kernel.events import Recorded
from write_side.kernel.positions import LogPosition

JARS = jars()


def differs(key: str, *paths: str) -> Difference:
    return Difference(Key(key), Kind.DIFFERENT, tuple(FieldDifference(path, "wrong", "right") for path in paths))


async def explained(
    events: Sequence[Recorded], *differences: tuple[AnyProjection, Difference], to: int | None = None
) -> list[dict[str, tuple[int, str]]]:
    """By path, the place and name of the event."""
    explaining = Explaining(MemoryLog(events), OPENED, batch=2)
    found = await explaining.explain(differences, LogPosition(len(events) if to is None else to))
    return [{path: (maker.position, maker.event) for path, maker in makers.items()} for makers in found]


async def test_the_last_event_that_changed_it() -> None:
    events = story(["m1", "m2", "f1", "n1", "f1", "f2"])

    found = await explained(
        events,
        (JARS, differs(jar(1), "contents.0", "contents.1", "ownerName", "owner")),
        (JARS, differs(jar(2), "ownerName")),
    )

    assert found == [
        {
            "contents.0": (3, "jar-filled"),
            "contents.1": (5, "jar-filled"),
            "ownerName": (4, "owner-renamed"),
            "owner": (1, "jar-made"),
        },
        {"ownerName": (4, "owner-renamed")},
    ]


async def test_events_past_the_place_of_the_comparison_do_not_count() -> None:
    events = story(["m1", "n1", "n1", "n1"])

    assert await explained(events, (JARS, differs(jar(1), "ownerName")), to=3) == [{"ownerName": (3, "owner-renamed")}]


async def test_a_document_that_is_missing_should_have_been_made_by_its_first_event() -> None:
    events = story(["m1", "m2", "f2", "n1"])
    missing, extra = Difference(Key(jar(2)), Kind.MISSING), Difference(Key(jar(9)), Kind.EXTRA)

    assert await explained(events, (JARS, missing), (JARS, extra)) == [{WHOLE: (2, "jar-made")}, {}]


async def test_what_a_document_is_born_with_no_event_has_made() -> None:
    log = Recorder()
    log.record("book", EMMA, EMMA_BOUGHT)
    log.record("book", EMMA, BookMoved(shelves=("hall",)))
    log.record("book", EMMA, BookRetitled(title="Emma!"))

    found = await explained(
        log.events, (SHELVES, differs(HALL, "moves", "since")), (BOOKS, differs(EMMA, "title", "_keys.title"))
    )

    retitled = (3, "book-retitled")
    assert found == [{"moves": (2, "book-moved")}, {"title": retitled, "_keys.title": retitled}]


async def test_what_a_fold_refuses_ends_its_story_only() -> None:
    events = story(["m1", "m2", "f1", "f1", "f2"])
    broken = jars({(jar(1), 4)})

    found = await explained(events, (broken, differs(jar(1), "version")), (broken, differs(jar(2), "version")))

    assert found == [{"version": (3, "jar-filled")}, {"version": (5, "jar-filled")}]


async def test_it_says_when_it_happened() -> None:
    events = story(["m1", "f1"])

    [found] = await Explaining(MemoryLog(events), OPENED).explain([(JARS, differs(jar(1), "contents.0"))], LogPosition(2))

    assert found == {"contents.0": Maker(LogPosition(2), "jar-filled", events[1].occurred_at)}
