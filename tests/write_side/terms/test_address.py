"""Postal addresses."""

import pytest
from pydantic import ValidationError

from write_side.kernel.codec import Json
from write_side.terms.address import Address, AddressInput, in_lines

BERLIN = {"line1": "Hauptstr. 1", "city": "Berlin", "postcode": "10827", "countryCode": "DE"}


def read(**other: object) -> Address:
    return AddressInput.model_validate({**BERLIN, **other}).value


def test_an_address_is_trimmed() -> None:
    expected = Address(lines=("Hauptstr. 1", "3rd floor"), city="Berlin", postcode="10827", country_code="DE")

    assert read(line1=" Hauptstr. 1 ", line2=" 3rd floor", city="Berlin\t", postcode=" 10827 ") == expected


@pytest.mark.parametrize("line2", [None, "", "  "])
def test_a_second_line_may_be_absent(line2: str | None) -> None:
    assert read(line2=line2) == read()
    assert read().lines == ("Hauptstr. 1",)


def test_some_countries_have_no_postcodes() -> None:
    assert read(postcode="", countryCode="HK").postcode == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("line1", " "),
        ("line1", "x" * 201),
        ("line1", "Hauptstr.\n1"),
        ("line2", "x" * 201),
        ("city", ""),
        ("postcode", "1" * 21),
        ("countryCode", ""),
        ("countryCode", "de"),
        ("countryCode", "ZZ"),
        ("countryCode", "DEU"),
        ("street", "Hauptstr."),
    ],
)
def test_what_is_no_address(field: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(**{field: value})
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_history_loads_with_a_country_that_is_no_more() -> None:
    stored = '{"lines": ["1"], "city": "Prague", "postcode": "", "countryCode": "CS"}'

    assert Address.model_validate_json(stored).country_code == "CS"


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({"line1": "1 Mill Lane", "line2": "Flat 2"}, ["1 Mill Lane", "Flat 2"]),
        ({"line1": "1 Mill Lane", "line2": None}, ["1 Mill Lane"]),
        ({"line1": "1 Mill Lane"}, ["1 Mill Lane"]),
        ({"line1": "1 Mill Lane", "line2": ""}, ["1 Mill Lane", ""]),
    ],
)
def test_the_lines_of_an_address_as_it_was_held_first(given: Json, lines: list[str]) -> None:
    rest = {"city": "Bristol", "postcode": "BS1 6XN", "countryCode": "GB"}
    before = {**given, **rest}

    assert in_lines(before) == {"lines": lines, **rest}
    assert before == {**given, **rest}


def test_no_address_stays_none() -> None:
    assert in_lines(None) is None
