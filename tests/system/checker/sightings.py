"""What holds of a document wherever it is shown."""

from collections.abc import Iterator

from tests.system.checker.histories import History
from tests.system.checker.records import Sighting
from tests.system.checker.subjects import Subject


def true(seen: Sighting, history: History) -> Iterator[str]:
    """What is wrong with a document that was shown: it must have been just like that at its position."""
    state = history.at(seen.key, seen.position)
    if state is None or state.position != seen.position:
        yield f"{seen.key} has no state at {seen.position}"
    elif state.content != seen.content:
        yield f"{seen.key} at {seen.position} was {dict(state.content)}, not {dict(seen.content)}"


def fits(seen: Sighting, subject: Subject) -> Iterator[str]:
    """What is wrong with a document that was shown as one of those asked for."""
    if not subject.matches(seen.content):
        yield f"{seen.key} at {seen.position} is not of those that were asked for"
