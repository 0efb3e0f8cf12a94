"""Steps: the named places of the machinery at which a process may die. Nothing happens there, except in tests.

What is to be true after a crash is tested by killing a process at each of them.
"""

from collections.abc import Callable
from typing import Literal

Step = Literal[
    "batch: read",
    "batch: loaded",
    "batch: folded",
    "batch: documents written",
    "batch: checkpoint moved",
    "batch: committed",
    "fan-out: chunk committed",
    "parking: refused",
    "parking: letter written",
    "parking: committed",
    "repair: replayed",
    "repair: written",
    "repair: committed",
    "build: begun",
    "build: batch committed",
    "build: completed",
    "build: compared",
    "switch: fenced",
    "switch: alias written",
    "switch: committed",
    "prune: collection dropped",
    "prune: letters dropped",
    "prune: lease dropped",
    "prune: checkpoint dropped",
    "drain: stopping",
    "drain: released",
]
"""What has just been done."""

Steps = Callable[[Step], None]
"""Told of each step."""


def unwatched(step: Step) -> None:
    """Nobody is told: as it is in production."""
