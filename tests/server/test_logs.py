import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from server.logs import JsonLines, ReadableLines, log_to_stderr


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_is_one_json_object_with_its_extras() -> None:
    stream = io.StringIO()
    log_to_stderr("INFO", stream=stream)
    logging.getLogger("shop").info("caught up with %s", "orders", extra={"position": 12, "seconds": 0.5})
    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "INFO",
        "logger": "shop",
        "message": "caught up with orders",
        "position": 12,
        "seconds": 0.5,
    }


def test_what_is_less_severe_is_left_out() -> None:
    stream = io.StringIO()
    log_to_stderr("WARNING", stream=stream)
    logging.getLogger("shop").info("chatter")
    assert lines(stream) == []


def test_an_error_is_named_and_placed_and_its_message_which_may_quote_data_is_not_kept() -> None:
    stream = io.StringIO()
    log_to_stderr("INFO", stream=stream)
    try:
        raise ValueError("jo@example.com is taken")
    except ValueError:
        logging.getLogger("shop").exception("a request failed")
    (line,) = lines(stream)
    assert line["error"] == "builtins.ValueError"
    assert "test_logs.py" in line["trace"][-1]
    assert "jo@example.com" not in stream.getvalue()


def test_on_a_terminal_lines_are_for_a_person() -> None:
    stream = Terminal()
    log_to_stderr("INFO", stream=stream)
    logging.getLogger("shop").warning("behind", extra={"events": 7})
    assert stream.getvalue().rstrip().endswith("warning behind events=7")


def test_a_person_sees_the_whole_error() -> None:
    try:
        raise ValueError("why")
    except ValueError as error:
        record = logging.LogRecord(
            "shop", logging.ERROR, __file__, 1, "failed", None, (type(error), error, error.__traceback__)
        )
    assert "ValueError: why" in ReadableLines().format(record)
    assert "why" not in JsonLines().format(record)
