"""Money: exact amounts in a currency of ISO 4217, kept with exactly the digits that the currency has."""

from decimal import Decimal
from typing import Annotated, Self

from iso4217 import Currency
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError
from typing_extensions import Doc

from write_side.kernel.commands import Input

DIGITS: dict[str, int] = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}
"""Digits after the point of each currency that has an amount (ISO 4217)."""

LIMIT = Decimal(10) ** 12
"""Amounts of commands stay below this, so that every sum is exact."""


class Money(BaseModel):
    """An amount in a currency, as events hold it."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    amount: Decimal
    currency_code: str

    @classmethod
    def zero(cls, currency_code: str) -> Self:
        """Nothing, in a currency."""
        return cls(amount=Decimal(0).scaleb(-DIGITS.get(currency_code, 2)), currency_code=currency_code)

    def __add__(self, other: "Money") -> "Money":
        """The sum. Both must be in one currency."""
        self._same_currency(other)
        return Money(amount=self.amount + other.amount, currency_code=self.currency_code)

    def __sub__(self, other: "Money") -> "Money":
        """The difference. Both must be in one currency."""
        self._same_currency(other)
        return Money(amount=self.amount - other.amount, currency_code=self.currency_code)

    def __mul__(self, factor: int) -> "Money":
        """`factor` times the amount."""
        return Money(amount=self.amount * factor, currency_code=self.currency_code)

    def _same_currency(self, other: "Money") -> None:
        if self.currency_code != other.currency_code:
            raise ValueError(f"{self.currency_code} and {other.currency_code} do not add up")


def _known_currency(code: str) -> str:
    if code not in DIGITS:
        raise PydanticCustomError("currency", "is not the code of a currency (ISO 4217), such as EUR")
    return code


class MoneyInput(Input):
    """An amount above zero with at most the digits of its currency."""

    currency_code: Annotated[str, AfterValidator(_known_currency), Doc("ISO 4217.")]
    amount: Decimal

    @field_validator("amount")
    @classmethod
    def _fits_currency(cls, amount: Decimal, info: ValidationInfo) -> Decimal:
        if not amount.is_finite() or not 0 < amount < LIMIT:
            raise PydanticCustomError("amount", "must be above 0 and below {limit}", {"limit": f"{LIMIT:f}"})
        digits = DIGITS.get(info.data.get("currency_code", ""))
        if digits is None:
            return amount
        if amount != (rounded := round(amount, digits)):
            raise PydanticCustomError("amount", "may have at most {digits} decimals", {"digits": digits})
        return rounded

    @property
    def value(self) -> Money:
        """The amount as events hold it."""
        return Money(amount=self.amount, currency_code=self.currency_code)
