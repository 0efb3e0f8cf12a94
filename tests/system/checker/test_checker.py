"""Everyone at once, through everything that goes wrong: nobody is shown less than was promised."""

from collections import Counter

import pytest

from tests.system.checker.trial import databases, trial

AT_LEAST = Counter(
    {
        "kill_projector": 1,
        "pause_projector": 1,
        "pause_projectors": 1,
        "restart_api": 1,
        "kill_api": 1,
        "step_down": 1,
        "end_sessions": 1,
        "reads": 1_000,
        "from log": 1,
        "stale": 1,
        "commands": 700,
        "commands sent again": 1,
        "told": 3_000,
        "resumed": 200,
        "cut off": 100,
        "RESYNC": 1,
        "LEFT": 100,
    }
)
"""What makes it a trial: where less than that happens, that nothing was found says little."""


# A minute of faults, and what it takes to open the shop, to let everyone come to rest, and to go through what they saw.
@pytest.mark.timeout(300)
async def test_two_hundred_clients_through_a_minute_of_faults() -> None:
    with databases() as (urls, folder):
        outcome = await trial(urls, folder, clients=200, seconds=60, seed=4, regulars_orders=520)

    print(outcome)
    assert not outcome.findings, str(outcome)
    assert outcome.counts >= AT_LEAST
