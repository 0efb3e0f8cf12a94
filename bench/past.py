"""What happened in a shop, event by event: orders that are placed, paid, shipped and delivered, many of them at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from server.demo.goods import CARRIERS, GOODS, PEOPLE
from write_side.customers.customer import CUSTOMER
from write_side.customers.events import CustomerRegistered
from write_side.kernel.events import Event, StreamName
from write_side.orders.events import OrderDelivered, OrderLine, OrderPaid, OrderPlaced, OrderShipped, PaymentMethod
from write_side.orders.order import ORDER
from write_side.terms.address import Address
from write_side.terms.ids import CustomerId, OrderId, ProductId
from write_side.terms.money import Money

EVENTS_OF_AN_ORDER = 4
ORDERS_PER_CUSTOMER = 50
LINES = 3
UNDER_WAY = 200
"""So many orders are placed and not yet delivered at any time."""

OPENED = datetime(2025, 1, 1, tzinfo=UTC)
BETWEEN_EVENTS = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as its stream has it: the `version`th, which happened `at` (UTC)."""

    stream: StreamName
    version: int
    event: Event
    at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """The past of a shop with so many orders, the same every time. Its customers registered before the first order."""

    orders: int

    @property
    def customers(self) -> int:
        """How many customers it has."""
        return -(-self.orders // ORDERS_PER_CUSTOMER)

    @property
    def events(self) -> int:
        """How many events it has."""
        return self.customers + EVENTS_OF_AN_ORDER * self.orders

    def facts(self) -> Iterator[Fact]:
        """All of it, in order."""
        dice = Random(self.orders)
        at = OPENED
        for customer in range(self.customers):
            yield Fact(CUSTOMER.of(_customer_id(customer)).name, 1, _registered(customer), at)
            at += BETWEEN_EVENTS
        for number, version, event in self._interleaved(dice):
            yield Fact(ORDER.of(_order_id(number)).name, version, event, at)
            at += BETWEEN_EVENTS

    def _interleaved(self, dice: Random) -> Iterator[tuple[int, int, Event]]:
        """The orders' events: with each the number of its order, and which of the order's it is."""
        to_place = iter(range(self.orders))
        under_way: list[tuple[int, Iterator[tuple[int, Event]]]] = []
        while True:
            if len(under_way) < UNDER_WAY and (number := next(to_place, None)) is not None:
                under_way.append((number, enumerate(self._life(dice), 1)))
                which = -1
            elif under_way:
                which = dice.randrange(len(under_way))
            else:
                return
            number, life = under_way[which]
            version, event = next(life)
            yield number, version, event
            if version == EVENTS_OF_AN_ORDER:
                under_way[which] = under_way[-1]
                under_way.pop()

    def _life(self, dice: Random) -> Iterator[Event]:
        customer = dice.randrange(self.customers)
        customer_id, address = _customer_id(customer), _address(customer)
        lines = tuple(_line(number, dice.randint(1, 3)) for number in dice.sample(range(len(GOODS)), LINES))
        yield OrderPlaced(
            customer_id=customer_id,
            customer_name=_name(customer),
            customer_email=_email(customer),
            lines=lines,
            shipping_address=address,
        )
        yield OrderPaid(
            customer_id=customer_id,
            recipient=_name(customer),
            lines=lines,
            total=sum((line.total for line in lines[1:]), start=lines[0].total),
            shipping_address=address,
            method=PaymentMethod.CARD,
            reference=f"PAY-{dice.getrandbits(32):08X}",
        )
        tracking_number = f"{dice.getrandbits(40):013d}"
        yield OrderShipped(customer_id=customer_id, carrier=dice.choice(CARRIERS), tracking_number=tracking_number)
        yield OrderDelivered(customer_id=customer_id)


def _customer_id(customer: int) -> CustomerId:
    return CustomerId(f"cus_{customer:032x}")


def _order_id(number: int) -> OrderId:
    return OrderId(f"ord_{number:032x}")


def _registered(customer: int) -> CustomerRegistered:
    return CustomerRegistered(name=_name(customer), email=_email(customer), address=_address(customer))


def _name(customer: int) -> str:
    return PEOPLE[customer % len(PEOPLE)].name


def _email(customer: int) -> str:
    return f"{_name(customer).lower().replace(' ', '.')}.{customer}@shop.example"


def _address(customer: int) -> Address:
    person = PEOPLE[customer % len(PEOPLE)]
    return Address(lines=(person.street,), city=person.city, postcode=person.postcode, country_code=person.country)


def _line(number: int, quantity: int) -> OrderLine:
    good = GOODS[number]
    price = Money(amount=Decimal(good.price), currency_code="EUR")
    product_id = ProductId(f"prd_{number:032x}")
    return OrderLine(product_id=product_id, sku=good.sku, name=good.name, quantity=quantity, unit_price=price)
