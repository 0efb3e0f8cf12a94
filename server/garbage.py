"""How often a process looks for garbage in cycles: seldom. What it makes by the thousand has none."""

import gc

YOUNG = 50_000
"""So many more objects there are before it looks again. With Python's own 700, looking takes half of a rebuild's time."""


def look_seldom() -> None:
    """Sets it for this process."""
    gc.set_threshold(YOUNG, 20, 50)
