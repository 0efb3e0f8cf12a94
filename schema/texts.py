"""What no text of a client may contain: NUL, and halves of surrogate pairs. Neither can be stored or answered."""

import re
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, StringValueNode, ValidationRule

from schema.errors import BadUserInput

LONGEST_NAME = 100
"""Characters of a key that are repeated in a path."""

PROBLEM = "may not contain NUL or half a surrogate pair"
_UNCLEAN = re.compile("[\x00\ud800-\udfff]")


def is_clean(text: str) -> bool:
    """Whether a text can be stored and answered."""
    return _UNCLEAN.search(text) is None


class CleanTexts(ValidationRule):
    """The texts in an operation are clean."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        """Looks at a literal, whose escapes may say what the operation's own text does not."""
        if not is_clean(node.value):
            problem = BadUserInput("text", PROBLEM)
            self.report_error(GraphQLError(str(problem), node, original_error=problem))


def demand_clean(name: str, value: Any) -> None:
    """Checks every text in a JSON value. Raises `BadUserInput` with the path to one that is unclean, after `name`."""
    # Its own stack: how deep a client nests is the client's choice.
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            if not is_clean(found):
                raise BadUserInput(f"{name}{_path(value)}", PROBLEM)
        elif isinstance(found, list):
            waiting.extend(found)
        elif isinstance(found, dict):
            waiting.extend(found)
            waiting.extend(found.values())


def _path(value: Any) -> str:
    """The dotted path to an unclean text in a JSON value that has one: a key's is that of its object."""
    waiting: list[tuple[Any, _Step | None]] = [(value, None)]
    while waiting:
        found, step = waiting.pop()
        if isinstance(found, str) and not is_clean(found):
            return "" if step is None else f".{step}"
        if isinstance(found, list):
            waiting.extend((item, _Step(str(index), step)) for index, item in enumerate(found))
        elif isinstance(found, dict):
            waiting.extend((key, step) for key in found)
            waiting.extend((item, _Step(key, step)) for key, item in found.items())
    return ""


@dataclass(frozen=True, slots=True)
class _Step:
    """The last step of a path, and the step before it: a path is spelled out only where it is told."""

    name: str
    before: "_Step | None"

    def __str__(self) -> str:
        names: list[str] = []
        step: _Step | None = self
        while step is not None:
            names.append(step.name[:LONGEST_NAME])
            step = step.before
        return ".".join(reversed(names))
