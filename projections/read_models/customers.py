"""The customer page: who they are, their store credit, what they are worth to the shop, and their latest orders.

Bounded: ten orders, and one sum per currency. An order that has left the ten changes only `lifetime_value` from then on.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from typing_extensions import Doc

from projections.kernel.documents import ASC, DESC, Filter, OrderBy, StreamDocument, document, part
from projections.kernel.projection import Projection
from projections.kernel.replacing import replace
from projections.parts import Address, Money, OrderStatus, added
from write_side.customers.events import (
    CustomerAddressChanged,
    CustomerEmailChanged,
    CustomerPhoneChanged,
    CustomerRegistered,
    CustomerRenamed,
)
from write_side.kernel.events import Recorded
from write_side.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderItemAdded,
    OrderItemQuantityChanged,
    OrderItemRemoved,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
)
from write_side.terms import money
from write_side.terms.ids import CustomerId, OrderId
from write_side.wallets.events import WalletCredited, WalletDebited

RECENT = 10
"""So many orders are on the page."""

CustomersOrderEvent = (
    OrderPlaced
    | OrderItemAdded
    | OrderItemRemoved
    | OrderItemQuantityChanged
    | OrderPaid
    | OrderShipped
    | OrderDelivered
    | OrderCancelled
    | OrderRefunded
)
"""What happens to an order and shows on the page of its customer."""


@part
class CustomerOrder:
    """One of the customer's orders, in short."""

    order_id: OrderId
    status: OrderStatus
    item_count: Annotated[int, Doc("Units of all items together.")]
    total: Money
    placed_at: datetime


@document(
    many="customers",
    stream="customer",
    filters=(Filter("email", folded=True), Filter("registered_at")),
    orders=(OrderBy("registered_at", DESC), OrderBy("registered_at", ASC), OrderBy("name", ASC)),
    search=("name", "email"),
    watch=("one",),
)
class Customer(StreamDocument):
    """The customer page."""

    id: CustomerId
    name: str
    email: str
    phone: str | None
    address: Address | None
    wallet_balance: Annotated[Money | None, Doc("Store credit; null until first credited.")] = None
    wallet_version: Annotated[int, Doc("Version of the wallet's own stream; 0 before the first credit.")] = 0
    order_count: Annotated[int, Doc("Orders ever placed.")] = 0
    lifetime_value: Annotated[tuple[Money, ...], Doc("Paid and not refunded, one entry per currency.")] = ()
    recent_orders: Annotated[tuple[CustomerOrder, ...], Doc("The latest ten, newest first.")] = ()
    registered_at: datetime
    updated_at: datetime


CUSTOMERS = Projection(Customer, version=1)


@CUSTOMERS.starts(CustomerRegistered)
def registered(event: Recorded[CustomerRegistered]) -> Customer:
    """A new customer."""
    what = event.event
    return Customer(
        id=CustomerId(event.key),
        name=what.name,
        email=what.email,
        phone=what.phone,
        address=None if what.address is None else Address.of(what.address),
        registered_at=event.occurred_at,
        updated_at=event.occurred_at,
    )


@CUSTOMERS.on(CustomerRenamed)
def renamed(customer: Customer, event: Recorded[CustomerRenamed]) -> Customer:
    """The customer has another name."""
    return replace(customer, name=event.event.name, updated_at=event.occurred_at)


@CUSTOMERS.on(CustomerEmailChanged)
def email_changed(customer: Customer, event: Recorded[CustomerEmailChanged]) -> Customer:
    """The customer has another e-mail address."""
    return replace(customer, email=event.event.email, updated_at=event.occurred_at)


@CUSTOMERS.on(CustomerPhoneChanged)
def phone_changed(customer: Customer, event: Recorded[CustomerPhoneChanged]) -> Customer:
    """The customer has another telephone number, or none."""
    return replace(customer, phone=event.event.phone, updated_at=event.occurred_at)


@CUSTOMERS.on(CustomerAddressChanged)
def address_changed(customer: Customer, event: Recorded[CustomerAddressChanged]) -> Customer:
    """The customer lives elsewhere."""
    return replace(customer, address=Address.of(event.event.address), updated_at=event.occurred_at)


@CUSTOMERS.on(WalletCredited)
def wallet_credited(customer: Customer, event: Recorded[WalletCredited]) -> Customer:
    """More store credit."""
    return _with_wallet(customer, event, event.event.amount, 1)


@CUSTOMERS.on(WalletDebited)
def wallet_debited(customer: Customer, event: Recorded[WalletDebited]) -> Customer:
    """Less store credit."""
    return _with_wallet(customer, event, event.event.amount, -1)


def _customer(event: Recorded[CustomersOrderEvent]) -> tuple[CustomerId]:
    return (event.event.customer_id,)


