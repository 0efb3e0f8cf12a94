"""PostgreSQL and the APIs are killed again and again while clients write: nothing is lost, and nothing happens twice."""

import secrets
import time
from collections import Counter
from random import Random

import pytest

from server.settings import Settings
from tests.system.children import PATIENCE
from tests.system.writing.trial import Trial, trial
from tests.system.writing.writers import Writers

WRITERS = 32
KILLS = Counter({"api": 35, "postgres": 15})
PROGRESS = 15
"""So many answers there are, as a rule, from one kill to the next."""


class Kills:
    """Kills in an order, and at moments, that a seed decides."""

    def __init__(self, trial: Trial, writers: Writers, random: Random) -> None:
        self._trial = trial
        self._writers = writers
        self._random = random

    def run(self) -> None:
        """All of them. Some come while what was killed before is still away, or has just been begun."""
        kinds = list(KILLS.elements())
        self._random.shuffle(kinds)
        for kind in kinds:
            if self._random.random() < 0.7:
                self._progress()
            if kind == "postgres":
                self._trial.postgres.start()
                self._pause(0.3)
                self._trial.postgres.kill()
            else:
                api = self._random.choice(self._trial.apis)
                api.keep_up()
                self._pause(0.6)
                api.kill()
        self._progress()

    def _progress(self) -> None:
        """Waits until clients have been answered, with all at work. Whatever could not begin is begun again."""
        before, deadline = self._writers.answered, time.monotonic() + PATIENCE
        while self._writers.answered < before + PROGRESS:
            assert time.monotonic() < deadline, f"nobody is answered:\n{self._trial.apis[0].said[-4_000:]}"
            self._trial.keep_up()
            time.sleep(0.02)

    def _pause(self, most: float) -> None:
        time.sleep(self._random.uniform(0, most))


@pytest.mark.timeout(300)
def test_killed_fifty_times_under_thirty_two_writers(mongo_url: str, mongo_database: str) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    with trial(Settings(mongo_database=mongo_database), mongo_url) as made:
        writers = made.writers(Random(seed), WRITERS)
        writers.start()
        try:
            Kills(made, writers, Random(seed)).run()
        finally:
            writers.stop(made.keep_up)
        print(writers.counts)
        found = made.findings(writers.told)

    assert not found, f"seed {seed}"
    assert not writers.surprises
    # Else little was tried.
    assert min(writers.counts[kind] for kind in ("accepted", "refused", "unanswered")) > 100
