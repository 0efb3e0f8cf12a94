"""What is wrong is found: without that, finding nothing would say nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from tests.write_side.effects.findings import findings
from tests.write_side.effects.gates import whole
from tests.write_side.effects.shops import FEW, Shop, Wish
from tests.write_side.effects.told import Denied, Done, Told
from tests.write_side.effects.trial import ME, begin, bus_on
from tests.write_side.kernel.memory_log import MemoryLog
from write_side.kernel.append import Binding
from write_side.kernel.commands import Command
from write_side.kernel.events import Recorded
from write_side.kernel.ids import CommandId
from write_side.kernel.positions import LogPosition

SHOP = Shop(1)
PLACE = SHOP.command(Wish("place", 1, order=0, product=0, quantity=FEW, expected=None))
TOO_MANY = SHOP.command(Wish("place", 2, order=1, product=0, quantity=1, expected=None))
OTHER = SHOP.command(Wish("receive", 1, order=0, product=0, quantity=1, expected=None))
SAME = SHOP.command(Wish("correct", 3, order=0, product=1, quantity=FEW, expected=None))
K1, K2, K3 = (SHOP.command_id(number) for number in (1, 2, 3))
START, END = LogPosition(8), LogPosition(10)
"""Where the log stands before the order for all pots, and after it."""


@dataclass(frozen=True)
class Story:
    """A log, what it knows of command ids, and what clients were told."""

    log: tuple[Recorded, ...]
    bindings: dict[CommandId, Binding]
    told: tuple[Told, ...]

    @property
    def rules(self) -> set[str]:
        """What is found broken."""
        return {finding.rule for finding in findings(self.log, self.bindings, self.told)}

    def telling(self, *told: Told) -> "Story":
        """The same, with something else told."""
        return replace(self, told=told)


def told(command: Command, answer: Done | Denied | None, since: int = START, until: int = END) -> Told:
    return Told(command, LogPosition(since), LogPosition(until), answer)


BOUGHT = told(PLACE, Done(1, END))
SOLD_OUT = told(TOO_MANY, Denied("INSUFFICIENT_STOCK"))
NOTHING_NEW = told(SAME, Done(1, LogPosition(8)))
REUSED = told(OTHER, Denied("COMMAND_ID_REUSED"))


@pytest.fixture
async def story() -> Story:
    """All pots are ordered, another order is refused, a count changes nothing, and an id is used again."""
    log = MemoryLog()
    await begin(log, SHOP.past)
    async with bus_on(log) as bus:
        for command in (PLACE, TOO_MANY, SAME, OTHER):
            await bus.execute(command, ME)
    bindings = dict(await log.find_commands([K1, K2, K3]))
    return Story(tuple(await whole(log, LogPosition(0))), bindings, (BOUGHT, SOLD_OUT, NOTHING_NEW, REUSED))


def test_nothing_is_wrong_with_what_happened(story: Story) -> None:
    assert len(story.log) == END
    assert story.bindings.keys() == {K1, K3}
    assert story.rules == set()
    assert replace(story, told=(*story.told, told(PLACE, None), told(TOO_MANY, None))).rules == set()


@pytest.mark.parametrize(
    ("rule", "happened"),
    [
        ("position", lambda log: [*log[:3], *log[4:]]),
        ("version", lambda log: [*log[:-1], log[-1]._replace(version=3)]),
        ("event id", lambda log: [*log[:-1], log[-1]._replace(event_id=log[0].event_id)]),
        ("decision", lambda log: log[:-1]),
        ("answer", lambda log: log[:-1]),
        ("twice", lambda log: [*log, log[0]._replace(position=END + 1), log[-1]._replace(position=END + 2, version=3)]),
        ("below zero", lambda log: [*log, log[-1]._replace(position=END + 1, version=3)]),
    ],
)
def test_a_log_that_is_not_as_it_was_decided(
    story: Story, rule: str, happened: Callable[[list[Recorded]], list[Recorded]]
) -> None:
    assert rule in replace(story, log=tuple(happened(list(story.log)))).rules


def test_what_was_accepted_is_not_known_any_more(story: Story) -> None:
    shorter = replace(story, log=story.log[:START], bindings={K3: story.bindings[K3]})

    assert "lost" in shorter.telling(BOUGHT).rules


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        ("two answers", [BOUGHT, told(PLACE, Done(1, LogPosition(9)))]),
        ("unanswered", [told(PLACE, None)]),
        ("refused, and done", [told(PLACE, Denied("INSUFFICIENT_STOCK"), START, START)]),
        ("lost", [BOUGHT, told(OTHER, Done(2, END))]),
        ("reused", [BOUGHT, told(PLACE, Denied("COMMAND_ID_REUSED"))]),
        # It was answered before it was in the log.
        ("unfounded", [told(PLACE, Done(1, END), START, START)]),
        # There were enough, up to the answer.
        ("unfounded", [BOUGHT, replace(SOLD_OUT, until=START)]),
        ("unfounded", [BOUGHT, replace(SOLD_OUT, answer=Denied("NOT_FOUND"))]),
        ("unfounded", [BOUGHT, replace(NOTHING_NEW, since=END, answer=Done(1, END))]),
    ],
)
def test_an_answer_that_is_not_what_happened(story: Story, rule: str, answers: list[Told]) -> None:
    assert rule in story.telling(*answers).rules


def test_a_refusal_may_rest_on_any_state_between_the_sending_and_the_answer(story: Story) -> None:
    gone_soon = told(TOO_MANY, Denied("INSUFFICIENT_STOCK"), START, END + 5)

    assert story.telling(BOUGHT, gone_soon).rules == set()
