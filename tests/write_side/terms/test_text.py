"""Texts that clients may send."""

from typing import Any

import pytest
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


@pytest.mark.parametrize(
    ("quantity", "fine"), [(1, True), (10_000, True), (0, False), (-1, False), (10_001, False), (1.5, False)]
)
def test_quantities(quantity: float, fine: bool) -> None:
    if fine:
        assert read(Quantity, quantity) == quantity
    else:
        with pytest.raises(ValidationError):
            read(Quantity, quantity)
