"""How fresh a read must be, and how long it may wait to be: what its arguments and its request's headers say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from schema.errors import BadUserInput, PositionUnknown
from schema.ports import RequestContext, Services
from write_side.kernel.events import StreamName
from write_side.kernel.positions import START, ForeignPosition, LogPosition, MalformedPosition, Positions

HEADER = "Oneread-At-Least"
"""The request header that stands in for `atLeast`."""

WAIT = "Oneread-Wait"
"""The request header that lowers how long a read waits to be as fresh as it must: `250ms` or `1.5s`."""

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s)")
_SECONDS = {"ms": 0.001, "s": 1.0}


@dataclass(frozen=True, slots=True)
class Demand:
    """A read must be as fresh as `position`, for which it waits at most `wait` seconds.

    The log is known to have got to `reached`. `min_version` is a version of the document's own stream whose place is still
    to be looked up. `is_told` says that the client has asked, and is told how fresh the read came out in any case.
    """

    position: LogPosition
    wait: float
    min_version: int | None = None
    reached: LogPosition = START
    is_told: bool = True

    @classmethod
    def of(cls, context: RequestContext, given: Mapping[str, object]) -> "Demand | None":
        """What the arguments demand, or else the request's header; None for nothing. Raises `RequestError`."""
        at_least, version = given.get("atLeast"), given.get("minVersion")
        if at_least is None and version is None and context.at_least is None:
            return None
        argument = HEADER if at_least is None else "atLeast"
        text = context.at_least if at_least is None else at_least
        position = parsed(context.services.log.positions, text, argument) if isinstance(text, str) else START
        return cls(position, _wait(context), version if isinstance(version, int) else None)

    @classmethod
    def of_command(cls, context: RequestContext) -> "Demand":
        """What a command's document must be beside as fresh as the command. Raises `RequestError`."""
        asked = cls.of(context, {})
        return cls(START, _wait(context), is_told=False) if asked is None else asked

    def after(self, position: LogPosition) -> "Demand":
        """The same, and as fresh as a command that took effect at `position`."""
        return replace(self, position=max(self.position, position), reached=position)

    async def located(self, services: Services, stream: StreamName | None) -> "Demand":
        """The same by positions alone. `stream` is the document's own. Raises `RequestError`, `LogUnavailable`."""
        if self.min_version is None:
            return self
        position = await _position_of(services, stream, self.min_version)
        return replace(self, position=max(self.position, position), min_version=None, reached=position)


def parsed(positions: Positions, token: str, argument: str) -> LogPosition:
    """The position that an argument or header names. Raises `BadUserInput`, `PositionUnknown`."""
    try:
        return positions.parse(token)
    except MalformedPosition:
        raise BadUserInput(argument, "is not a position that was given out here") from None
    except ForeignPosition:
        raise PositionUnknown(f"{argument}: the position belongs to another log") from None


def _wait(context: RequestContext) -> float:
    if context.wait is None:
        return context.services.patience
    match = _DURATION.fullmatch(context.wait)
    if match is None:
        raise BadUserInput(WAIT, "must be a number of milliseconds or seconds, like 250ms or 1.5s")
    return min(float(match[1]) * _SECONDS[match[2]], context.services.patience)


async def _position_of(services: Services, stream: StreamName | None, version: int) -> LogPosition:
    if version < 0:
        raise BadUserInput("minVersion", "must not be negative")
    if stream is None:
        raise BadUserInput("minVersion", "this document has no version: use atLeast")
    if version == 0:
        return START
    position = await services.log.position_of(stream, version)
    if position is None:
        raise PositionUnknown(f"minVersion: there is no version {version} yet")
    return position
