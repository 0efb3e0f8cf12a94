"""What no text of a client may contain: NUL, and halves of surrogate pairs. Neither can be stored or answered."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError, StringValueNode, ValidationRule

from schema.errors import BadUserInput

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
    """Checks every text in a JSON value. Raises `BadUserInput` with the path to the first that is unclean, after `name`."""
    # Most values are a text, and most of these are short.
    for path, text in [(name, value)] if isinstance(value, str) else _texts(name, value):
        if not is_clean(text):
            raise BadUserInput(path, PROBLEM)


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    # Its own stack: how deep a client nests is the client's choice.
    waiting: list[tuple[str, Any]] = [(name, value)]
    while waiting:
        path, found = waiting.pop()
        if isinstance(found, str):
            yield path, found
        elif isinstance(found, list):
            waiting.extend((f"{path}.{index}", item) for index, item in enumerate(found))
        elif isinstance(found, dict):
            for key, item in found.items():
                yield path, key
                waiting.append((f"{path}.{key}", item))
