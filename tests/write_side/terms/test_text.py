"""Texts that clients may send."""

import unicodedata
from typing import Any

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from write_side.terms.quantity import Quantity
from write_side.terms.text import Description, EmailAddress, Line, Name, Phone, Postcode, Reason, Reference, Sku, Tag


def read(kind: Any, text: object) -> Any:
    return TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize(
    ("kind", "most"),
    [(Name, 200), (Sku, 64), (Tag, 50), (Reason, 500), (Reference, 200), (Line, 200), (Phone, 40), (Postcode, 20)],
)
def test_lines_are_trimmed_and_bounded(kind: Any, most: int) -> None:
    assert read(kind, "  two words ") == "two words"
    assert read(kind, f" {'é' * most} ") == "é" * most
    with pytest.raises(ValidationError, match=f"at most {most} characters"):
        read(kind, "x" * (most + 1))
    for text in ("two\nlines", "a\x00b", "a\x1bb", "a\u2028b", "a\x85b"):
        with pytest.raises(ValidationError, match="line breaks or control characters"):
            read(kind, text)


@pytest.mark.parametrize("kind", [Name, Sku, Tag, Reason, Reference, EmailAddress])
@pytest.mark.parametrize("text", ["", "  ", "\t\n"])
def test_what_must_not_be_empty(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        read(kind, text)


@pytest.mark.parametrize("kind", [Line, Phone, Postcode, Description])
def test_what_may_be_empty(kind: Any) -> None:
    assert read(kind, "") == ""


@pytest.mark.parametrize("kind", [Name, Description, EmailAddress])
@pytest.mark.parametrize("text", [None, 7, ["Ann"], "half \ud800"])
def test_what_is_no_text(kind: Any, text: object) -> None:
    with pytest.raises(ValidationError):
        read(kind, text)


def test_ten_megabytes_are_refused_by_their_length() -> None:
    with pytest.raises(ValidationError, match="at most 200 characters"):
        read(Name, "x" * 10_000_000)


def test_a_description_has_lines() -> None:
    assert read(Description, "One.\r\n\tTwo.\n") == "One.\r\n\tTwo.\n"
    assert len(read(Description, "x" * 10_000)) == 10_000
    for text in ("x" * 10_001, "a\x00b", "a\x7fb"):
        with pytest.raises(ValidationError):
            read(Description, text)


@pytest.mark.parametrize(
    "text", ["ann@shop.test", " Ann.O'Neil+x@Shop.Example.org ", "ann@bücher.example", "δοκιμή@example.org"]
)
def test_email_addresses_are_kept_as_they_were_written(text: str) -> None:
    assert read(EmailAddress, text) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["ann", "@shop.test", "ann@", "ann@@shop.test", "ann@shop", "a b@shop.test", "ann@shop..test", f"{'x' * 250}@a.test"],
)
def test_what_is_no_email_address(text: str) -> None:
    with pytest.raises(ValidationError):
        read(EmailAddress, text)


@given(st.text(alphabet='aZ9._+-@é"', max_size=12), st.text(alphabet="aZ9.-_@[é", max_size=12))
def test_email_addresses_are_those_of_the_standard(local: str, host: str) -> None:
    text = f"{local}@{host}.test"
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        with pytest.raises(ValidationError):
            read(EmailAddress, text)
    else:
        assert read(EmailAddress, text) == text


def test_a_line_has_no_character_that_unicode_takes_for_control_or_for_the_end_of_one() -> None:
    line = TypeAdapter[str](Line)
    for char in map(chr, range(0x3000)):
        try:
            fine = line.validate_python(f"a{char}b") == f"a{char}b"
        except ValidationError:
            fine = False
        assert fine == (unicodedata.category(char) not in {"Cc", "Zl", "Zp"}), char


@pytest.mark.parametrize(
    ("quantity", "fine"), [(1, True), (10_000, True), (0, False), (-1, False), (10_001, False), (1.5, False)]
)
def test_quantities(quantity: float, fine: bool) -> None:
    if fine:
        assert read(Quantity, quantity) == quantity
    else:
        with pytest.raises(ValidationError):
            read(Quantity, quantity)
