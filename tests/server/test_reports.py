"""What operators are shown of dead letters and differences, and what to do next."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console, RenderableType

from projections.kernel.dead_letters import DeadLetter, Remedy
from projections.kernel.differences import ABSENT, Difference, FieldDifference, Kind
from projections.kernel.explaining import WHOLE, Maker
from projections.kernel.generations import Generation
from projections.kernel.projection import Key
from projections.read_models.orders import ORDERS
from server.layouts import WIDE
from server.reports import differences_report, letter_lines, letters_report, outcome_text
from write_side.kernel.positions import LogPosition

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


LETTER = DeadLetter(Key("ord_1"), LogPosition(1_234), "order-paid", "KeyError", "orders.py:7 paid", 3, AT)


def printed(report: RenderableType, width: int = 250) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=width).print(report)
    return [line for line in text.getvalue().splitlines() if line.strip()]


def line_of(lines: list[str], *words: str) -> str:
    """The one line that has all of these words."""
    [found] = [line for line in lines if all(word in line for word in words)]
    return found


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
    line_of(printed(letters_report([(served, LETTER)], 250)), "orders g1", "ord_1", "1,234 order-paid", "KeyError")


def test_since_when_it_is_parked_and_when_it_was_last_tried_is_told() -> None:
    again = replace(LETTER, attempts=4, tried_at=AT + timedelta(hours=1))

    first, last = (letter_lines(Generation(ORDERS, 1), one, served=True)[3] for one in (LETTER, again))

    assert first.strip() == f"parked {AT:%Y-%m-%d %H:%M:%S} UTC, 3 tries"
    assert last.strip() == f"parked {AT:%Y-%m-%d %H:%M:%S} UTC, 4 tries, the last {again.tried_at:%Y-%m-%d %H:%M:%S} UTC"


def test_what_was_asked_for_is_told() -> None:
    asked = DeadLetter(Key("ord_1"), LogPosition(7), "order-paid", "KeyError", "", 3, AT, asked=Remedy.RETRY)

    assert "asked for: retry" in letter_lines(Generation(ORDERS, 1), asked, served=True)[-1]
    line_of(printed(letters_report([(Generation(ORDERS, 1), asked)], 250)), "ord_1", "retry")


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

    lines = printed(differences_report("orders", explained, 250))

    assert "12 order-paid" in line_of(lines, "ord_1", "status", '"PLACED"', '"PAID"')
    assert "…" in line_of(lines, "ord_1", "note", '"[red]xxx', "absent")
    assert "12 order-paid" in line_of(lines, "ord_2", "the whole document", "missing")
    assert "there" in line_of(lines, "ord_3", "none")


LONG = Key("ord_" + "0123456789abcdef" * 2)


@pytest.mark.parametrize("width", [80, WIDE])
def test_keys_are_whole_on_any_terminal(width: int) -> None:
    letter = replace(LETTER, key=LONG, error="[UnreadableEvent] " + "x" * 60)
    fields = (FieldDifference("customer.name", "Damaged " * 8, "Berta " * 8),)
    different = (Difference(LONG, Kind.DIFFERENT, fields), {"customer.name": Maker(LogPosition(12), "renamed", AT)})

    for report in (
        letters_report([(Generation(ORDERS, 1), letter)], width),
        differences_report("orders", [different], width),
    ):
        lines = printed(report, width)
        assert len([line for line in lines if LONG in line]) == 1
        assert max(map(len, lines)) <= width


def test_what_has_become_of_a_document_is_told_by_the_remedy() -> None:
    assert outcome_text(LETTER, Remedy.RETRY) == "is whole again"
    assert outcome_text(LETTER, Remedy.DISCARD) == "does without event 1,234 (order-paid) until it is rebuilt"
