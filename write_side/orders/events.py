"""What happens to an order. Each event carries what the documents that it touches need: no fold looks anything up."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from write_side.kernel.codec import Json, upcasts
from write_side.kernel.events import Event
from write_side.terms.address import Address, in_lines
from write_side.terms.ids import CustomerId, ProductId
from write_side.terms.money import Money


class PaymentMethod(StrEnum):
    """How an order was paid."""

    CARD = "CARD"
    BANK_TRANSFER = "BANK_TRANSFER"
    WALLET = "WALLET"


class OrderLine(BaseModel):
    """So many units of a product, with its SKU, name and price as they were when it was added to the order."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    product_id: ProductId
    sku: str
    name: str
    quantity: int
    unit_price: Money

    @property
    def total(self) -> Money:
        """Price times quantity."""
        return self.unit_price * self.quantity


class OrderPlaced(Event, name="order-placed", schema=2):
    """A customer ordered something; its units are reserved. One line per product."""

    customer_id: CustomerId
    customer_name: str
    customer_email: str
    lines: tuple[OrderLine, ...]
    shipping_address: Address


class OrderItemAdded(Event, name="order-item-added"):
    """`line.quantity` more units of a product, at `line.unit_price`; the product may have been in the order before."""

    customer_id: CustomerId
    line: OrderLine


class OrderItemRemoved(Event, name="order-item-removed"):
    """A product is not in the order any more; `line` is what stood there."""

    customer_id: CustomerId
    line: OrderLine


class OrderItemQuantityChanged(Event, name="order-item-quantity-changed"):
    """A line has another quantity; `line` is the line as it is now, `previous_quantity` what it was."""

    customer_id: CustomerId
    line: OrderLine
    previous_quantity: int


class ShippingAddressChanged(Event, name="shipping-address-changed", schema=2):
    """The order goes elsewhere."""

    address: Address


class OrderPaid(Event, name="order-paid", schema=2):
    """The order was paid in full, and is the warehouse's to send. `recipient` is the customer's name by then."""

    customer_id: CustomerId
    recipient: str
    lines: tuple[OrderLine, ...]
    total: Money
    shipping_address: Address
    method: PaymentMethod
    reference: str | None = None


class OrderShipped(Event, name="order-shipped"):
    """The order left the warehouse."""

    customer_id: CustomerId
    carrier: str
    tracking_number: str


class OrderDelivered(Event, name="order-delivered"):
    """The order arrived."""

    customer_id: CustomerId


class OrderCancelled(Event, name="order-cancelled"):
    """The order was given up before it was paid. `currency_code` is the order's."""

    customer_id: CustomerId
    reason: str
    currency_code: str


class OrderRefunded(Event, name="order-refunded"):
    """The order's money was given back; `shipped` says whether it had left the warehouse."""

    customer_id: CustomerId
    reason: str
    lines: tuple[OrderLine, ...]
    total: Money
    method: PaymentMethod
    shipped: bool


OrderEvent = (
    OrderPlaced
    | OrderItemAdded
    | OrderItemRemoved
    | OrderItemQuantityChanged
    | ShippingAddressChanged
    | OrderPaid
    | OrderShipped
    | OrderDelivered
    | OrderCancelled
    | OrderRefunded
)


@upcasts("order-placed", 1)
@upcasts("order-paid", 1)
def _shipping_address_in_lines(data: Json) -> Json:
    """To version 2, in which an address is a list of lines."""
    return {**data, "shippingAddress": in_lines(data["shippingAddress"])}


@upcasts("shipping-address-changed", 1)
def _address_in_lines(data: Json) -> Json:
    """To version 2, in which an address is a list of lines."""
    return {**data, "address": in_lines(data["address"])}
