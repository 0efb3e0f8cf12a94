"""Rivals: other processes that append to the same log. What they append is followed, as far as it is about streams that
are here: a decision that was made without it would only be refused.

Nobody has to say so. Where the places of what this process appends are not next to each other, the others' are between.
"""

import logging
from collections.abc import Sequence
from typing import assert_never

from write_side.kernel.append import Append, Appended, AppendResult, Binding, Conflict, EventLog
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.positions import LogPosition
from write_side.kernel.states import States

_log = logging.getLogger(__name__)

MOST = 1_000
"""Events that are looked through to catch up. Whoever is further behind finds out stream by stream."""


class Rivals:
    """Keeps states up with what others append. A `GroupCommit` tells it what the log answers, and waits for it."""

    def __init__(self, log: EventLog, states: States) -> None:
        self._log = log
        self._states = states
        self._seen: LogPosition | None = None
        self._is_behind = False

    def answered(self, requests: Sequence[Append], results: Sequence[AppendResult]) -> None:
        """Notes what was appended here, and whether anything was in between."""
        for request, result in zip(requests, results, strict=True):
            match result:
                case Appended() if request.events:
                    if self._seen == result.position - len(request.events) or self._seen is None:
                        self._seen = result.position
                    else:
                        self._is_behind = True
                case Conflict():
                    self._is_behind = True
                case Appended() | Binding():
                    pass
                case _:
                    assert_never(result)

    async def caught_up(self) -> None:
        """Returns when the states know what others appended before the last answer, or the log does not say."""
        if not self._is_behind:
            return
        self._is_behind = False
        if self._seen is None:
            return
        try:
            seen, found = await self._log.follow(self._seen, MOST, self._states.lacks)
        except LogUnavailable:
            return  # the states are compared with the log when something is decided on them
        except Exception:  # nor may anything else keep from committing whoever waits for this
            _log.exception("what others append cannot be followed")
            return
        self._seen = seen if seen - self._seen < MOST else None
        self._states.follow(found)
