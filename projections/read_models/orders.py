"""The order page: everything that it shows, in one document.

Bounded by the order itself: at most 100 lines.
"""

from datetime import datetime
from typing import Annotated

from typing_extensions import Doc

from projections.kernel.conditions import Condition
from projections.kernel.documents import ASC, DESC, Filter, OrderBy, StreamDocument, document, part
from projections.kernel.projection import Projection
from projections.kernel.replacing import replace
from projections.parts import Address, Money, OrderProduct, OrderStatus
from write_side.customers.events import CustomerEmailChanged, CustomerRenamed
from write_side.kernel.events import Recorded
from write_side.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderItemAdded,
    OrderItemQuantityChanged,
    OrderItemRemoved,
    OrderLine,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    PaymentMethod,
    ShippingAddressChanged,
)
from write_side.terms.ids import CustomerId, OrderId


@part
class OrderCustomer:
    """Follows the customer: a later name or e-mail address reaches every order of theirs."""

    customer_id: CustomerId
    name: str
    email: str


@part
class OrderItem:
    """Price and product name as they were when the item was added."""

    product: OrderProduct
    quantity: int
    unit_price: Money
    line_total: Money


@part
class Payment:
    """How and when the order was paid, and given back."""

    method: PaymentMethod
    reference: str | None
    amount: Money
    paid_at: datetime
    refunded_at: datetime | None = None
    refund_reason: str | None = None


@part
class Shipment:
    """The parcel."""

    carrier: str
    tracking_number: str
    shipped_at: datetime
    delivered_at: datetime | None = None


@part
class Cancellation:
    """Why the order was given up."""

    reason: str
    cancelled_at: datetime


@document(
    many="orders",
    stream="order",
    filters=(Filter("customer.customer_id"), Filter("status"), Filter("placed_at")),
    orders=(OrderBy("placed_at", DESC), OrderBy("placed_at", ASC), OrderBy("updated_at", DESC)),
    search=("customer.name", "customer.email", "items.product.name", "items.product.sku"),
    watch=("one", "many"),
)
class Order(StreamDocument):
    """The order page: everything it shows, in one document."""

    id: OrderId
    status: OrderStatus
    customer: OrderCustomer
    items: tuple[OrderItem, ...]
    item_count: Annotated[int, Doc("Units of all items together.")]
    total: Money
    shipping_address: Address
    payment: Payment | None = None
    shipment: Shipment | None = None
    cancellation: Cancellation | None = None
    placed_at: datetime
    updated_at: datetime


ORDERS = Projection(Order, version=1)


@ORDERS.starts(OrderPlaced)
def placed(event: Recorded[OrderPlaced]) -> Order:
    """A new order."""
    what = event.event
    items = tuple(_item(line, line.quantity) for line in what.lines)
    return Order(
        id=OrderId(event.key),
        status=OrderStatus.PLACED,
        customer=OrderCustomer(customer_id=what.customer_id, name=what.customer_name, email=what.customer_email),
        items=items,
        item_count=_count(items),
        total=_total(items),
        shipping_address=Address.of(what.shipping_address),
        placed_at=event.occurred_at,
        updated_at=event.occurred_at,
    )


@ORDERS.on(OrderItemAdded)
def item_added(order: Order, event: Recorded[OrderItemAdded]) -> Order:
    """More units of a product, in its line if it has one."""
    line = event.event.line
    before = next((i.quantity for i in order.items if i.product.product_id == line.product_id), None)
    if before is None:
        return _with_items(order, (*order.items, _item(line, line.quantity)), event.occurred_at)
    return _requantified(order, line, before + line.quantity, event.occurred_at)


@ORDERS.on(OrderItemRemoved)
def item_removed(order: Order, event: Recorded[OrderItemRemoved]) -> Order:
    """A line is gone."""
    kept = tuple(item for item in order.items if item.product.product_id != event.event.line.product_id)
    return _with_items(order, kept, event.occurred_at)


