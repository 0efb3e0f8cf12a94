"""The schedule of an import: what waits for what, and whose refusal counts."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from server.importing.schedule import Schedule, Ticket
from write_side.kernel.refusals import InvalidInput, Refusal

WRONG: tuple[Refusal, ...] = (InvalidInput("wrong"),)


def line(number: int, *mentions: str) -> Ticket[int]:
    return Ticket(number, frozenset(mentions))


def scheduled(*lines: Ticket[int]) -> Schedule[int]:
    schedule: Schedule[int] = Schedule()
    for one in lines:
        schedule.add(one)
    return schedule


def taken(schedule: Schedule[int]) -> list[Ticket[int]]:
    found = []
    while (ticket := schedule.take()) is not None:
        found.append(ticket)
    return found


def numbers(tickets: Sequence[Ticket[int]]) -> list[int]:
    return [ticket.about for ticket in tickets]


def test_lines_that_have_nothing_to_do_with_one_another_go_side_by_side() -> None:
    assert numbers(taken(scheduled(line(1, "a"), line(2, "b"), line(3)))) == [1, 2, 3]


def test_a_line_waits_for_all_that_mention_what_it_mentions() -> None:
    a, b, both, after = line(1, "a"), line(2, "b"), line(3, "a", "b"), line(4, "b")
    schedule = scheduled(a, b, both, after)

    assert taken(schedule) == [a, b]
    schedule.accept(b)
    assert taken(schedule) == []
    schedule.accept(a)
    assert taken(schedule) == [both]
    schedule.accept(both)
    assert taken(schedule) == [after]


def test_the_first_line_is_refused_at_once() -> None:
    first, second = line(1, "a"), line(2, "a")
    schedule = scheduled(first, second)
    taken(schedule)

    assert schedule.refuse(first, WRONG) == [first]
    assert taken(schedule) == [second]


def test_a_refusal_is_judged_again_once_all_before_it_are_settled() -> None:
    first, second, third = line(1), line(2), line(3)
    schedule = scheduled(first, second, third)
    taken(schedule)
    assert schedule.refuse(third, WRONG) == []
    assert schedule.accept(second) == []
    assert taken(schedule) == []

    assert schedule.accept(first) == []
    assert taken(schedule) == [third]
    assert schedule.refuse(third, WRONG) == [third]


def test_a_refusal_may_become_an_acceptance() -> None:
    first, second = line(1), line(2)
    schedule = scheduled(first, second)
    taken(schedule)
    schedule.refuse(second, WRONG)
    schedule.accept(first)
    [again] = taken(schedule)

    assert schedule.accept(again) == []
    assert again.refusals == ()


def test_a_refusal_counts_if_nothing_was_accepted_since_it_was_judged() -> None:
    first, second, third = line(1), line(2), line(3)
    schedule = scheduled(first, second, third)
    taken(schedule)
    schedule.refuse(third, WRONG)
    schedule.refuse(second, WRONG)

    assert schedule.refuse(first, WRONG) == [first, second, third]


def test_what_waits_for_a_refused_line_waits_until_that_counts() -> None:
    first, second, follower = line(1), line(2, "a"), line(3, "a")
    schedule = scheduled(first, second, follower)
    assert taken(schedule) == [first, second]
    schedule.refuse(second, WRONG)
    assert taken(schedule) == []

    assert schedule.refuse(first, WRONG) == [first, second]
    assert taken(schedule) == [follower]


def test_there_is_room_up_to_the_window() -> None:
    schedule: Schedule[int] = Schedule(window=2)
    first, second = line(1), line(2)
    schedule.add(first)
    assert schedule.has_room
    schedule.add(second)
    taken(schedule)
    schedule.accept(second)
    had_room = schedule.has_room
    schedule.accept(first)

    assert (had_room, schedule.has_room) == (False, True)


@given(st.data())
def test_in_whatever_order_outcomes_come(data: st.DataObject) -> None:
    """All lines are settled; related ones, and refusals, in the order of the file."""
    mentioned = data.draw(st.lists(st.frozensets(st.sampled_from("abcd"), max_size=2), max_size=12))
    tickets = [Ticket(number, mentions) for number, mentions in enumerate(mentioned)]
    schedule: Schedule[int] = Schedule(window=5)
    waiting, under_way = list(tickets), list[Ticket[int]]()
    accepted, refused, judged_at = list[int](), list[int](), dict[int, int]()
    while True:
        while waiting and schedule.has_room:
            schedule.add(waiting.pop(0))
        for ticket in taken(schedule):
            settled = {*accepted, *refused}
            before = tickets[: ticket.about]
            assert all(one.about in settled for one in before if one.mentions & ticket.mentions)
            judged_at[ticket.about] = len(accepted)
            under_way.append(ticket)
        if not under_way:
            break
        ticket = under_way.pop(data.draw(st.integers(0, len(under_way) - 1)))
        if data.draw(st.booleans()):
            accepted.append(ticket.about)
            settled_now = schedule.accept(ticket)
        else:
            settled_now = schedule.refuse(ticket, WRONG)
        for one in settled_now:
            assert judged_at[one.about] == len(accepted)
            assert set(range(one.about)) <= {*accepted, *refused}
            refused.append(one.about)

    assert refused == sorted(refused)
    assert sorted(accepted + refused) == list(range(len(tickets)))
