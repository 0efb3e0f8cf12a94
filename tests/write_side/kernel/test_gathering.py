"""Gathering: who asks while a call is under way is answered by the next one, with all the others."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from write_side.kernel.errors import LogUnavailable
from write_side.kernel.gathering import Gathering


class Books:
    """Looks up how long titles are, once the door is open. Titles that begin with a question mark cannot be read."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.open = asyncio.Event()
        self.lost = False

    async def look_up(self, titles: Sequence[str]) -> Mapping[str, int]:
        self.calls.append(list(titles))
        await self.open.wait()
        if self.lost:
            raise LogUnavailable
        for title in titles:
            if title.startswith("?"):
                raise ValueError(title)
        return {title: len(title) for title in titles if title}


@pytest.fixture
def books() -> Books:
    return Books()


async def asked(gathering: Gathering[str, int], *keys: str) -> "asyncio.Task[Mapping[str, int]]":
    """Somebody who waits for the values of keys."""
    task = asyncio.create_task(gathering.find(keys))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task


async def test_what_is_asked_for_meanwhile_goes_together(books: Books) -> None:
    gathering = Gathering(books.look_up)
    first = await asked(gathering, "a")
    others = [await asked(gathering, "a", "bb"), await asked(gathering, "bb", "ccc")]

    books.open.set()

    assert await first == {"a": 1}
    assert [await other for other in others] == [{"a": 1, "bb": 2, "ccc": 3}] * 2
    assert books.calls == [["a"], ["a", "bb", "ccc"]]


async def test_what_was_answered_is_asked_for_anew(books: Books) -> None:
    gathering = Gathering(books.look_up)
    books.open.set()

    assert await gathering.find(["a"]) == await gathering.find(["a"])
    assert books.calls == [["a"], ["a"]]


async def test_what_is_not_found_is_nothing(books: Books) -> None:
    books.open.set()
    assert await Gathering(books.look_up).find([""]) == {}
    assert await Gathering(books.look_up).find([]) == {}


async def test_a_call_asks_for_so_much_and_no_more(books: Books) -> None:
    books.open.set()
    gathering = Gathering(books.look_up, most=2)
    await asyncio.gather(*(gathering.find(keys) for keys in (["a"], ["b"], ["c"], ["d", "e", "f"])))
    assert books.calls == [["a", "b"], ["c"], ["d", "e", "f"]]


async def test_a_key_that_cannot_be_looked_up_is_the_failure_of_who_asked_for_it(books: Books) -> None:
    gathering = Gathering(books.look_up)
    held = await asked(gathering, "x")
    well, ill = await asked(gathering, "a"), await asked(gathering, "b", "?")

    books.open.set()

    assert await held == {"x": 1}
    assert await well == {"a": 1}
    with pytest.raises(ValueError, match="\\?"):
        await ill


async def test_a_log_that_is_away_is_asked_once(books: Books) -> None:
    books.lost = True
    books.open.set()
    with pytest.raises(LogUnavailable):
        await Gathering(books.look_up).find(["a", "b"])
    assert books.calls == [["a", "b"]]