@CUSTOMERS.on(OrderPlaced, keys=_customer)
def order_placed(customer: Customer, event: Recorded[OrderPlaced]) -> Customer:
    """One more order; the eleventh newest leaves the page."""
    lines = event.event.lines
    order = CustomerOrder(
        order_id=OrderId(event.key),
        status=OrderStatus.PLACED,
        item_count=sum(line.quantity for line in lines),
        total=Money.of(sum((line.total for line in lines[1:]), start=lines[0].total)),
        placed_at=event.occurred_at,
    )
    # Imported history may come late. Of orders placed at one moment the later in the log counts as the newer.
    newest_first = sorted((order, *customer.recent_orders), key=lambda o: o.placed_at, reverse=True)
    return replace(
        customer,
        order_count=customer.order_count + 1,
        recent_orders=tuple(newest_first[:RECENT]),
        updated_at=event.occurred_at,
    )


@CUSTOMERS.on(OrderItemAdded, keys=_customer)
def order_item_added(customer: Customer, event: Recorded[OrderItemAdded]) -> Customer:
    """More units in an order."""
    line = event.event.line
    return _with_units(customer, event, line.quantity, line.unit_price)


@CUSTOMERS.on(OrderItemRemoved, keys=_customer)
def order_item_removed(customer: Customer, event: Recorded[OrderItemRemoved]) -> Customer:
    """A line of an order is gone."""
    line = event.event.line
    return _with_units(customer, event, -line.quantity, line.unit_price)


@CUSTOMERS.on(OrderItemQuantityChanged, keys=_customer)
def order_item_quantity_changed(customer: Customer, event: Recorded[OrderItemQuantityChanged]) -> Customer:
    """More or fewer units in an order."""
    line = event.event.line
    return _with_units(customer, event, line.quantity - event.event.previous_quantity, line.unit_price)


@CUSTOMERS.on(OrderPaid, keys=_customer)
def order_paid(customer: Customer, event: Recorded[OrderPaid]) -> Customer:
    """The customer is worth more."""
    paid = _with_status(customer, event, OrderStatus.PAID)
    value = added(customer.lifetime_value, event.event.total)
    return replace(paid, lifetime_value=value, updated_at=event.occurred_at)


@CUSTOMERS.on(OrderShipped, keys=_customer)
def order_shipped(customer: Customer, event: Recorded[OrderShipped]) -> Customer:
    """An order is on its way."""
    return _with_status(customer, event, OrderStatus.SHIPPED)


@CUSTOMERS.on(OrderDelivered, keys=_customer)
def order_delivered(customer: Customer, event: Recorded[OrderDelivered]) -> Customer:
    """An order arrived."""
    return _with_status(customer, event, OrderStatus.DELIVERED)


@CUSTOMERS.on(OrderCancelled, keys=_customer)
def order_cancelled(customer: Customer, event: Recorded[OrderCancelled]) -> Customer:
    """An order was given up."""
    return _with_status(customer, event, OrderStatus.CANCELLED)


@CUSTOMERS.on(OrderRefunded, keys=_customer)
def order_refunded(customer: Customer, event: Recorded[OrderRefunded]) -> Customer:
    """The customer is worth less."""
    refunded = _with_status(customer, event, OrderStatus.REFUNDED)
    value = added(customer.lifetime_value, event.event.total, -1)
    return replace(refunded, lifetime_value=value, updated_at=event.occurred_at)


def _with_wallet(customer: Customer, event: Recorded, amount: money.Money, sign: int) -> Customer:
    before = customer.wallet_balance or Money.of(money.Money.zero(amount.currency_code))
    return replace(
        customer,
        wallet_balance=before.plus(amount, sign),
        wallet_version=event.version,
        updated_at=event.occurred_at,
    )


def _with_status(customer: Customer, event: Recorded[CustomersOrderEvent], status: OrderStatus) -> Customer:
    return _with_order(customer, event, lambda order: replace(order, status=status))


def _with_units(customer: Customer, event: Recorded[CustomersOrderEvent], units: int, unit_price: money.Money) -> Customer:
    return _with_order(
        customer,
        event,
        lambda order: replace(order, item_count=order.item_count + units, total=order.total.plus(unit_price, units)),
    )


def _with_order(
    customer: Customer, event: Recorded[CustomersOrderEvent], change: Callable[[CustomerOrder], CustomerOrder]
) -> Customer:
    """Changes the event's order if the page has it; else the page stays as it is, and so does `updated_at`."""
    recent = tuple(change(order) if order.order_id == event.key else order for order in customer.recent_orders)
    if recent == customer.recent_orders:
        return customer
    return replace(customer, recent_orders=recent, updated_at=event.occurred_at)
