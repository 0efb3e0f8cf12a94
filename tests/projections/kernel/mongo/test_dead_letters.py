"""The contract of dead letters, on a real MongoDB."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from projections.kernel.dead_letters import DeadLetter, Remedy
from projections.kernel.generations import Generation
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.dead_letters import MongoDeadLetters, encode_letter
from projections.kernel.projection import Key, Projection
from tests.projections.kernel.mongo.test_pages import BOOKS, Book
from write_side.kernel.positions import LogPosition

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OTHERS = Projection(Book, version=2)
FIRST, SECOND = Generation(BOOKS, 1), Generation(BOOKS, 12)


def letter(key: str, minutes: int, asked: Remedy | None = None) -> DeadLetter:
    parked_at = NOON + timedelta(minutes=minutes, microseconds=1)
    return DeadLetter(Key(key), LogPosition(3), "BookSold", "KeyError", "books.py:7 sold", 3, parked_at, asked)


LETTERS = [
    (FIRST, letter("bok_2", 1)),
    (SECOND, letter("bok_1", 2)),
    (FIRST, letter("bok_1", 3, Remedy.RETRY)),
]


@pytest.fixture
async def letters(collections: Collections) -> MongoDeadLetters:
    kept = [*reversed(LETTERS), (Generation(OTHERS, 1), letter("bok_1", 0))]
    await collections.dead_letters.insert_many([encode_letter(generation, one) for generation, one in kept])
    return MongoDeadLetters(collections)


async def test_they_are_found_oldest_first(letters: MongoDeadLetters) -> None:
    assert await letters.find([BOOKS]) == LETTERS
    assert await letters.find([BOOKS], Key("bok_1")) == LETTERS[1:]
    assert await letters.find([OTHERS, BOOKS]) == [(Generation(OTHERS, 1), letter("bok_1", 0)), *LETTERS]
    assert await letters.find([BOOKS], Key("bok_3")) == []


async def test_something_is_asked_of_one_that_is_there(letters: MongoDeadLetters) -> None:
    assert await letters.ask(FIRST, letter("bok_2", 1), Remedy.DISCARD)
    assert not await letters.ask(SECOND, letter("bok_2", 1), Remedy.DISCARD)

    assert await letters.find([BOOKS], Key("bok_2")) == [(FIRST, letter("bok_2", 1, Remedy.DISCARD))]


async def test_nothing_is_asked_about_another_event_than_the_one_that_was_looked_at(letters: MongoDeadLetters) -> None:
    before = replace(letter("bok_2", 1), position=LogPosition(2))

    assert not await letters.ask(FIRST, before, Remedy.DISCARD)

    assert await letters.find([BOOKS], Key("bok_2")) == LETTERS[:1]
