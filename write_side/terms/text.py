"""Texts that clients may send: trimmed, bounded, free of control characters."""

import re
from functools import lru_cache
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

# What Unicode has as control characters, and in one as the ends of lines and paragraphs, too.
_BREAK_OR_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

# The part before the @ of nearly all addresses, and hosts without letters of other scripts.
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*")
_PLAIN_HOST = re.compile(r"[A-Za-z0-9.-]+")


def _one_line(text: str) -> str:
    if _BREAK_OR_CONTROL.search(text):
        raise PydanticCustomError("one_line", "may not contain line breaks or control characters")
    return text


def _several_lines(text: str) -> str:
    if _CONTROL_BUT_LINES.search(text):
        raise PydanticCustomError("no_control", "may not contain control characters")
    return text


def _email(text: str) -> str:
    local, _, host = text.partition("@")
    if _PLAIN_LOCAL.fullmatch(local) and _PLAIN_HOST.fullmatch(host) and _is_host(host):
        return text
    return _checked(text)


@lru_cache(maxsize=4096)
def _is_host(host: str) -> bool:
    """Whether there may be addresses at a host. Many share one, and looking at it takes most of the time."""
    try:
        _checked(f"x@{host}")
    except PydanticCustomError:
        return False
    return True


def _checked(text: str) -> str:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "is not an e-mail address: {reason}", {"reason": str(error)}) from None
    return text


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
"""What something or someone is called: 1 to 200 characters."""

EmailAddress = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254), AfterValidator(_email)
]
"""An e-mail address by its form, kept as it was written."""

Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_one_line)]
"""A telephone number as people write it; empty for none."""

Sku = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(_one_line)]
"""A stock keeping unit: 1 to 64 characters."""

Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), AfterValidator(_one_line)]
"""A word to find products by."""

Description = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_several_lines)]
"""Text of several lines, up to 10,000 characters."""

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_one_line)]
"""Why something was done: 1 to 500 characters."""

Reference = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)
]
"""A number or text that another system knows it by."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_one_line)]
"""A line of text that may be empty: up to 200 characters."""

Postcode = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), AfterValidator(_one_line)]
"""A postal code; empty where a country has none."""
