"""Placing an order: who, what, where to; its units are reserved in the same append."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from write_side.catalogue.product import PRODUCT, check_active
from write_side.customers.customer import CUSTOMER, Customer
from write_side.kernel.commands import Command, Events, Input
from write_side.kernel.decisions import existing, not_yet
from write_side.kernel.refusals import InvalidInput
from write_side.kernel.streams import Loaded, Stream
from write_side.orders.events import OrderLine, OrderPlaced
from write_side.orders.order import MOST_LINES, ORDER
from write_side.orders.refusals import OrderEmpty
from write_side.orders.reservations import reserved
from write_side.stock.stock import STOCK, check_available
from write_side.terms.address import Address, AddressInput
from write_side.terms.ids import CustomerId, OrderId, ProductId
from write_side.terms.quantity import MOST, Quantity
from write_side.wallets.refusals import CurrencyMismatch


class OrderItemInput(Input):
    """So many units of a product. Several of one product add up."""

    product_id: ProductId
    quantity: Quantity


class PlaceOrder(Command, starts=ORDER):
    """Place an order. Each product is sold at its price of this moment, and reserved."""

    id: OrderId | None = None
    customer_id: CustomerId
    items: Annotated[tuple[OrderItemInput, ...], Field(max_length=MOST_LINES)]
    shipping_address: AddressInput | None = None

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        products = [item.product_id for item in self.items]
        return [
            CUSTOMER.of(self.customer_id),
            *(PRODUCT.of(product_id) for product_id in products),
            *(STOCK.of(product_id) for product_id in products),
        ]

    def decide(self, loaded: Loaded) -> Events:
        order = not_yet(loaded, self.target)
        customer = existing(loaded, CUSTOMER.of(self.customer_id), "customerId")
        if not self.items:
            raise OrderEmpty("an order has at least one item", "items")
        lines = self._lines(loaded)
        placed = OrderPlaced(
            customer_id=self.customer_id,
            customer_name=customer.name,
            customer_email=customer.email,
            lines=lines,
            shipping_address=self._address(customer),
        )
        return [(order, placed), *reserved(OrderId(self.key), lines)]

    def _lines(self, loaded: Loaded) -> tuple[OrderLine, ...]:
        """One line per product, in the order in which products come first, at the position that they have there."""
        first: dict[ProductId, str] = {}
        for number, item in enumerate(self.items):
            existing(loaded, PRODUCT.of(item.product_id), "items", str(number), "productId")
            first.setdefault(item.product_id, str(number))
        quantities = self._quantities()
        lines: list[OrderLine] = []
        for product_id, index in first.items():
            product = existing(loaded, PRODUCT.of(product_id))
            check_active(product, "items", index, "productId")
            if lines and product.price.currency_code != lines[0].unit_price.currency_code:
                raise CurrencyMismatch("all items of an order are in one currency", "items", index, "productId")
            quantity = quantities[product_id]
            lines.append(
                OrderLine(
                    product_id=product_id,
                    sku=product.sku,
                    name=product.name,
                    quantity=quantity,
                    unit_price=product.price,
                )
            )
        for line in lines:
            index = first[line.product_id]
            check_available(loaded[STOCK.of(line.product_id)], line.quantity, line.name, "items", index, "quantity")
        return tuple(lines)

    def _quantities(self) -> dict[ProductId, int]:
        quantities: dict[ProductId, int] = {}
        for index, item in enumerate(self.items):
            quantities[item.product_id] = quantities.get(item.product_id, 0) + item.quantity
            if quantities[item.product_id] > MOST:
                raise InvalidInput(f"at most {MOST} of one product", "items", str(index), "quantity")
        return quantities

    def _address(self, customer: Customer) -> Address:
        if self.shipping_address is not None:
            return self.shipping_address.value
        if customer.address is None:
            raise InvalidInput("the customer has no address: give one", "shippingAddress")
        return customer.address
