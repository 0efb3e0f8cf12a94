"""Any interleaving of batches, conflicts, failures and processes: every command has one effect and one outcome.

Three processes decide on one log. Commands on a few orders of the last units come to any of them, also the same one to
several at once; and of all statements that wait, a plan says which goes on next, and how it ends.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis import given as anything
from hypothesis import strategies as st

import write_side
from tests.write_side.effects import skipping
from tests.write_side.effects.gates import Fate, Gates
from tests.write_side.effects.shops import Shop, Wish, wishes
from tests.write_side.effects.trial import DoLate, Leave, Open, Outcomes, Plan, Send, Step, Trial
from tests.write_side.kernel.memory_log import MemoryLog
from write_side.kernel.domain import discover
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.store import PostgresLog

PROCESSES = range(3)
MOST = 10
"""So many commands are sent at most, each of them at least once."""
FATES = [Fate.DONE] * 10 + [Fate.FAILED, Fate.UNANSWERED, Fate.UNANSWERED, Fate.OVERDUE]


@dataclass(frozen=True)
class Sketch:
    """A plan for any shop. The commands whose ids have the numbers in `unstorable` cannot be stored."""

    wishes: Sequence[Wish]
    steps: Sequence[Step]
    unstorable: frozenset[int]

    def plan(self, shop: Shop) -> Plan:
        """The plan for one."""
        unstorable = frozenset(shop.command_id(number) for number in self.unstorable)
        return Plan([shop.command(wish) for wish in self.wishes], self.steps, unstorable)


numbers = st.integers(0, 20)
"""What is meant is told by the rest of dividing by how many there are."""
sends = st.builds(Send, numbers, st.sampled_from(PROCESSES))
what_else: st.SearchStrategy[Step] = st.one_of(
    *[st.builds(Open, numbers, st.sampled_from(FATES))] * 6, sends, st.builds(Leave, numbers) | st.builds(DoLate, numbers)
)


@st.composite
def sketches(draw: st.DrawFn) -> Sketch:
    """Commands, each sent at least once, in any order among what else happens."""
    wanted = draw(st.lists(wishes, min_size=2, max_size=MOST))
    # A command takes three statements when all goes well.
    steps = draw(st.lists(what_else, min_size=3 * len(wanted), max_size=8 * len(wanted)))
    for number in range(len(wanted)):
        steps.insert(draw(numbers) * len(steps) // 20, Send(number, draw(st.sampled_from(PROCESSES))))
    return Sketch(wanted, steps, draw(UNSTORABLE))


UNSTORABLE = st.frozensets(st.integers(0, 50), max_size=2)


def in_memory(sketch: Sketch) -> Outcomes:
    """What comes of a plan on a log in memory."""
    shop, gates, log = Shop(1), Gates(), MemoryLog()
    trial = Trial(sketch.plan(shop), [log for _ in PROCESSES], gates)
    return skipping.run(trial.run(shop.past))


def on_postgres(sketch: Sketch, url: str) -> Outcomes:
    """What comes of a plan on PostgreSQL, where each process has connections of its own."""
    shop, gates = Shop(secrets.randbits(100)), Gates()

    async def run() -> Outcomes:
        async with AsyncExitStack() as stack:
            logs = []
            for _ in PROCESSES:
                pool = await gates.at_work(lambda: open_pool(url))
                stack.callback(pool.terminate)
                logs.append(await gates.at_work(partial(PostgresLog.open, pool, CODEC)))
            return await Trial(sketch.plan(shop), logs, gates).run(shop.past)

    return skipping.run(run(), lambda: gates.busy > 0)


CODEC = discover(write_side).codec()


def test_in_memory() -> None:
    """Waits take no time here, and nothing is left to chance: what fails once fails again."""
    counts = Counter[str]()

    @settings(max_examples=200)
    @anything(sketches())
    def whatever_happens(sketch: Sketch) -> None:
        outcomes = in_memory(sketch)
        counts.update(outcomes.counts)
        assert not outcomes.findings

    whatever_happens()

    # Else little was tried.
    print(counts)
    assert min(counts[kind] for kind in ("Done", "Denied", "NoneType", *Fate.__members__)) > 20


async def test_on_postgres(postgres_url: str) -> None:
    await migrate(postgres_url)

    @settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
    @anything(sketches())
    def whatever_happens(sketch: Sketch) -> None:
        assert not on_postgres(sketch, postgres_url).findings

    await asyncio.to_thread(whatever_happens)
