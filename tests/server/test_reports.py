"""What operators are shown: a line for each thing, and what to do next."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console
from rich.table import Table

from projections.kernel.dead_letters import DeadLetter, Remedy
from projections.kernel.differences import ABSENT, Difference, FieldDifference, Kind
from projections.kernel.explaining import WHOLE, Maker
from projections.kernel.generations import Generation, State
from projections.kernel.projection import Key
from projections.kernel.status import GenerationStatus, Status
from projections.read_models.orders import ORDERS
from server.reports import differences_table, duration, letter_lines, letters_table, status_json, status_table
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
LETTER = DeadLetter(Key("ord_1"), LogPosition(1_234), "order-paid", "KeyError", "orders.py:7 paid", 3, AT)


def printed(table: Table) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=250).print(table)
    return [line for line in text.getvalue().splitlines() if line.strip()]


def line_of(lines: list[str], *words: str) -> str:
    """The one line that has all of these words."""
    [found] = [line for line in lines if all(word in line for word in words)]
    return found


def test_a_status_has_a_line_for_each_generation() -> None:
    lines = printed(status_table(STATUS))

    assert "10,000" in line_of(lines, "v1-0a0a0a0a.g1", "served")
    assert "1 min 30 s" in line_of(lines, "v1-0a0a0a0a.g2", "building, 25%, 1 min 15 s left")
    assert "more than 500 ms behind" in line_of(lines, "v1-0a0a0a0a.g3", "former")
    assert "`oneread project`" in line_of(lines, "customers", "not served yet")
    assert line_of(lines, "log: 10,000 events")


def test_a_status_for_programs_is_one_line_with_the_names_of_the_api() -> None:
    text = status_json(STATUS)
    told = json.loads(text)

    assert "\n" not in text
    assert (told["head"], told["unserved"], told["at"]) == (10_000, ["customers"], AT.isoformat())
    building = told["generations"][1]
    assert (building["state"], building["oldestPending"], building["workedOn"]) == ("BUILDING", 90.0, True)
    assert building["movedAt"] == AT.isoformat()


def test_a_dead_letter_says_what_can_be_done() -> None:
    served = Generation(ORDERS, 1)

    lines = letter_lines(served, LETTER, served=True)
    assert "event 1,234 (order-paid)" in lines[1]
    assert lines[2].strip() == "KeyError, at orders.py:7 paid"
    assert [line.partition("`")[2].rstrip("`") for line in lines[-2:]] == [
        "oneread dead-letters retry ord_1",
        "oneread dead-letters discard ord_1 --event 1234",
    ]
    assert "`oneread rebuild orders`" in letter_lines(served, LETTER, served=False)[-1]
    line_of(printed(letters_table([(served, LETTER)])), "orders g1", "ord_1", "1,234 order-paid", "KeyError")


def test_since_when_it_is_parked_and_when_it_was_last_tried_is_told() -> None:
    again = replace(LETTER, attempts=4, tried_at=AT + timedelta(hours=1))

    first, last = (letter_lines(Generation(ORDERS, 1), one, served=True)[3] for one in (LETTER, again))

    assert first.strip() == f"parked {AT:%Y-%m-%d %H:%M:%S} UTC, 3 tries"
    assert last.strip() == f"parked {AT:%Y-%m-%d %H:%M:%S} UTC, 4 tries, the last {again.tried_at:%Y-%m-%d %H:%M:%S} UTC"


def test_what_was_asked_for_is_told() -> None:
    asked = DeadLetter(Key("ord_1"), LogPosition(7), "order-paid", "KeyError", "", 3, AT, asked=Remedy.RETRY)

    assert "asked for: retry" in letter_lines(Generation(ORDERS, 1), asked, served=True)[-1]
    line_of(printed(letters_table([(Generation(ORDERS, 1), asked)])), "ord_1", "retry")


def test_differences_name_the_event() -> None:
    maker = Maker(LogPosition(12), "order-paid", AT)
    different = Difference(
        Key("ord_1"),
        Kind.DIFFERENT,
        (FieldDifference("status", "PLACED", "PAID"), FieldDifference("note", "[red]" + "x" * 100, ABSENT)),
    )
    explained = [
        (different, {"status": maker}),
        (Difference(Key("ord_2"), Kind.MISSING), {WHOLE: maker}),
        (Difference(Key("ord_3"), Kind.EXTRA), {}),
    ]

    lines = printed(differences_table("orders", explained))

    assert "12 order-paid" in line_of(lines, "ord_1", "status", '"PLACED"', '"PAID"')
    assert "…" in line_of(lines, "ord_1", "note", '"[red]xxx', "absent")
    assert "12 order-paid" in line_of(lines, "ord_2", "the whole document", "missing")
    assert "there" in line_of(lines, "ord_3", "none")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.25, "250 ms"), (1.25, "1.2 s"), (59.9, "59.9 s"), (90, "1 min 30 s"), (3720, "1 h 2 min"), (200_000, "2 d 7 h")],
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text
