"""Frames and answers, brought together in whichever order they come."""

import pytest

from bench.lives import PLACE, RENAME, Step
from bench.requests import Document, Place
from bench.sightings import Answered, Sighting, Sightings

ORDER, PRODUCT = Step(PLACE, "order", "ord_1", b""), Step(RENAME, "product", "prd_1", b"")


def answered(step: Step, position: str, version: int, at: float = 1.0) -> Answered:
    return Answered(step, Place(position, version), at)


def framed(key: str, position: str, version: int, at: float) -> Sighting:
    return Sighting(Document(key, position, version), at)


def test_a_command_is_seen_in_the_first_frame_that_is_as_new() -> None:
    sightings = Sightings()
    command = answered(PRODUCT, "a-3", 2)
    sightings.answered(command)
    older, first, later = framed("prd_1", "a-2", 1, 1.5), framed("prd_1", "a-3", 2, 2.0), framed("prd_1", "a-4", 3, 3.0)

    sightings.framed(older)
    assert sightings.missing == [command]
    sightings.framed(first)
    sightings.framed(later)

    assert (sightings.of(command), sightings.missing) == (first, [])


def test_a_frame_may_come_before_the_answer() -> None:
    sightings = Sightings()
    frame, command = framed("ord_1", "a-3", 2, 0.9), answered(ORDER, "a-3", 2)

    sightings.framed(frame)
    sightings.answered(command)

    assert sightings.of(command) == frame


def test_an_order_is_as_new_by_its_version_and_a_product_by_its_position() -> None:
    # The command's last events are of the stock: the order stands before them in the log.
    assert answered(ORDER, "a-9", 2).is_shown_by(Document("ord_1", "a-7", 2))
    # The command is of the stock, whose version is another one.
    assert answered(PRODUCT, "a-9", 5).is_shown_by(Document("prd_1", "a-9", 1))
    assert not answered(PRODUCT, "a-9", 1).is_shown_by(Document("prd_1", "a-8", 5))


def test_documents_are_told_apart() -> None:
    sightings = Sightings()
    command = answered(ORDER, "a-3", 1)
    sightings.answered(command)

    sightings.framed(framed("ord_2", "a-4", 7, 2.0))

    assert sightings.missing == [command]
    with pytest.raises(KeyError):
        sightings.of(command)
