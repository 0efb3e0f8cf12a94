"""What is costly to make is held as long as there is room, and what was used last is held longest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.cache import Cache


def made(value: str, weight: int = 1) -> tuple[str, int]:
    return value, weight


def unwanted() -> tuple[str, int]:
    raise AssertionError("it is held")


def test_a_value_is_made_once() -> None:
    cache: Cache[str, str] = Cache(entries=2, size=10)
    assert cache.find("a", lambda: made("A")) == "A"
    assert cache.find("a", unwanted) == "A"


def test_what_was_not_used_for_longest_goes_first() -> None:
    cache: Cache[str, str] = Cache(entries=2, size=10)
    cache.find("a", lambda: made("A"))
    cache.find("b", lambda: made("B"))
    cache.find("a", unwanted)

    cache.find("c", lambda: made("C"))

    assert cache.find("a", unwanted) == "A"
    assert cache.find("b", lambda: made("again")) == "again"


def test_a_heavy_value_makes_room_for_itself() -> None:
    cache: Cache[str, str] = Cache(entries=9, size=10)
    for key in "abc":
        cache.find(key, lambda: made("small", 3))

    cache.find("d", lambda: made("large", 7))

    assert (len(cache), cache.weight) == (2, 10)


def test_what_is_heavier_than_the_cache_is_not_held() -> None:
    cache: Cache[str, str] = Cache(entries=9, size=10)
    assert cache.find("a", lambda: made("A", 11)) == "A"
    assert (len(cache), cache.weight) == (0, 0)


def test_what_cannot_be_made_leaves_nothing() -> None:
    cache: Cache[str, str] = Cache(entries=9, size=10)
    with pytest.raises(AssertionError):
        cache.find("a", unwanted)
    assert (len(cache), cache.weight) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 12))))
def test_it_never_holds_more_than_it_may(finds: list[tuple[int, int]]) -> None:
    cache: Cache[int, int] = Cache(entries=5, size=20)
    weights: dict[int, int] = {}
    for key, weight in finds:
        weights.setdefault(key, weight)
        assert cache.find(key, lambda key=key: (key, weights[key])) == key  # type: ignore[misc]
        assert len(cache) <= 5
        assert cache.weight <= 20
