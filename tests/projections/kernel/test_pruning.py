"""Which generations may be dropped."""

from dataclasses import replace

import pytest

from projections.kernel.generations import State
from projections.kernel.pruning import unneeded
from tests.projections.kernel.test_statuses import FINE


@pytest.mark.parametrize(
    ("unfinished", "dropped"), [(False, {State.FORMER, State.LEFT}), (True, {State.FORMER, State.LEFT, State.BUILDING})]
)
def test_what_is_served_and_what_another_log_may_need_stays(unfinished: bool, dropped: set[State]) -> None:
    standings = [replace(FINE, state=state) for state in State]

    assert {one.state for one in unneeded(standings, unfinished=unfinished)} == dropped
