"""What a batch of appends does, on a real PostgreSQL: each request is decided on its own, after those before it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.write_side.kernel.postgres.requests import A, B, C, head_after, request
from write_side.claims.events import ValueClaimed, ValueReleased
from write_side.kernel.append import EMPTY, Append, Appended, AppendResult, Binding, Conflict, Head, NewEvent
from write_side.kernel.committer import GroupCommit
from write_side.kernel.events import Event, StreamName
from write_side.kernel.ids import CommandId, new_event_id
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.store import PostgresLog

CLAIMED, RELEASED = ValueClaimed(holder="x"), ValueReleased(holder="x")
UNSTORABLE = ValueClaimed(holder="\x00")
"""PostgreSQL keeps no zero character in JSON."""


@pytest.fixture
async def other(log: PostgresLog, postgres_url: str) -> AsyncIterator[PostgresLog]:
    """The same log, as another process has it."""
    pool = await open_pool(postgres_url)
    yield await PostgresLog.open(pool, log._codec)
    await pool.close()


@pytest.fixture
async def committer(log: PostgresLog) -> AsyncIterator[GroupCommit]:
    """The queue in front of the log, being emptied."""
    made = GroupCommit(log)
    emptying = asyncio.create_task(made.run())
    yield made
    emptying.cancel()


def across(*parts: tuple[StreamName, Head, Event], command_id: str | None = None) -> Append:
    """A request that writes one event to each of several streams."""
    first = request(parts[0][0], command_id=command_id)
    new = tuple(NewEvent(new_event_id(), stream, head.version + 1, event) for stream, head, event in parts)
    return replace(first, heads={stream: head for stream, head, _ in parts}, events=new)


def of(made: Append, stream: StreamName) -> Head:
    """The head of one of the streams that a request wrote to."""
    return next(Head(new.version, new.event_id) for new in reversed(made.events) if new.stream == stream)


def kinds(results: list[AppendResult]) -> list[type[AppendResult]]:
    return [type(result) for result in results]


async def stored(log: PostgresLog) -> list[tuple[int, StreamName, int]]:
    """Position, stream and version of every event."""
    return [(each.position, each.stream, each.version) for each in await log.read(LogPosition(0), 100_000)]


async def test_an_empty_batch_is_no_work(log: PostgresLog) -> None:
    assert list(await log.append([])) == []
    assert await log.head() == 0


async def test_a_conflict_in_the_middle_takes_with_it_what_was_built_on_it_and_nothing_else(
    log: PostgresLog, other: PostgresLog
) -> None:
    """Another process has written to A. What was decided on what this one made of A in vain goes, too."""
    await other.append([request(A, CLAIMED)])
    on_a = request(A, CLAIMED)
    on_that = across((B, EMPTY, CLAIMED), (A, head_after(on_a), RELEASED))
    on_that_in_turn = request(B, RELEASED, head=of(on_that, B))
    elsewhere = request(C, CLAIMED)
    on_elsewhere = request(C, RELEASED, head=head_after(elsewhere))

    results = list(await log.append([elsewhere, on_a, on_that, on_elsewhere, on_that_in_turn]))

    assert kinds(results) == [Appended, Conflict, Conflict, Appended, Conflict]
    assert await stored(log) == [(1, A, 1), (2, C, 1), (3, C, 2)]


async def test_a_refusal_that_rests_on_what_never_came_to_be_is_a_conflict(log: PostgresLog, other: PostgresLog) -> None:
    await other.append([request(A, CLAIMED)])
    in_vain = request(A, CLAIMED)
    refused = request(A, head=head_after(in_vain), binds=False)

    assert kinds(list(await log.append([in_vain, refused]))) == [Conflict, Conflict]


async def test_a_refusal_may_rest_on_what_its_own_batch_makes(log: PostgresLog) -> None:
    made = request(A, CLAIMED)
    refused = request(B, also={A: head_after(made)}, binds=False, command_id="refused")

    assert kinds(list(await log.append([made, refused]))) == [Appended, Appended]
    assert await log.find_command(CommandId("refused")) is None


async def test_the_right_number_with_another_event_is_a_conflict_within_a_batch(log: PostgresLog) -> None:
    first = request(A, CLAIMED)
    misled = request(A, RELEASED, head=Head(1, new_event_id()))

    assert kinds(list(await log.append([first, misled]))) == [Appended, Conflict]
    assert await stored(log) == [(1, A, 1)]


async def test_the_right_event_with_another_number_is_a_conflict(log: PostgresLog) -> None:
    first = request(A, CLAIMED)
    await log.append([first])

    misled = request(A, RELEASED, head=Head(2, first.events[0].event_id))

    assert kinds(list(await log.append([misled]))) == [Conflict]


async def test_what_was_read_may_have_been_written_in_the_same_batch_only_before(log: PostgresLog) -> None:
    """The head that it names is to be the last one when its turn comes, not before and not after."""
    made = request(A, CLAIMED)
    moved = request(A, RELEASED, head=head_after(made))
    late = request(B, CLAIMED, also={A: head_after(made)})
    early = request(C, CLAIMED, also={A: head_after(moved)})

    assert kinds(list(await log.append([early, made, moved, late]))) == [Conflict, Appended, Appended, Conflict]


async def test_one_id_twice_in_a_batch_has_the_outcome_of_the_first(log: PostgresLog) -> None:
    first, second = request(A, CLAIMED, command_id="k"), request(B, CLAIMED, command_id="k", digest=b"other")

    results = list(await log.append([first, second, request(C, CLAIMED)]))

    bound = Binding(b"digest", A, 1, LogPosition(1))
    assert results == [Appended(1, LogPosition(1)), bound, Appended(1, LogPosition(2))]
    assert await stored(log) == [(1, A, 1), (2, C, 1)]


async def test_one_id_twice_in_a_batch_is_free_again_after_a_refusal_or_a_conflict(log: PostgresLog) -> None:
    refused = request(A, binds=False, command_id="k")
    outdated = request(A, CLAIMED, head=Head(7, new_event_id()), command_id="k")
    accepted = request(A, CLAIMED, command_id="k")

    assert kinds(list(await log.append([refused, outdated, accepted]))) == [Appended, Conflict, Appended]
    assert await log.find_command(CommandId("k")) == Binding(b"digest", A, 1, LogPosition(1))


async def test_what_was_built_on_a_request_whose_id_was_bound_before_is_a_conflict(log: PostgresLog) -> None:
    """Its events never came to be, though others in their place may have."""
    await log.append([request(A, CLAIMED, command_id="k")])
    again = request(A, CLAIMED, command_id="k")
    built_on_it = request(B, CLAIMED, also={A: head_after(again)})

    assert kinds(list(await log.append([again, built_on_it]))) == [Binding, Conflict]


@pytest.mark.parametrize("apart", [False, True], ids=["the same request", "decided anew"])
async def test_the_same_id_from_two_connections_at_once_has_one_effect(
    log: PostgresLog, other: PostgresLog, apart: bool
) -> None:
    """The same request is sent again while the first is still under way: its connection was lost, and it was not."""
    for number in range(20):
        stream = StreamName(f"sku-clm_{number}")
        first = request(stream, CLAIMED, command_id=f"k{number}")
        second = request(stream, CLAIMED, command_id=f"k{number}") if apart else first

        both = await asyncio.gather(log.append([first]), other.append([second]))

        results = sorted((result for [result] in both), key=lambda result: type(result).__name__)
        position = LogPosition(number + 1)
        assert results == [Appended(1, position), Binding(b"digest", stream, 1, position)]
    assert await log.head() == 20


async def test_a_request_writes_to_all_its_streams_or_to_none(log: PostgresLog) -> None:
    await log.append([request(B, CLAIMED)])

    outdated_in_one = across((A, EMPTY, CLAIMED), (B, EMPTY, CLAIMED), (C, EMPTY, CLAIMED), command_id="k")
    whole = across((A, EMPTY, CLAIMED), (C, EMPTY, CLAIMED))

    assert kinds(list(await log.append([outdated_in_one, whole]))) == [Conflict, Appended]
    assert await stored(log) == [(1, B, 1), (2, A, 1), (3, C, 1)]
    assert await log.find_command(CommandId("k")) is None


async def test_events_of_several_streams_stand_in_the_order_in_which_they_were_decided(log: PostgresLog) -> None:
    made = across((B, EMPTY, CLAIMED), (A, EMPTY, CLAIMED), (B, Head(1, None), RELEASED))
    made = replace(made, heads={A: EMPTY, B: EMPTY})

    [result] = await log.append([made])

    assert result == Appended(2, LogPosition(3))
    assert await stored(log) == [(1, B, 1), (2, A, 1), (3, B, 2)]


async def test_a_command_that_changes_nothing_in_a_stream_of_its_own_batch(log: PostgresLog) -> None:
    """It answers where the stream ends, be that before it in the batch, and the log's end where there is no stream."""
    first = request(A, CLAIMED)
    nothing = request(A, head=head_after(first), command_id="nothing")
    nowhere = request(C, command_id="nowhere")

    results = list(await log.append([first, request(B, CLAIMED), nothing, nowhere, request(B, command_id="late")]))

    assert results[2:4] == [Appended(1, LogPosition(1)), Appended(0, LogPosition(2))]
    assert kinds(results[4:]) == [Conflict]
    assert await log.find_command(CommandId("nothing")) == Binding(b"digest", A, 1, LogPosition(1))
    assert await log.find_command(CommandId("nowhere")) == Binding(b"digest", C, 0, LogPosition(2))


