"""The lines of an import: `{"type": "PlaceOrder", "input": {...}, "occurredAt": "2026-01-31T12:00:00Z"}`.

The input is that of the mutation. Without a command id of its own a line has one that is derived from the import's name and
the line's number: the same line is the same command, however often the file is imported.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import count
from typing import Any, BinaryIO
from urllib.parse import quote

import orjson
from pydantic import ValidationError

from schema.mutations import without_nulls
from schema.payloads import invalid
from write_side.kernel.commands import Command
from write_side.kernel.errors import OnereadError
from write_side.kernel.refusals import InvalidInput, Refusal
from write_side.kernel.streams import Stream

LONGEST = 1 << 20
"""The longest line that is read, in bytes. No command comes near it; a file that is one array does."""

LONGEST_NAME = 150
"""The longest name of an import, in characters, as it stands in command ids."""

_ID = re.compile(r"[a-z]+_[0-9a-fA-F]{32}")
_PARTS = frozenset(("type", "input", "occurredAt"))
_MARK = b"\xef\xbb\xbf"


class MalformedLine(Refusal, code="MALFORMED_LINE"):
    """A line is not `{"type": ..., "input": {...}}`."""


class UnknownType(Refusal, code="UNKNOWN_TYPE"):
    """There is no command of the type that a line names."""


class LongName(OnereadError):
    """The name of an import is too long to be a part of command ids."""

    def __init__(self) -> None:
        super().__init__("this name is too long for an import: choose a shorter --name")


class UnfitLine(OnereadError):
    """A line says no valid command. Carries the type that it names, if it does, and what is wrong."""

    def __init__(self, type_: str, refusals: Iterable[Refusal]) -> None:
        super().__init__("not a valid command")
        self.type = type_
        self.refusals = tuple(refusals)


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its number from 1, its bytes, and where it ends in the file. Of one that is too long only the beginning."""

    number: int
    text: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line says: a command, when it happened if it says so (UTC), and the ids of what it has to do with."""

    command: Command
    occurred_at: datetime | None
    mentions: frozenset[str]


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """The lines of a file that are not blank, without the mark that some systems begin a file with: one at a time."""
    end = 0
    for number in count(1):
        text = rest = file.readline(LONGEST + 1)
        end += len(text)
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST + 1)
            end += len(rest)
        if not text:
            return
        if number == 1:
            text = text.removeprefix(_MARK)
        if text.strip():
            yield Line(number, text, end)


class Reading:
    """Reads lines of the import `name`, as commands of these classes by their names. `now` bounds when things happened.

    Raises `LongName`.
    """

    def __init__(self, name: str, commands: Mapping[str, type[Command]], now: datetime) -> None:
        self._prefix = f"import:{quote(name)}:"
        if len(self._prefix) > LONGEST_NAME:
            raise LongName
        self._commands = commands
        self._now = now

    def entry(self, line: Line) -> Entry:
        """What a line says. Raises `UnfitLine`."""
        type_ = ""
        try:
            said = _object(line)
            type_ = _member(said, "type", str, "the name of a command")
            command = self._command(type_)
            content = _member(said, "input", dict, "that of the command")
            if b"null" in line.text:
                content = without_nulls(content)
            if unknown := sorted(said.keys() - _PARTS):
                raise MalformedLine("is nothing that a line has", unknown[0])
            occurred_at = _time(said.get("occurredAt"), self._now)
            content.setdefault("commandId", self.command_id(line))
            valid = command.model_validate(content, by_alias=True, by_name=False)
        except Refusal as refusal:
            raise UnfitLine(type_, [refusal]) from None
        except ValidationError as error:
            raise UnfitLine(type_, invalid(error)) from None
        except RecursionError:
            raise UnfitLine(type_, [MalformedLine("has an input that is nested too deep", "input")]) from None
        return Entry(valid, occurred_at, frozenset((*_ids(content), *_claims(valid))))

    def mendable(self, line: Line) -> bytes:
        """A line as it is to be mended: with its command id, so that it is the same command in whichever file it is mended.

        One that has no room for it is as it was.
        """
        try:
            said = _object(line)
            given = _member(said, "input", dict, "")
            if given.get("commandId") is None:
                said["input"] = {**given, "commandId": self.command_id(line)}
            return orjson.dumps(said)
        except (MalformedLine, orjson.JSONEncodeError):  # it reads what is nested deeper than what it writes
            return line.text.rstrip(b"\r\n")

    def command_id(self, line: Line) -> str:
        """The id of a line's command, if it has none of its own."""
        return f"{self._prefix}{line.number}"

    def _command(self, name: str) -> type[Command]:
        command = self._commands.get(name)
        if command is None:
            alike = get_close_matches(name, self._commands, 1)
            meant = f": did you mean {alike[0]}?" if alike else ""
            raise UnknownType(f"there is no command of this name{meant}", "type")
        return command


def _object(line: Line) -> dict[str, Any]:
    if len(line.text) > LONGEST:
        raise MalformedLine(f"is longer than {LONGEST:,} bytes: one command per line")
    try:
        said = orjson.loads(line.text.rstrip())
    except orjson.JSONDecodeError as error:
        raise MalformedLine(f"is not JSON: {error.msg}, at character {error.pos + 1}") from None
    if not isinstance(said, dict):
        raise MalformedLine("is not an object with type and input")
    return said


def _member(said: dict[str, Any], name: str, kind: type, what: str) -> Any:
    value = said.get(name)
    if not isinstance(value, kind):
        raise MalformedLine(f"has no {name}, {what}", name)
    return value


def _time(text: object, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
        if at is None or at.tzinfo is None:
            raise ValueError
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput("must be a time with its zone, such as 2026-01-31T12:00:00Z", "occurredAt") from None
    if at > now:
        raise InvalidInput("is in the future", "occurredAt")
    return at


def _ids(content: object) -> Iterator[str]:
    """Whatever has the form of an id in an input."""
    parts = [content]
    while parts:
        part = parts.pop()
        if isinstance(part, str):
            if _ID.fullmatch(part) is not None:
                yield part.lower()
        elif isinstance(part, dict):
            parts.extend(part.values())
        elif isinstance(part, list):
            parts.extend(part)


def _claims(command: Command) -> Iterator[str]:
    """The keys of the streams that a command names by itself: those of values that are unique are no ids of its input."""
    # One that looks at its target's state to begin with names nothing here.
    with suppress(KeyError):
        for stream in command.with_id().streams(_NOTHING):
            yield stream.key


class _Nothing:
    """The states that are loaded as long as none is."""

    def __getitem__(self, stream: Stream[Any]) -> Any:
        raise KeyError(stream.name)

    def get(self, _: Stream[Any]) -> None:
        return None


_NOTHING = _Nothing()
