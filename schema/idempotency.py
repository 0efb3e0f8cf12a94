"""Idempotency keys: command ids for clients that cannot change a command's input, as a header of the request.

After the draft of the IETF's HTTPAPI group, "The Idempotency-Key HTTP Header Field": a text in quotation marks, or as most
send it, without.
"""

from collections.abc import Iterator
from itertools import count

KEY = "Idempotency-Key"


def command_ids(line: str | None) -> Iterator[str]:
    """The ids of a request's commands, one after the other: the key, and then the key with a number.

    Without a key there are none. Whether a key is one that a command may have is checked with the command's input.
    """
    if line is None:
        return
    key = line[1:-1] if len(line) > 1 and line[0] == line[-1] == '"' else line
    yield key
    for number in count(2):
        yield f"{key}/{number}"
