"""What the process says of itself: one JSON object per line on stderr, or readable lines on a terminal.

What is said are facts about the machinery, given as `extra`: positions, names of projections, durations, ids.
Never what a customer typed. So that this holds for errors too, whose messages may quote data, the JSON form
keeps an error's type and the places in the code that it passed, and not its message.
"""

import json
import logging
import sys
import time
import traceback
from typing import TextIO

# What every record has; whatever else is on one came as `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """One JSON object per record: time (RFC 3339, UTC), level, logger, message, the extras, the error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, object] = {
            "time": _timestamp(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_extras(record),
        }
        if record.exc_info and (error := record.exc_info[1]) is not None:
            line["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
            frames = traceback.extract_tb(error.__traceback__)
            line["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, default=str, ensure_ascii=False)


class ReadableLines(logging.Formatter):
    """One line per record for a person who watches, with the whole traceback of an error below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        extras = "".join(f" {name}={value}" for name, value in _extras(record).items())
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{clock} {record.levelname.lower():7} {record.getMessage()}{extras}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def log_to_stderr(level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Send the process's logs from `level` up to stderr (or `stream`), in place of what was set before."""
    target = stream if stream is not None else sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(ReadableLines() if target.isatty() else JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # One line per request is the business of the proxy in front; the drivers' debug output quotes documents.
    for noisy in ("uvicorn.access", "pymongo", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def _extras(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def _timestamp(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1e6):06}Z"
