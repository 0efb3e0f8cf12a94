"""Rows of the log as events, and those that no code here reads."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from tests.write_side.kernel.lamps import LampHung, LampSwitched
from write_side.kernel.codec import Codec
from write_side.kernel.errors import UnknownEvent
from write_side.kernel.events import Metadata, Recorded, StreamName, Unreadable
from write_side.kernel.ids import CommandId, EventId
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres import rows

CODEC = Codec([LampHung, LampSwitched])
HAPPENED, COMMITTED = datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 1, 31, 13, tzinfo=UTC)
BY = '{"command_id": "k", "correlation_id": "c", "causation_id": "d", "actor": "Ann"}'
ON = '{"on": true}'

UNREADABLE = [
    ("test-nothing", 1, '{"secret": 1}', BY, UnknownEvent),
    ("test-lamp-hung", 4, "{}", BY, UnknownEvent),
    ("test-lamp-switched", 1, '{"on": "perhaps"}', BY, ValidationError),
    ("test-lamp-switched", 1, "[]", BY, ValidationError),
    ("test-lamp-hung", 1, '{"plaice": "kitchen"}', BY, KeyError),
    ("test-lamp-hung", 2, "[]", BY, TypeError),
    ("test-lamp-switched", 1, ON, "{}", KeyError),
]


def row(name: str, schema: int, data: str, metadata: str = BY) -> rows.Row:
    return 7, UUID(int=7), "lamp-lmp_1", 2, name, schema, data, metadata, HAPPENED, COMMITTED


def test_a_row_is_an_event() -> None:
    recorded = rows.decoded(row("test-lamp-switched", 1, ON), CODEC)

    assert recorded == Recorded(
        position=LogPosition(7),
        event_id=EventId(UUID(int=7)),
        stream=StreamName("lamp-lmp_1"),
        version=2,
        event=LampSwitched(on=True),
        metadata=Metadata(CommandId("k"), "c", "d", "Ann"),
        occurred_at=HAPPENED,
        recorded_at=COMMITTED,
    )
    assert rows.read([row("test-lamp-switched", 1, ON)], CODEC) == [recorded]


def test_metadata_that_later_code_has_added_is_passed_over() -> None:
    more = BY.replace("{", '{"tenant": "t", ')
    assert rows.decoded(row("test-lamp-switched", 1, ON, more), CODEC).metadata.actor == "Ann"


@pytest.mark.parametrize(("name", "schema", "data", "metadata", "error"), UNREADABLE)
def test_a_decision_cannot_be_made_on_what_nobody_reads(
    name: str, schema: int, data: str, metadata: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        rows.decoded(row(name, schema, data, metadata), CODEC)


@pytest.mark.parametrize(("name", "schema", "data", "metadata", "error"), UNREADABLE)
def test_who_reads_on_is_told_what_stands_there_and_nothing_of_its_data(
    name: str, schema: int, data: str, metadata: str, error: type[Exception]
) -> None:
    switched = row("test-lamp-switched", 1, ON)

    before, recorded, after = rows.read([switched, row(name, schema, data, metadata), switched], CODEC)

    assert before.event == after.event == LampSwitched(on=True)
    assert recorded.event == Unreadable(stored_name=name, stored_schema=schema, error=error.__name__)
    assert (recorded.position, recorded.event_id, recorded.stream, recorded.version) == (7, UUID(int=7), "lamp-lmp_1", 2)
    assert (recorded.occurred_at, recorded.recorded_at) == (HAPPENED, COMMITTED)


async def test_others_go_on_while_a_long_stream_is_read() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    going_on = asyncio.create_task(others())
    found = await rows.pasts([row("test-lamp-switched", 1, ON)] * (5 * rows.AT_ONCE), CODEC)
    going_on.cancel()

    assert len(found[StreamName("lamp-lmp_1")].events) == 5 * rows.AT_ONCE
    assert turns >= 5
