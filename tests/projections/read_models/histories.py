"""Histories of a shop, drawn at random by hypothesis, in which every order's life is a possible one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import strategies as st

from projections.kernel.scenario import OPENED
from tests.projections.shop import (
    ADA,
    BERLIN,
    BOB,
    PARIS,
    Log,
    eur,
    jpy,
    mug_added,
    mugs,
    order_id,
    paid,
    placed,
    pots,
    refunded,
    registered,
)
from write_side.customers.events import CustomerRenamed
from write_side.kernel.events import Event, Recorded
from write_side.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderItemAdded,
    OrderItemQuantityChanged,
    OrderItemRemoved,
    OrderLine,
    OrderShipped,
    ShippingAddressChanged,
)
from write_side.terms.address import Address
from write_side.terms.ids import CustomerId, ProductId

ORDERS = 14
"""More than a customer page shows."""


@dataclass
class Life:
    """One order so far, as much of it as says what may happen next."""

    customer: CustomerId
    lines: dict[ProductId, OrderLine]
    status: str = "PLACED"
    address: Address = BERLIN

    @property
    def now(self) -> tuple[OrderLine, ...]:
        return tuple(self.lines.values())


@dataclass
class Street:
    """Makes events of an order until a drawn step cannot be: then nothing happens."""

    log: Log = field(default_factory=Log)
    lives: dict[int, Life] = field(default_factory=dict)

    def step(self, number: int, action: str, quantity: int, hours: int) -> None:
        """One step of order `number`, so many hours after the log was opened."""
        event = _happen(self.lives, number, action, quantity)
        if event is not None:
            self.log.order(event, order_id(number), at=OPENED + timedelta(hours=hours))


def _happen(lives: dict[int, Life], number: int, action: str, quantity: int) -> Event | None:
    life = lives.get(number)
    if action == "place":
        if life is not None:
            return None
        # Every third order is in yen.
        price = jpy("900") if number % 3 == 0 else eur("12.40")
        line = mugs(quantity).model_copy(update={"unit_price": price})
        lives[number] = Life(ADA if number % 7 else BOB, {line.product_id: line})
        return placed(line, customer=lives[number].customer)
    return None if life is None else ACTIONS[action](life, quantity)


def _add(life: Life, quantity: int) -> Event | None:
    currency = life.now[0].unit_price.currency_code
    line = pots(quantity).model_copy(update={"unit_price": eur("30.00") if currency == "EUR" else jpy("2200")})
    if life.status != "PLACED":
        return None
    before = life.lines.get(line.product_id)
    units = quantity + (before.quantity if before else 0)
    life.lines[line.product_id] = line.model_copy(update={"quantity": units})
    return OrderItemAdded(customer_id=life.customer, line=line)


def _remove(life: Life, _quantity: int) -> Event | None:
    if life.status != "PLACED" or len(life.lines) < 2:
        return None
    _, line = life.lines.popitem()
    return OrderItemRemoved(customer_id=life.customer, line=line)


def _change(life: Life, quantity: int) -> Event | None:
    if life.status != "PLACED":
        return None
    product, before = next(iter(life.lines.items()))
    life.lines[product] = before.model_copy(update={"quantity": quantity})
    return OrderItemQuantityChanged(customer_id=life.customer, line=life.lines[product], previous_quantity=before.quantity)


def _redirect(life: Life, _quantity: int) -> Event | None:
    if life.status not in {"PLACED", "PAID"}:
        return None
    life.address = PARIS
    return ShippingAddressChanged(address=PARIS)


def _pay(life: Life, _quantity: int) -> Event | None:
    if life.status != "PLACED":
        return None
    life.status = "PAID"
    return paid(*life.now, customer=life.customer).model_copy(update={"shipping_address": life.address})


def _ship(life: Life, _quantity: int) -> Event | None:
    if life.status != "PAID":
        return None
    life.status = "SHIPPED"
    return OrderShipped(customer_id=life.customer, carrier="DHL", tracking_number="T-1")


def _deliver(life: Life, _quantity: int) -> Event | None:
    if life.status != "SHIPPED":
        return None
    life.status = "DELIVERED"
    return OrderDelivered(customer_id=life.customer)


def _cancel(life: Life, _quantity: int) -> Event | None:
    if life.status != "PLACED":
        return None
    life.status = "CANCELLED"
    return OrderCancelled(customer_id=life.customer, reason="too late", currency_code=life.now[0].unit_price.currency_code)


def _refund(life: Life, _quantity: int) -> Event | None:
    if life.status not in {"PAID", "SHIPPED", "DELIVERED"}:
        return None
    shipped = life.status != "PAID"
    life.status = "REFUNDED"
    return refunded(*life.now, customer=life.customer, shipped=shipped)


ACTIONS: dict[str, Callable[[Life, int], Event | None]] = {
    "add": _add,
    "remove": _remove,
    "change": _change,
    "redirect": _redirect,
    "pay": _pay,
    "ship": _ship,
    "deliver": _deliver,
    "cancel": _cancel,
    "refund": _refund,
}

STEPS = st.tuples(
    st.integers(1, ORDERS),
    # Placing and paying more often than the rest, so that lives get somewhere.
    st.sampled_from(["place", "place", "place", "pay", "pay", *ACTIONS]),
    st.integers(1, 20),
    st.integers(0, 96),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Recorded]:
    """The log of a shop with two customers, a product, and a number of orders."""
    street = Street()
    street.log.customer(registered())
    street.log.customer(registered(BOB), BOB)
    street.log.product(mug_added())
    for number, action, quantity, hours in draw(st.lists(STEPS, max_size=60)):
        street.step(number, action, quantity, hours)
    street.log.customer(CustomerRenamed(name="Ada King"))
    return street.log.events
