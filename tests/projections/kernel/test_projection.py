"""Projections: which documents an event touches, and what the kernel adds to a fold."""

import os
import subprocess
import sys
from datetime import datetime

import pytest

from projections.kernel.conditions import Condition
from projections.kernel.documents import ASC, Document, Filter, OrderBy, document
from projections.kernel.errors import MissingDocument, UnreadableEvent
from projections.kernel.projection import Key, Projection
from projections.kernel.scenario import OPENED, POSITIONS, Recorder, given
from tests.projections.kernel.library import (
    BOOKS,
    EMMA,
    EMMA_BOUGHT,
    HALL,
    PERSUASION,
    SHELVES,
    Book,
    BookBought,
    BookId,
    BookLent,
    BookMoved,
    BookRetitled,
    LibraryClosed,
    ShelfRenamed,
    bought,
)
from write_side.kernel.events import Recorded, Unreadable
from write_side.kernel.positions import START


def test_an_event_touches_the_document_with_its_streams_digits() -> None:
    assert BOOKS.touches(Recorder().record("book", EMMA, EMMA_BOUGHT)) == (Key(EMMA),)


def test_an_event_touches_the_keys_that_it_names_once() -> None:
    moved = BookMoved(shelves=("attic", "hall", "attic"))
    assert SHELVES.touches(Recorder().record("book", EMMA, moved)) == ("shl_attic", "shl_hall")


def test_an_event_touches_what_meets_its_condition() -> None:
    log = Recorder()
    books = given(
        BOOKS,
        log.record("book", EMMA, EMMA_BOUGHT),
        log.record("book", PERSUASION, BookBought(title="Persuasion", shelf="attic")),
    )
    renamed = log.record("shelf", HALL, ShelfRenamed(shelf="hall", name="foyer"))
    assert BOOKS.touches(renamed) == Condition.equal("shelf", "hall")

    after = books.when(renamed)

    assert after.document(EMMA).shelf == "foyer"
    assert after.document(PERSUASION) == books.document(PERSUASION)


def test_an_event_that_it_does_not_know_touches_nothing() -> None:
    assert BOOKS.touches(Recorder().record("library", HALL, LibraryClosed())) == ()
    assert LibraryClosed not in BOOKS.events


def test_an_event_that_could_not_be_read_and_that_it_does_not_know_touches_nothing() -> None:
    assert BOOKS.touches(Recorder().record("book", EMMA, unreadable("library-closed"))) == ()


def test_an_event_that_could_not_be_read_and_that_it_knows_is_an_error() -> None:
    log = Recorder()
    log.record("book", EMMA, EMMA_BOUGHT)

    with pytest.raises(UnreadableEvent) as caught:
        BOOKS.touches(log.record("book", EMMA, unreadable("book-retitled")))

    assert (caught.value.projection, caught.value.event_name) == ("books", "book-retitled")
    assert (caught.value.schema_version, caught.value.position) == (2, 2)


def test_the_kernel_sets_position_and_the_version_of_its_own_stream() -> None:
    log = Recorder()
    log.record("library", HALL, LibraryClosed())
    books = given(BOOKS, log.record("book", EMMA, EMMA_BOUGHT), log.record("book", EMMA, BookRetitled(title="E.")))
    assert books.document(EMMA).version == 2
    assert books.document(EMMA).position == POSITIONS.token(log.events[2].position)

    after = books.when(log.record("shelf", HALL, ShelfRenamed(shelf="hall", name="foyer")))

    assert after.document(EMMA).version == 2
    assert after.document(EMMA).position == POSITIONS.token(log.events[3].position)


def test_a_fold_leaves_its_document_as_it_was() -> None:
    log = Recorder()
    before = given(BOOKS, log.record("book", EMMA, EMMA_BOUGHT))
    before.when(log.record("book", EMMA, BookRetitled(title="E.")))
    assert before.document(EMMA).title == "Emma"


def test_a_document_that_should_be_there_and_is_not() -> None:
    with pytest.raises(MissingDocument) as caught:
        given(BOOKS, Recorder().record("book", EMMA, BookRetitled(title="E.")))
    assert (caught.value.projection, caught.value.key) == ("books", EMMA)


def test_an_optional_document_that_is_not_there() -> None:
    assert given(BOOKS, Recorder().record("book", EMMA, BookLent(reader="Ada"))).documents == {}


def test_an_initial_document_is_made_when_first_touched() -> None:
    event = Recorder().record("book", EMMA, BookMoved(shelves=("attic",)))
    attic = given(SHELVES, event).document("shl_attic")
    assert (attic.moves, attic.since) == (1, event.occurred_at)


def test_seeds_are_there_before_any_event() -> None:
    shelves = given(SHELVES)
    assert list(shelves.documents) == [Key(HALL)]
    hall = shelves.document(HALL)
    assert (hall.moves, hall.since, hall.position) == (0, OPENED, POSITIONS.token(START))


def test_an_event_class_is_folded_once() -> None:
    with pytest.raises(ValueError, match="folds BookBought twice"):
        BOOKS.starts(BookBought)(bought)


def test_what_a_fold_raises_is_raised() -> None:
    books = Projection(Book, version=1)

    @books.starts(BookBought)
    def broken(_event: Recorded[BookBought]) -> Book:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        given(books, Recorder().record("book", EMMA, EMMA_BOUGHT))


def test_the_digest_changes_with_the_shape_and_with_what_is_indexed() -> None:
    variants = [_notes(), _notes(filters=True), _notes(order=True), _notes(search=True), _notes(column=True)]
    assert len({variant.digest for variant in variants}) == len(variants)
    assert all(len(variant.digest) == 8 for variant in variants)


def test_the_digest_stays_when_the_stored_shape_does() -> None:
    assert _notes().digest == _notes(version=2, watched=True).digest


def test_the_digest_is_the_same_in_every_process() -> None:
    program = "from tests.projections.kernel.library import BOOKS; print(BOOKS.digest)"
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2", "3")
    }
    assert digests == {BOOKS.digest}


def test_fold_answers_none_for_nothing() -> None:
    lent = Recorder().record("book", EMMA, BookLent(reader="Ada"))
    assert BOOKS.fold(Key(EMMA), None, lent, POSITIONS.token(lent.position)) is None


def unreadable(name: str) -> Unreadable:
    """An event of a version that is newer than this code."""
    return Unreadable(stored_name=name, stored_schema=2, error="UnknownEvent")


def _notes(
    *,
    version: int = 1,
    filters: bool = False,
    order: bool = False,
    search: bool = False,
    column: bool = False,
    watched: bool = False,
) -> Projection[Document]:
    class Note(Document):
        id: BookId
        text: str
        written_at: datetime

    class WideNote(Document):
        id: BookId
        text: str
        column: int
        written_at: datetime

    declare = document(
        many="notes",
        filters=(Filter("text"),) if filters else (),
        orders=(OrderBy("written_at", ASC),) if order else (),
        search=("text",) if search else (),
        watch=("one", "many") if watched else (),
    )
    return Projection(declare(WideNote if column else Note), version=version)
