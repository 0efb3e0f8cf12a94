"""An example shop: who and what there is, and a log that knows the shop's streams."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from projections.kernel.scenario import Recorder
from write_side.catalogue.events import ProductAdded
from write_side.customers.events import CustomerRegistered
from write_side.kernel.events import Event, Recorded
from write_side.kernel.ids import Id
from write_side.orders.events import OrderLine, OrderPaid, OrderPlaced, OrderRefunded, PaymentMethod
from write_side.terms.address import Address
from write_side.terms.ids import CustomerId, OrderId, ProductId
from write_side.terms.money import Money

E = TypeVar("E", bound=Event)

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 2, 1, 8, 30, tzinfo=UTC)


def customer_id(number: int) -> CustomerId:
    return CustomerId(f"cus_{number:032x}")


def product_id(number: int) -> ProductId:
    return ProductId(f"prd_{number:032x}")


def order_id(number: int) -> OrderId:
    return OrderId(f"ord_{number:032x}")


ADA, BOB = customer_id(1), customer_id(2)
PEOPLE = {ADA: ("Ada Lovelace", "Ada@example.org"), BOB: ("Bob", "bob@example.org")}
MUG, POT = product_id(1), product_id(2)
ORDER = order_id(1)

BERLIN = Address(lines=("Hauptstr. 1",), city="Berlin", postcode="10827", country_code="DE")
PARIS = Address(lines=("2 rue de la Paix", "3e"), city="Paris", postcode="75002", country_code="FR")


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency_code="EUR")


def jpy(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency_code="JPY")


def mugs(quantity: int) -> OrderLine:
    """So many mugs at 12.40 EUR."""
    return OrderLine(product_id=MUG, sku="MUG-1", name="Blue mug", quantity=quantity, unit_price=eur("12.40"))


def pots(quantity: int) -> OrderLine:
    """So many tea pots at 30.00 EUR."""
    return OrderLine(product_id=POT, sku="POT-1", name="Tea pot", quantity=quantity, unit_price=eur("30.00"))


def total(*lines: OrderLine) -> Money:
    return sum((line.total for line in lines[1:]), start=lines[0].total)


def registered(customer: CustomerId = ADA) -> CustomerRegistered:
    name, email = PEOPLE[customer]
    return CustomerRegistered(name=name, email=email, phone=None, address=BERLIN)


def mug_added() -> ProductAdded:
    return ProductAdded(sku="MUG-1", name="Blue mug", description="Holds tea.", tags=("kitchen",), price=eur("12.40"))


def placed(*lines: OrderLine, customer: CustomerId = ADA) -> OrderPlaced:
    name, email = PEOPLE[customer]
    return OrderPlaced(
        customer_id=customer,
        customer_name=name,
        customer_email=email,
        lines=lines,
        shipping_address=BERLIN,
    )


def paid(*lines: OrderLine, customer: CustomerId = ADA, method: PaymentMethod = PaymentMethod.CARD) -> OrderPaid:
    return OrderPaid(
        customer_id=customer,
        recipient=PEOPLE[customer][0],
        lines=lines,
        total=total(*lines),
        shipping_address=BERLIN,
        method=method,
        reference="R-7",
    )


def refunded(*lines: OrderLine, customer: CustomerId = ADA, shipped: bool = False) -> OrderRefunded:
    return OrderRefunded(
        customer_id=customer,
        reason="broken",
        lines=lines,
        total=total(*lines),
        method=PaymentMethod.CARD,
        shipped=shipped,
    )


@dataclass
class Log:
    """What happens in the shop, each event in its stream."""

    recorder: Recorder = field(default_factory=Recorder)

    @property
    def events(self) -> list[Recorded]:
        return self.recorder.events

    def customer(self, event: E, key: CustomerId = ADA, at: datetime | None = None) -> Recorded[E]:
        return self._record("customer", key, event, at)

    def wallet(self, event: E, key: CustomerId = ADA, at: datetime | None = None) -> Recorded[E]:
        return self._record("wallet", key, event, at)

    def product(self, event: E, key: ProductId = MUG, at: datetime | None = None) -> Recorded[E]:
        return self._record("product", key, event, at)

    def stock(self, event: E, key: ProductId = MUG, at: datetime | None = None) -> Recorded[E]:
        return self._record("stock", key, event, at)

    def reorder(self, event: E, key: ProductId = MUG, at: datetime | None = None) -> Recorded[E]:
        return self._record("reorder", key, event, at)

    def order(self, event: E, key: OrderId = ORDER, at: datetime | None = None) -> Recorded[E]:
        return self._record("order", key, event, at)

    def _record(self, kind: str, key: Id, event: E, at: datetime | None) -> Recorded[E]:
        return self.recorder.record(kind, key, event, at=at)
