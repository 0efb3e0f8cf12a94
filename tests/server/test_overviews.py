"""The overview of all read models: fit for the narrowest terminal, what needs a look first."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from projections.kernel.generations import State
from projections.kernel.status import GenerationStatus, Status
from server.overviews import duration, overview, status_json
from write_side.kernel.positions import LogPosition

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def generation(
    number: int, state: State, position: int, rate: float | None = None, problems: tuple[str, ...] = ()
) -> GenerationStatus:
    return GenerationStatus(
        "orders",
        "orders.v1-0a0a0a0a",
        number,
        state,
        LogPosition(position),
        behind=10_000 - position,
        oldest_pending=None if position == 10_000 else 90.0,
        rate=rate,
        moved_at=AT,
        dead_letters=0,
        worked_on=True,
        failure=None,
        problems=problems,
    )


STATUS = Status(
    AT,
    LogPosition(10_000),
    [
        generation(1, State.SERVED, 10_000),
        generation(2, State.BUILDING, 2_500, rate=100.0),
        generation(3, State.FORMER, 9_000, problems=("more than 500 ms behind",)),
    ],
    ("customers",),
)


def printed(status: Status, width: int = 120, height: int | None = None) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=width).print(overview(status, width, height))
    return [line.rstrip() for line in text.getvalue().splitlines()]


def line_of(lines: list[str], *words: str) -> str:
    """The one line that has all of these words."""
    [found] = [line for line in lines if all(word in line for word in words)]
    return found


def test_a_line_for_each_generation_and_one_for_what_there_is_to_look_at() -> None:
    lines = printed(STATUS)

    assert "10,000" in line_of(lines, "orders", "g1", "served")
    assert "1 min 15 s" in line_of(lines, "g2", "building 25%", "1 min 30 s")
    assert line_of(lines, "g3", "former")
    assert "more than 500 ms behind" in line_of(lines, "orders g3:")
    assert "`oneread project`" in line_of(lines, "customers: not served yet")
    assert line_of(lines, "log: 10,000 events")


def test_nothing_that_counts_is_cropped_on_a_terminal_of_80_columns() -> None:
    far = replace(
        generation(123, State.SERVED, 1_234_567, rate=123_456.0, problems=("no progress for 30 s while behind",)),
        projection="shippingTasks",
        behind=1_234_567_890,
        dead_letters=1_234,
        failure="stopped at what it cannot do (KeyError at orders.py:7 paid)",
    )
    building = replace(generation(124, State.BUILDING, 1_234_567, rate=1.0), behind=1_234_567_890)

    lines = printed(Status(AT, LogPosition(1_235_802_457), [far, building], ()), width=80)

    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)
    assert line_of(lines, "shippingTasks", "g123", "served", "1,234,567,890", "1,234")
    assert line_of(lines, "orders", "g124", "building 0%", "1,234,567,890")
    assert lines.index("shippingTasks g123: no progress for 30 s while behind") > 3
    assert line_of(lines, "shippingTasks g123: stopped at what it cannot do (KeyError at orders.py:7 paid)")


def test_columns_that_say_nothing_are_left_out() -> None:
    header = printed(Status(AT, LogPosition(10_000), [generation(1, State.SERVED, 10_000)], ()))[1]

    assert header.split() == ["read", "model", "gen", "state", "behind", "checkpoint"]


def test_what_needs_a_look_comes_first_and_stays_on_a_small_screen() -> None:
    served = [replace(generation(1, State.SERVED, 10_000), projection=f"model{number}") for number in range(8)]
    served[7] = replace(served[7], problems=("1 dead letter",))
    status = Status(AT, LogPosition(10_000), [generation(1, State.LEFT, 7), *served], ())

    lines = printed(status, width=80, height=10)

    assert [line.split()[0] for line in lines[2:5]] == ["model7", "model0", "model1"]
    assert lines[-2:] == ["and 3 more", "model7 g1: 1 dead letter"]
    assert len(lines) == 10
    assert len(printed(status, width=80)) == 12


def test_what_is_to_be_said_of_several_is_said_once() -> None:
    idle = [generation(number, State.SERVED, 10_000, problems=("no projector works on it",)) for number in (1, 2)]

    assert printed(Status(AT, LogPosition(10_000), idle, ()))[-1] == "orders g1, orders g2: no projector works on it"


def test_one_that_nobody_builds_any_more_says_so() -> None:
    stopped = replace(generation(2, State.BUILDING, 2_500), worked_on=False)

    lines = printed(Status(AT, LogPosition(10_000), [stopped], ()))

    assert line_of(lines, "g2", "stopped 25%")
    assert "`oneread rebuild NAME` goes on with it" in line_of(lines, "orders g2: nobody builds it")


@pytest.mark.parametrize(
    ("state", "worked_on", "told"),
    [
        (State.OTHER_LOG, False, "`oneread rebuild NAME`"),
        (State.BUILDING, True, "it is being built"),
        (State.BUILDING, False, "`oneread project`"),
    ],
)
def test_what_is_not_served_says_why(state: State, worked_on: bool, told: str) -> None:
    one = replace(generation(1, state, 2_500), worked_on=worked_on)

    assert told in line_of(printed(Status(AT, LogPosition(10_000), [one], ("orders",))), "orders: not served yet")


def test_a_status_for_programs_is_one_line_with_the_names_of_the_api() -> None:
    text = status_json(STATUS)
    told = json.loads(text)

    assert "\n" not in text
    assert (told["head"], told["unserved"], told["at"]) == (10_000, ["customers"], AT.isoformat())
    building = told["generations"][1]
    assert (building["name"], building["state"], building["checkpoint"]) == ("orders", "BUILDING", 2_500)
    assert (building["oldestPendingSeconds"], building["eventsPerSecond"]) == (90.0, 100.0)
    assert building["movedAt"] == AT.isoformat()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.25, "250 ms"), (1.25, "1.2 s"), (59.9, "59.9 s"), (90, "1 min 30 s"), (3720, "1 h 2 min"), (200_000, "2 d 7 h")],
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text
