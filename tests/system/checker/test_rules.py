"""The rules themselves: what is as promised passes, and each way of breaking a promise is found."""

from collections.abc import Iterator

import pytest

from tests.system.checker.histories import History, State
from tests.system.checker.records import Accepted, DocumentRead, Opened, PageRead, Pushed, Records, Sighting, Stale, Watch
from tests.system.checker.rules import findings, read_document, read_page
from tests.system.checker.subjects import ORDER, Content, One, Subject, orders
from tests.system.checker.watched import LAST, ORDERED, TOLD, TRUE, watched

PLACED, PAID, SHIPPED = {"status": "PLACED"}, {"status": "PAID"}, {"status": "SHIPPED"}


def state(position: int, content: Content) -> State:
    """A state of the second that its position says."""
    return State(position, float(position), content)


# a and b are placed, c never comes to be paid, and 6 touches a and c at once.
HISTORY = History(
    {
        "a": [state(1, PLACED), state(4, PAID), state(6, {**PAID, "name": "Ann"}), state(9, SHIPPED)],
        "b": [state(2, PLACED), state(5, PAID)],
        "c": [state(3, PLACED), state(6, {**PLACED, "name": "Ann"})],
    }
)
MUCH_LATER = 100.0
OPEN = orders(status=("PLACED",))
Told = list[Opened | Pushed | PageRead]


def seen(key: str, position: int) -> Sighting:
    """A document as it was at a position at which it changed."""
    found = HISTORY.at(key, position)
    assert found is not None
    return Sighting(key, position, found.content)


def updated(key: str, at: int, told: int | None = None, moment: float = 0.0) -> Pushed:
    """A change that came at once, or in the second `moment`."""
    told = at if told is None else told
    return Pushed("UPDATED", told, moment or told, key, seen(key, at))


def snapshot(key: str, at: int, told: int) -> Pushed:
    return Pushed("SNAPSHOT", told, told, key, seen(key, at))


def left(key: str, told: int) -> Pushed:
    return Pushed("LEFT", told, told, key)


def page(position: int, *shown: Sighting, demand: int = 0, stale: Stale | None = None) -> PageRead:
    return PageRead("one", OPEN, demand, position, shown, MUCH_LATER, stale)


def document(at: int | None, demand: int, stale: Stale | None = None) -> DocumentRead:
    return DocumentRead("one", ORDER, "a", demand, None if at is None else seen("a", at), stale)


def broken(subject: Subject, *told: Opened | Pushed | PageRead, left: bool = False) -> set[str]:
    """The rules that are broken in a watch."""
    return {rule for rule, _ in watched(Watch("one", subject, list(told), left), HISTORY)}


# ---------------------------------------------------------------- reads


@pytest.mark.parametrize(
    "read",
    [document(4, 4), document(4, 5), document(6, 4), document(9, 100), document(None, 0), document(4, 7, Stale(5, 2))],
)
def test_a_read_that_is_as_fresh_as_demanded(read: DocumentRead) -> None:
    assert list(read_document(read, HISTORY)) == []


@pytest.mark.parametrize("read", [document(1, 4), document(4, 6), document(None, 1), document(1, 7, Stale(5, 2))])
def test_a_read_that_is_not(read: DocumentRead) -> None:
    [what] = read_document(read, HISTORY)
    assert "was due" in what


@pytest.mark.parametrize("stale", [Stale(5, 1), Stale(5, 3), Stale(7, 0), Stale(8, -1)])
def test_an_answer_that_says_wrongly_what_it_lacks(stale: Stale) -> None:
    assert any("it says to be" in what for what in read_document(document(6, 7, stale), HISTORY))


@pytest.mark.parametrize("torn", [Sighting("a", 4, PLACED), Sighting("a", 5, PAID), Sighting("z", 4, PAID)])
def test_a_document_that_never_was_like_that(torn: Sighting) -> None:
    assert list(read_document(DocumentRead("one", ORDER, torn.key, 0, torn), HISTORY)) != []


def ways_of_a_page() -> Iterator[PageRead]:
    yield page(3, seen("a", 1), seen("b", 2), seen("c", 3), demand=3)
    # What left while it was read may be missing, and what changed may be ahead.
    yield page(3, seen("b", 2), seen("c", 6), demand=2)
    yield page(5, seen("c", 3), demand=6, stale=Stale(5, 1))


@pytest.mark.parametrize("good", list(ways_of_a_page()))
def test_a_page_that_has_all_that_it_says(good: PageRead) -> None:
    assert list(read_page(good, HISTORY)) == []


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (page(3, seen("a", 1), seen("b", 2)), "missing"),
        (page(6, seen("c", 3)), "was due"),
        (page(5, seen("c", 3), demand=6), "does not say so"),
        (page(6, seen("c", 6), seen("a", 6)), "not of those"),
        (page(4, seen("b", 2), seen("c", 3), demand=6, stale=Stale(5, 1)), "says to be of"),
    ],
)
def test_a_page_that_has_not(bad: PageRead, why: str) -> None:
    [what] = read_page(bad, HISTORY)
    assert why in what


# ---------------------------------------------------------------- what is pushed


def test_one_document_followed_to_its_end() -> None:
    told: Told = [Opened(None), snapshot("a", 1, 3), updated("a", 6, 8), Opened(8), snapshot("a", 9, 9)]
    assert broken(One(ORDER, "a"), *told) == set()