@ORDERS.on(OrderItemQuantityChanged)
def item_quantity_changed(order: Order, event: Recorded[OrderItemQuantityChanged]) -> Order:
    """A line has another quantity."""
    return _requantified(order, event.event.line, event.event.line.quantity, event.occurred_at)


@ORDERS.on(ShippingAddressChanged)
def address_changed(order: Order, event: Recorded[ShippingAddressChanged]) -> Order:
    """The order goes elsewhere."""
    return replace(order, shipping_address=Address.of(event.event.address), updated_at=event.occurred_at)


@ORDERS.on(OrderPaid)
def paid(order: Order, event: Recorded[OrderPaid]) -> Order:
    """The order is paid."""
    payment = Payment(
        method=event.event.method,
        reference=event.event.reference,
        amount=Money.of(event.event.total),
        paid_at=event.occurred_at,
    )
    return replace(order, status=OrderStatus.PAID, payment=payment, updated_at=event.occurred_at)


@ORDERS.on(OrderShipped)
def shipped(order: Order, event: Recorded[OrderShipped]) -> Order:
    """The parcel is on its way."""
    shipment = Shipment(
        carrier=event.event.carrier, tracking_number=event.event.tracking_number, shipped_at=event.occurred_at
    )
    return replace(order, status=OrderStatus.SHIPPED, shipment=shipment, updated_at=event.occurred_at)


@ORDERS.on(OrderDelivered)
def delivered(order: Order, event: Recorded[OrderDelivered]) -> Order:
    """The parcel arrived."""
    shipment = order.shipment and replace(order.shipment, delivered_at=event.occurred_at)
    return replace(order, status=OrderStatus.DELIVERED, shipment=shipment, updated_at=event.occurred_at)


@ORDERS.on(OrderCancelled)
def cancelled(order: Order, event: Recorded[OrderCancelled]) -> Order:
    """The order was given up."""
    cancellation = Cancellation(reason=event.event.reason, cancelled_at=event.occurred_at)
    return replace(order, status=OrderStatus.CANCELLED, cancellation=cancellation, updated_at=event.occurred_at)


@ORDERS.on(OrderRefunded)
def refunded(order: Order, event: Recorded[OrderRefunded]) -> Order:
    """The money was given back."""
    payment = order.payment and replace(order.payment, refunded_at=event.occurred_at, refund_reason=event.event.reason)
    return replace(order, status=OrderStatus.REFUNDED, payment=payment, updated_at=event.occurred_at)


def _of_customer(event: Recorded) -> Condition:
    return Condition.equal("customer.customerId", event.key)


@ORDERS.on(CustomerRenamed, where=_of_customer)
def customer_renamed(order: Order, event: Recorded[CustomerRenamed]) -> Order:
    """The customer has another name."""
    return replace(order, customer=replace(order.customer, name=event.event.name))


@ORDERS.on(CustomerEmailChanged, where=_of_customer)
def customer_email_changed(order: Order, event: Recorded[CustomerEmailChanged]) -> Order:
    """The customer has another e-mail address."""
    return replace(order, customer=replace(order.customer, email=event.event.email))


def _item(line: OrderLine, quantity: int) -> OrderItem:
    return OrderItem(
        product=OrderProduct.of(line),
        quantity=quantity,
        unit_price=Money.of(line.unit_price),
        line_total=Money.of(line.unit_price * quantity),
    )


def _requantified(order: Order, line: OrderLine, quantity: int, at: datetime) -> Order:
    items = tuple(
        replace(item, quantity=quantity, line_total=Money.of(line.unit_price * quantity))
        if item.product.product_id == line.product_id
        else item
        for item in order.items
    )
    return _with_items(order, items, at)


def _with_items(order: Order, items: tuple[OrderItem, ...], at: datetime) -> Order:
    return replace(order, items=items, item_count=_count(items), total=_total(items), updated_at=at)


def _count(items: tuple[OrderItem, ...]) -> int:
    return sum(item.quantity for item in items)


def _total(items: tuple[OrderItem, ...]) -> Money:
    amounts = [item.line_total.amount for item in items]
    return replace(items[0].line_total, amount=sum(amounts[1:], start=amounts[0]))
