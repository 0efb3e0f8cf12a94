"""What is remembered of documents: the values that filters look at, of so many documents."""

from projections.kernel.seen import Seen
from tests.projections.kernel.library import BOOKS, Binding
from tests.projections.kernel.live import KEYS_OF_BOOKS, stored_book

A, B, C, D, E = KEYS_OF_BOOKS


def test_what_filters_look_at_is_remembered_and_nothing_else() -> None:
    seen = Seen(BOOKS, 10)

    seen.put(A, stored_book(A, 1, binding=Binding.CLOTH))

    found = seen.get(A)
    assert found is not None
    assert found["binding"] == ("CLOTH",)
    assert set(found) == {BOOKS.shape.compare_path(declared.path) for declared in BOOKS.spec.filters}


def test_those_that_were_seen_last_are_remembered() -> None:
    seen = Seen(BOOKS, 2)
    for key in (A, B, A, C):
        seen.put(key, stored_book(key, 1))

    assert [seen.get(key) is not None for key in (A, B, C)] == [True, False, True]


def test_what_is_gone_is_forgotten() -> None:
    seen = Seen(BOOKS, 2)
    seen.put(A, stored_book(A, 1))

    seen.put(A, None)

    assert seen.get(A) is None