def test_one_document_before_it_is_there() -> None:
    told: Told = [Opened(None), Pushed("SNAPSHOT", 0, 0, "b"), updated("b", 2), updated("b", 5)]
    assert broken(One(ORDER, "b"), *told) == set()


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ([snapshot("a", 4, 5), updated("a", 4, 6)], ORDERED),
        ([snapshot("a", 6, 6), updated("a", 4, 6)], ORDERED),
        ([snapshot("a", 4, 5), updated("a", 9, 4)], ORDERED),
        ([snapshot("a", 4, 5), Opened(5), snapshot("a", 4, 5)], ORDERED),
        ([snapshot("a", 6, 6), Opened(None), snapshot("a", 4, 6)], ORDERED),
        ([snapshot("a", 6, 6), Opened(None), Pushed("SNAPSHOT", 6, 6, "a")], ORDERED),
        ([snapshot("a", 1, 5)], TOLD),
        ([snapshot("a", 1, 1), updated("a", 4, 6)], TOLD),
        ([Pushed("SNAPSHOT", 2, 2, "a")], TOLD),
        ([Pushed("UPDATED", 9, 9, "a", Sighting("a", 9, PAID))], TRUE),
        ([Pushed("DELETED", 9, 9, "a")], TRUE),
    ],
)
def test_one_document_that_is_told_wrongly(told: Told, rule: str) -> None:
    assert rule in broken(One(ORDER, "a"), Opened(None), *told, left=True)


def test_one_document_whose_last_change_never_came() -> None:
    assert broken(One(ORDER, "a"), Opened(None), snapshot("a", 6, 8)) == {LAST}
    assert broken(One(ORDER, "a"), Opened(None), snapshot("a", 6, 8), left=True) == set()


def test_a_list_followed_to_its_end() -> None:
    told: Told = [
        page(2, seen("a", 1), seen("b", 2)),
        Opened(2),
        updated("c", 3),
        left("a", 4),
        Opened(4),
        left("b", 5),
        # It was told one short of its event, which touched another one too: so it comes again.
        updated("c", 6, 5),
        Opened(5),
        updated("c", 6),
    ]
    assert broken(OPEN, *told) == set()


def test_a_list_that_has_to_be_read_again() -> None:
    told: Told = [page(1, seen("a", 1)), Opened(1), Pushed("RESYNC", 8, 8, None), page(9, seen("c", 6)), Opened(9)]
    assert broken(OPEN, *told) == set()
    assert broken(OPEN, *told[:-2]) == {LAST}


def test_what_was_on_its_way_while_the_list_was_read_is_in_what_was_read() -> None:
    resync = Pushed("RESYNC", 1, 1, None)
    begun: Told = [page(1, seen("a", 1)), Opened(1), resync, page(5, seen("c", 3)), updated("b", 2), updated("c", 3)]

    # Cut off before it is told that b has left, it goes on after what it has read.
    assert broken(OPEN, *begun, Opened(5), updated("c", 6)) == set()
    assert broken(OPEN, *begun, updated("c", 6, 5), Opened(5), updated("c", 6)) == set()
    assert broken(OPEN, *begun, Opened(5)) == {LAST}
    assert broken(OPEN, *begun, left("c", 3), Opened(5), updated("c", 6)) == {TRUE}


@pytest.mark.parametrize(
    ("told", "rules"),
    [
        # b has left, and does not change any more: that was due with what is past it.
        ([left("a", 4), updated("c", 6)], {TOLD, LAST}),
        ([left("a", 4), left("b", 5)], {LAST}),
        ([updated("b", 2), left("a", 4), left("b", 5), updated("c", 6)], {ORDERED}),
        ([left("a", 4), left("b", 5), updated("c", 6), updated("c", 6)], {ORDERED}),
        ([updated("a", 4), left("a", 4), left("b", 5), updated("c", 6)], {TRUE, TOLD}),
        ([left("a", 4), left("b", 5), updated("c", 6), left("c", 7)], {TRUE, LAST}),
        # Whoever goes on after the position of another one's change has missed what was due before it.
        ([left("a", 4), left("b", 5), Opened(6)], {LAST}),
    ],
)
def test_a_list_that_is_told_wrongly(told: Told, rules: set[str]) -> None:
    begun: Told = [page(3, seen("a", 1), seen("b", 2), seen("c", 3)), Opened(3)]
    assert broken(OPEN, *begun, *told) == rules


def test_a_state_in_a_list_may_come_as_a_later_one_only_if_there_was_one() -> None:
    begun: Told = [page(2, seen("a", 1), seen("b", 2)), Opened(2)]
    end: Told = [left("b", 5), updated("c", 6)]

    assert broken(OPEN, *begun, Pushed("LEFT", 4, 5.5, "a"), *end) == {TOLD}
    assert broken(OPEN, *begun, Pushed("LEFT", 4, 6.5, "a"), *end) == set()


# ---------------------------------------------------------------- all together


def test_all_that_was_noted_is_looked_at() -> None:
    records = Records(
        reads=[document(1, 4)],
        pages=[page(3)],
        watches=[Watch("one", One(ORDER, "a"))],
        accepted=[Accepted("one", command, 9, 1) for command in ("once", "twice", "never", "elsewhere")],
        surprises=["INTERNAL_SERVER_ERROR"],
    )
    commands = {"once": [8, 9], "twice": [4, 9], "elsewhere": [7, 8]}

    found = [finding.rule for finding in findings(records, {"order": HISTORY}, commands)]

    assert found == [
        "an answer that nobody should get",
        *["a command takes effect once"] * 3,
        "a read is as fresh as demanded",
        "a page is as fresh as it says",
        LAST,
    ]
