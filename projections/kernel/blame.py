"""Blame: what may be said of an error that stops something, in logs, dead letters and reports.

The text of one that is not our own may quote a document, and so a customer.
"""

import traceback
from pathlib import Path

from write_side.kernel.errors import OnereadError

ROOT = Path(__file__).parents[2]


def kind_of(error: BaseException) -> str:
    """What was raised. Our own errors quote nothing but ids and numbers: their text is told, and of others none."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, OnereadError) else name


def place_of(error: BaseException) -> str:
    """Where in the code it was raised, as far as that is the project's own; empty where it was nowhere."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(ROOT)]
    if not ours:
        return ""
    last = ours[-1]
    return f"{Path(last.filename).relative_to(ROOT)}:{last.lineno} {last.name}"
