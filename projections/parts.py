"""What several read models nest: money, addresses, products as ordered, the status of an order."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from typing_extensions import Doc

from projections.kernel.documents import part
from projections.kernel.replacing import replace
from write_side.orders.events import OrderLine
from write_side.terms import address, money
from write_side.terms.ids import ProductId


class OrderStatus(StrEnum):
    """Where an order stands."""

    PLACED = "PLACED"
    PAID = "PAID"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"


@part
class Money:
    """An exact amount in a currency."""

    amount: Decimal
    currency_code: Annotated[str, Doc("ISO 4217.")]

    @classmethod
    def of(cls, value: money.Money) -> "Money":
        """As it stands in an event."""
        return cls(amount=value.amount, currency_code=value.currency_code)

    def plus(self, value: money.Money, times: int = 1) -> "Money":
        """The sum with `times` the amount of an event, which is in the same currency."""
        return replace(self, amount=self.amount + value.amount * times)


def added(totals: Sequence[Money], value: money.Money, sign: int = 1) -> tuple[Money, ...]:
    """Sums per currency, sorted by currency, after `value` was added, or taken back with a `sign` of -1.

    A currency whose sum became zero is left out.
    """
    by_currency = {total.currency_code: total for total in totals}
    before = by_currency.get(value.currency_code) or Money.of(money.Money.zero(value.currency_code))
    by_currency[value.currency_code] = before.plus(value, sign)
    return tuple(by_currency[code] for code in sorted(by_currency) if by_currency[code].amount)


@part
class Address:
    """A postal address."""

    line1: str
    line2: str | None
    city: str
    postcode: str
    country_code: Annotated[str, Doc("ISO 3166-1 alpha-2.")]

    @classmethod
    def of(cls, value: address.Address) -> "Address":
        """As it stands in an event."""
        first, *rest = value.lines
        return cls(
            line1=first,
            line2=", ".join(rest) if rest else None,
            city=value.city,
            postcode=value.postcode,
            country_code=value.country_code,
        )


@part
class OrderProduct:
    """A product as it was when it was ordered."""

    product_id: ProductId
    sku: str
    name: str

    @classmethod
    def of(cls, line: OrderLine) -> "OrderProduct":
        """The product of an event's line."""
        return cls(product_id=line.product_id, sku=line.sku, name=line.name)
