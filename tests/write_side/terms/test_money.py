"""Money: exact, and with exactly the digits of its currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from write_side.terms.money import DIGITS, LIMIT, Money, MoneyInput

CURRENCIES = {0: "JPY", 2: "EUR", 3: "KWD", 4: "CLF"}


def read(amount: object, currency_code: object = "EUR") -> Money:
    return MoneyInput.model_validate({"amount": amount, "currencyCode": currency_code}).value


@st.composite
def amounts(draw: st.DrawFn) -> tuple[Decimal, str]:
    """An amount that a command may have, and its currency."""
    digits = draw(st.sampled_from(sorted(CURRENCIES)))
    units = draw(st.integers(1, int(LIMIT) * 10**digits - 1))
    return Decimal(units).scaleb(-digits), CURRENCIES[digits]


@given(amounts())
def test_an_amount_is_kept_to_the_last_digit(given_amount: tuple[Decimal, str]) -> None:
    amount, code = given_amount

    value = read(f"{amount:f}", code)

    assert value.amount.as_tuple() == amount.as_tuple()
    assert Money.model_validate_json(value.model_dump_json(by_alias=True)) == value


@given(st.lists(st.integers(1, 10**16 - 1), min_size=1, max_size=100), st.integers(1, 10_000))
def test_sums_and_products_are_exact(units: list[int], factor: int) -> None:
    total = Money.zero("CLF")
    for unit in units:
        total += read(f"{Decimal(unit).scaleb(-4):f}", "CLF") * factor

    assert total.amount == Decimal(sum(units) * factor).scaleb(-4)
    assert total.amount.as_tuple().exponent == -4


@pytest.mark.parametrize(
    ("amount", "code", "kept"),
    [
        ("5", "EUR", "5.00"),
        ("5.1", "EUR", "5.10"),
        ("5.100", "EUR", "5.10"),
        ("1200.0", "JPY", "1200"),
        ("0.001", "KWD", "0.001"),
        ("999999999999.99", "EUR", "999999999999.99"),
        (7, "EUR", "7.00"),
    ],
)
def test_digits_are_those_of_the_currency(amount: object, code: str, kept: str) -> None:
    assert str(read(amount, code).amount) == kept


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "EUR"),
        ("-1", "EUR"),
        ("-0.00", "EUR"),
        ("0.001", "EUR"),
        ("1.005", "EUR"),
        ("0.5", "JPY"),
        ("1000000000000", "EUR"),
        ("999999999999.999999999999999999999999999999", "EUR"),
        ("1E+400000", "EUR"),
        ("1E-400000", "EUR"),
        ("NaN", "EUR"),
        ("sNaN", "EUR"),
        ("Infinity", "EUR"),
        ("", "EUR"),
        ("1,50", "EUR"),
        (None, "EUR"),
    ],
)
def test_what_is_no_amount(amount: object, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(amount, code)
    assert [error["loc"] for error in refused.value.errors()] == [("amount",)]


@pytest.mark.parametrize("code", ["", "eur", "EURO", "ZZZ", "XAU", "XXX", "€", None])
def test_what_is_no_currency(code: object) -> None:
    with pytest.raises(ValidationError) as refused:
        read("1.00", code)
    assert ("currencyCode",) in [error["loc"] for error in refused.value.errors()]


def test_currencies_do_not_mix() -> None:
    euros, yen = read("1.00"), read("100", "JPY")
    with pytest.raises(ValueError, match="EUR and JPY do not add up"):
        _ = euros + yen
    with pytest.raises(ValueError, match="EUR and JPY do not add up"):
        _ = euros - yen


def test_arithmetic() -> None:
    assert read("1.10") + read("2.20") == read("3.30")
    assert str((read("1.10") - read("1.10")).amount) == "0.00"
    assert read("0.10") * 3 == read("0.30")


def test_nothing_has_the_digits_of_its_currency() -> None:
    assert [str(Money.zero(code).amount) for code in CURRENCIES.values()] == ["0", "0.00", "0.000", "0.0000"]


def test_history_loads_in_a_currency_that_is_no_more() -> None:
    assert Money.model_validate_json('{"amount": "5.00", "currencyCode": "DEM"}').currency_code == "DEM"
    assert str(Money.zero("DEM").amount) == "0.00"
    assert "DEM" not in DIGITS
