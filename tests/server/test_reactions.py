"""The shop's reactions: as the settings have them, and as operators see them."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rich.console import Console

from server.reaction_overviews import height, reaction_json, reactions_overview
from server.reactions import ReactionStatus, reactions, status_of
from server.settings import Settings
from write_side.kernel.log import LogTimes
from write_side.kernel.places import Standing
from write_side.kernel.positions import LogPosition
from write_side.orders.reactions import CANCEL_UNPAID
from write_side.reorders.reactions import REVIEW_STOCK

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
NOW = LogTimes(LogPosition(10_000), AT, {})
STANDS = Standing(LogPosition(9_990), AT, None, None)
WELL = ReactionStatus("cancel-unpaid", False, LogPosition(9_990), 10, AT + timedelta(hours=1), None, ())


def printed(*statuses: ReactionStatus) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=80).print(reactions_overview(statuses))
    return [line.rstrip() for line in text.getvalue().splitlines()]


def test_the_deadline_of_payments_is_a_setting() -> None:
    cancelling, reviewing = reactions(Settings(payment_deadline=timedelta(seconds=5)))

    assert (cancelling.name, cancelling.after, cancelling.events) == (
        "cancel-unpaid",
        timedelta(seconds=5),
        CANCEL_UNPAID.events,
    )
    assert reviewing is REVIEW_STOCK


def test_without_a_deadline_orders_wait_for_ever() -> None:
    cancelling, _ = reactions(Settings(payment_deadline=None))

    assert cancelling.events == ()
    assert status_of(cancelling, STANDS, NOW).is_off


def test_one_that_waits_says_until_when() -> None:
    status = status_of(CANCEL_UNPAID, replace(STANDS, awaited=AT - timedelta(hours=23)), NOW)

    assert status == WELL


def test_one_that_is_late_is_to_be_looked_at() -> None:
    assert status_of(REVIEW_STOCK, replace(STANDS, awaited=AT - timedelta(seconds=4)), NOW).problems == ()
    late = status_of(REVIEW_STOCK, replace(STANDS, awaited=AT - timedelta(seconds=6)), NOW)
    assert late.problems == ("late: nobody sees to it, or too slowly",)


def test_one_that_has_failed_says_why_and_not_that_it_is_late() -> None:
    status = status_of(REVIEW_STOCK, Standing(LogPosition(1), AT, AT - timedelta(days=1), "stopped: KeyError"), NOW)

    assert (status.failure, status.problems) == ("stopped: KeyError", ())


def test_a_line_for_each_and_one_for_what_there_is_to_look_at() -> None:
    off = replace(WELL, name="off", is_off=True, due_at=None)
    wrong = replace(WELL, name="review-stock", due_at=None, failure="stopped: KeyError", problems=("late",))

    lines = printed(WELL, off, wrong)

    assert lines[0].split() == ["reaction", "position", "behind", "next", "(UTC)"]
    assert lines[1].split() == ["cancel-unpaid", "9,990", "10", "2026-01-31", "13:00:00"]
    assert lines[2].split() == ["off", "9,990", "10", "off"]
    assert lines[3].split() == ["review-stock", "9,990", "10"]
    assert lines[4:] == ["review-stock: late", "review-stock: stopped: KeyError"]
    assert height([WELL, off, wrong]) == len(lines)


def test_for_programs() -> None:
    told = json.loads(json.dumps(reaction_json(WELL)))

    assert told == {
        "name": "cancel-unpaid",
        "off": False,
        "position": 9_990,
        "behind": 10,
        "dueAt": "2026-01-31T13:00:00+00:00",
        "failure": None,
        "problems": [],
    }