async def test_a_batch_may_be_large(log: PostgresLog) -> None:
    """A thousand requests that build on one another, and one with as many events."""
    made = [request(A, CLAIMED)]
    while len(made) < 1_000:
        made.append(request(A, CLAIMED, head=head_after(made[-1])))
    long = request(B, *[CLAIMED] * 1_000)

    results = await log.append([*made, long])

    assert list(results) == [*(Appended(n, LogPosition(n)) for n in range(1, 1_001)), Appended(1_000, LogPosition(2_000))]
    assert [position for position, _, _ in await stored(log)] == list(range(1, 2_001))


@pytest.mark.parametrize(
    "outline",
    [
        [(A, 2)],
        [(A, 1), (A, 3)],
        [(A, 1), (A, 1)],
        [(A, 2), (A, 1)],
        [(B, 1)],
    ],
    ids=["a gap at its head", "a gap", "twice the same", "backwards", "a stream that it does not name"],
)
async def test_versions_that_do_not_follow_are_not_appended(
    log: PostgresLog, committer: GroupCommit, outline: list[tuple[StreamName, int]]
) -> None:
    """Whoever made such a request is at fault, and its neighbours are not."""
    new = tuple(NewEvent(new_event_id(), stream, version, CLAIMED) for stream, version in outline)
    wrong = replace(request(A, command_id="k"), events=new)

    with pytest.raises(ValueError, match="does not follow"):
        await log.append([request(C, CLAIMED), wrong])
    assert await log.head() == 0

    answers = await asyncio.gather(
        *(committer.submit(each) for each in (request(C, CLAIMED), wrong)), return_exceptions=True
    )
    assert isinstance(answers[0], Appended)
    assert isinstance(answers[1], ValueError)
    assert await stored(log) == [(1, C, 1)]
    assert await log.find_command(CommandId("k")) is None


async def test_one_request_that_cannot_be_stored_fails_alone(log: PostgresLog, committer: GroupCommit) -> None:
    """Those that were gathered with it are appended, those behind it too; what was built on it is a conflict."""
    first, bad = request(A, CLAIMED), request(B, UNSTORABLE, command_id="bad")
    misled = request(B, RELEASED, head=head_after(bad))
    last = request(A, RELEASED, head=head_after(first))

    answers = await asyncio.gather(
        *(committer.submit(each) for each in (request(C, CLAIMED), first, bad, misled, last)), return_exceptions=True
    )

    assert [type(answer) for answer in (answers[0], answers[1], answers[3], answers[4])] == [
        Appended,
        Appended,
        Conflict,
        Appended,
    ]
    assert isinstance(answers[2], Exception)
    assert await stored(log) == [(1, C, 1), (2, A, 1), (3, A, 2)]
    assert await log.find_command(CommandId("bad")) is None
    assert isinstance(await committer.submit(request(B, CLAIMED, command_id="bad")), Appended)
