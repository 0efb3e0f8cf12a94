"""A shop of any size whose orders are known without asking: each is a function of its number.

Every customer has fifty orders, one placed per round of all customers, and a tenth of each customer's orders is PAID.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

from projections.kernel.documents import NOWHERE
from projections.parts import Address, Money, OrderProduct, OrderStatus
from projections.read_models.orders import Cancellation, Order, OrderCustomer, OrderItem, Payment, Shipment
from server.demo.goods import CARRIERS, GOODS, PEOPLE, REASONS_TO_CANCEL, REASONS_TO_REFUND
from write_side.kernel.positions import LogPosition, Positions
from write_side.orders.events import PaymentMethod
from write_side.terms.ids import CustomerId, OrderId, ProductId

ORDERS_PER_CUSTOMER = 50
LINES = 5
MOST_OF_A_LINE = 3
FIRST_ORDER = datetime(2025, 1, 1, tzinfo=UTC)
BETWEEN_ORDERS = timedelta(seconds=30)
AT_ONCE, UNTIL_PAID, UNTIL_CANCELLED = timedelta(), timedelta(minutes=10), timedelta(hours=1)
UNTIL_SHIPPED, UNTIL_DELIVERED, UNTIL_REFUNDED = timedelta(hours=20), timedelta(days=3), timedelta(days=5)

STATUSES = (
    OrderStatus.DELIVERED,
    OrderStatus.PLACED,
    OrderStatus.DELIVERED,
    OrderStatus.SHIPPED,
    OrderStatus.PAID,
    OrderStatus.DELIVERED,
    OrderStatus.CANCELLED,
    OrderStatus.DELIVERED,
    OrderStatus.REFUNDED,
    OrderStatus.PLACED,
)
_CHANGES = {
    OrderStatus.PLACED: (AT_ONCE,),
    OrderStatus.PAID: (AT_ONCE, UNTIL_PAID),
    OrderStatus.SHIPPED: (AT_ONCE, UNTIL_PAID, UNTIL_SHIPPED),
    OrderStatus.DELIVERED: (AT_ONCE, UNTIL_PAID, UNTIL_SHIPPED, UNTIL_DELIVERED),
    OrderStatus.CANCELLED: (AT_ONCE, UNTIL_CANCELLED),
    OrderStatus.REFUNDED: (AT_ONCE, UNTIL_PAID, UNTIL_REFUNDED),
}
"""How long after it was placed each event of an order happened."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop of `orders` orders, numbered from 0 in the order in which they were placed: a multiple of fifty."""

    orders: int

    @property
    def customers(self) -> int:
        """How many customers it has."""
        return self.orders // ORDERS_PER_CUSTOMER

    def order(self, number: int, positions: Positions | None = None) -> Order:
        """The order of that number; at its place in a log, if `positions` are given."""
        dice = random.Random(number)
        round_of_all, customer = divmod(number, self.customers)
        status = STATUSES[(round_of_all + customer) % len(STATUSES)]
        placed_at = FIRST_ORDER + number * BETWEEN_ORDERS
        lines = _lines()
        items = tuple(dice.choice(lines[good]) for good in dice.sample(range(len(GOODS)), LINES))
        total = _euros(sum((item.line_total.amount for item in items), Decimal()))
        return Order(
            id=self.order_id(number),
            status=status,
            customer=self._customer(customer),
            items=items,
            item_count=sum(item.quantity for item in items),
            total=total,
            shipping_address=_addresses()[customer % len(PEOPLE)],
            payment=_payment(dice, total, placed_at, status) if UNTIL_PAID in _CHANGES[status] else None,
            shipment=_shipment(dice, placed_at, status) if UNTIL_SHIPPED in _CHANGES[status] else None,
            cancellation=_cancellation(dice, placed_at) if status is OrderStatus.CANCELLED else None,
            placed_at=placed_at,
            updated_at=placed_at + _CHANGES[status][-1],
            version=len(_CHANGES[status]),
            position=NOWHERE if positions is None else positions.token(LogPosition(number + 1)),
        )

    def order_id(self, number: int) -> OrderId:
        """The id of an order: made as the server makes them, so that those of later orders sort later."""
        placed_at = FIRST_ORDER + number * BETWEEN_ORDERS
        return OrderId(f"ord_{_uuid7(placed_at, number)}")

    def customer_id(self, customer: int) -> CustomerId:
        """The id of a customer, numbered from 0. All registered in the minutes before the first order."""
        return CustomerId(f"cus_{_uuid7(FIRST_ORDER - timedelta(milliseconds=customer + 1), -customer - 1)}")

    def orders_of(self, customer: int) -> Iterator[int]:
        """The numbers of a customer's orders, the latest first."""
        return (self.customers * turn + customer for turn in reversed(range(ORDERS_PER_CUSTOMER)))

    def in_status(self, status: OrderStatus) -> Iterator[int]:
        """The numbers of the orders that have a status, the latest first."""
        for number in reversed(range(self.orders)):
            if STATUSES[sum(divmod(number, self.customers)) % len(STATUSES)] is status:
                yield number

    def _customer(self, customer: int) -> OrderCustomer:
        person = PEOPLE[customer % len(PEOPLE)].name
        email = f"{person.lower().replace(' ', '.')}.{customer}@shop.example"
        return OrderCustomer(customer_id=self.customer_id(customer), name=person, email=email)


def _uuid7(moment: datetime, seed: int) -> str:
    milliseconds = round(moment.timestamp() * 1000)
    digits = f"{random.Random(seed).getrandbits(72):018x}"
    return f"{milliseconds:012x}7{digits[:3]}8{digits[3:]}"


def _euros(amount: Decimal) -> Money:
    return Money(amount=amount, currency_code="EUR")


@cache
def _lines() -> list[list[OrderItem]]:
    """For each product its line, for each quantity."""
    return [
        [
            OrderItem(
                product=OrderProduct(product_id=ProductId(f"prd_{number:032x}"), sku=good.sku, name=good.name),
                quantity=quantity,
                unit_price=_euros(Decimal(good.price)),
                line_total=_euros(Decimal(good.price) * quantity),
            )
            for quantity in range(1, MOST_OF_A_LINE + 1)
        ]
        for number, good in enumerate(GOODS)
    ]


@cache
def _addresses() -> list[Address]:
    return [Address(line1=p.street, line2=None, city=p.city, postcode=p.postcode, country_code=p.country) for p in PEOPLE]


def _payment(dice: random.Random, total: Money, placed_at: datetime, status: OrderStatus) -> Payment:
    is_refunded = status is OrderStatus.REFUNDED
    return Payment(
        method=PaymentMethod.CARD,
        reference=f"PAY-{dice.getrandbits(32):08X}",
        amount=total,
        paid_at=placed_at + UNTIL_PAID,
        refunded_at=placed_at + UNTIL_REFUNDED if is_refunded else None,
        refund_reason=dice.choice(REASONS_TO_REFUND) if is_refunded else None,
    )


def _shipment(dice: random.Random, placed_at: datetime, status: OrderStatus) -> Shipment:
    return Shipment(
        carrier=dice.choice(CARRIERS),
        tracking_number=f"{dice.getrandbits(40):013d}",
        shipped_at=placed_at + UNTIL_SHIPPED,
        delivered_at=placed_at + UNTIL_DELIVERED if status is OrderStatus.DELIVERED else None,
    )


def _cancellation(dice: random.Random, placed_at: datetime) -> Cancellation:
    return Cancellation(reason=dice.choice(REASONS_TO_CANCEL), cancelled_at=placed_at + UNTIL_CANCELLED)
