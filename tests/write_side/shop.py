"""An example shop, as the events that made it: who is there, what is sold, what is on the shelf."""

from decimal import Decimal

from write_side.catalogue.events import ProductAdded, ProductDiscontinued
from write_side.catalogue.product import PRODUCT
from write_side.claims.claim import email_claim, sku_claim
from write_side.claims.events import ValueClaimed
from write_side.customers.customer import CUSTOMER
from write_side.customers.events import CustomerRegistered
from write_side.kernel.scenario import Fact
from write_side.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderLine,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    PaymentMethod,
)
from write_side.orders.order import ORDER, Status
from write_side.stock.events import StockReceived, StockReleased, StockReserved, StockShipped
from write_side.stock.stock import STOCK
from write_side.terms.address import Address, AddressInput
from write_side.terms.ids import CustomerId, OrderId, ProductId
from write_side.terms.money import Money, MoneyInput
from write_side.wallets.events import WalletCredited
from write_side.wallets.wallet import WALLET


def customer_id(number: int) -> CustomerId:
    return CustomerId(f"cus_{number:032x}")


def product_id(number: int) -> ProductId:
    return ProductId(f"prd_{number:032x}")


def money(amount: str, currency_code: str = "EUR") -> Money:
    return Money(amount=Decimal(amount), currency_code=currency_code)


def money_input(amount: str, currency_code: str = "EUR") -> MoneyInput:
    return MoneyInput(amount=Decimal(amount), currency_code=currency_code)


ORDER_ID = OrderId(f"ord_{1:032x}")
ORDER_STREAM = ORDER.of(ORDER_ID)

ANN, BOB, NOBODY = customer_id(1), customer_id(2), customer_id(99)
"""Ann has an address, Bob has none."""

POT, CUP, TRAY, SUSHI, NOTHING = product_id(1), product_id(2), product_id(3), product_id(4), product_id(99)
"""The tray is discontinued, and sushi is sold in yen."""

BERLIN = Address(lines=("Hauptstr. 1",), city="Berlin", postcode="10827", country_code="DE")
PARIS = Address(lines=("2 rue de la Paix", "3e"), city="Paris", postcode="75002", country_code="FR")
TO_PARIS = AddressInput(line1="2 rue de la Paix", line2="3e", city="Paris", postcode="75002", country_code="FR")


def customer(key: CustomerId, name: str, email: str, address: Address | None = None) -> list[Fact]:
    registered = CustomerRegistered(name=name, email=email, address=address)
    return [(CUSTOMER.of(key), registered), (email_claim(email), ValueClaimed(holder=key))]


def product(key: ProductId, sku: str, name: str, price: Money, on_hand: int = 0) -> list[Fact]:
    added = ProductAdded(sku=sku, name=name, description="", tags=(), price=price)
    facts: list[Fact] = [(PRODUCT.of(key), added), (sku_claim(sku), ValueClaimed(holder=key))]
    return [*facts, (STOCK.of(key), StockReceived(quantity=on_hand))] if on_hand else facts


def discontinued(key: ProductId) -> Fact:
    return (PRODUCT.of(key), ProductDiscontinued(reason="out of fashion"))


SHOP: tuple[Fact, ...] = (
    *customer(ANN, "Ann", "ann@shop.test", BERLIN),
    *customer(BOB, "Bob", "bob@shop.test"),
    *product(POT, "POT-1", "Tea pot", money("30.00"), on_hand=10),
    *product(CUP, "CUP-1", "Cup", money("4.50"), on_hand=20),
    *product(TRAY, "TRAY-1", "Tray", money("9.00"), on_hand=5),
    discontinued(TRAY),
    *product(SUSHI, "SUSHI-1", "Sushi", money("1200", "JPY"), on_hand=10),
)


def pots(quantity: int) -> OrderLine:
    """So many tea pots at 30.00 EUR."""
    return OrderLine(product_id=POT, sku="POT-1", name="Tea pot", quantity=quantity, unit_price=money("30.00"))


def cups(quantity: int) -> OrderLine:
    """So many cups at 4.50 EUR."""
    return OrderLine(product_id=CUP, sku="CUP-1", name="Cup", quantity=quantity, unit_price=money("4.50"))


def trays(quantity: int) -> OrderLine:
    """So many trays at 9.00 EUR."""
    return OrderLine(product_id=TRAY, sku="TRAY-1", name="Tray", quantity=quantity, unit_price=money("9.00"))


def reserved(line: OrderLine) -> Fact:
    return (STOCK.of(line.product_id), StockReserved(order_id=ORDER_ID, quantity=line.quantity))


def released(line: OrderLine) -> Fact:
    return (STOCK.of(line.product_id), StockReleased(order_id=ORDER_ID, quantity=line.quantity))


def gone(line: OrderLine) -> Fact:
    return (STOCK.of(line.product_id), StockShipped(order_id=ORDER_ID, quantity=line.quantity))


def total(lines: tuple[OrderLine, ...]) -> Money:
    return sum((line.total for line in lines[1:]), start=lines[0].total)


def placed(*lines: OrderLine) -> list[Fact]:
    """Ann's order of `lines`, to Berlin."""
    event = OrderPlaced(
        customer_id=ANN, customer_name="Ann", customer_email="ann@shop.test", lines=lines, shipping_address=BERLIN
    )
    return [(ORDER_STREAM, event), *map(reserved, lines)]


def paid(*lines: OrderLine, method: PaymentMethod = PaymentMethod.CARD) -> list[Fact]:
    """Ann's order of `lines`, paid."""
    event = OrderPaid(
        customer_id=ANN,
        recipient="Ann",
        lines=lines,
        total=total(lines),
        shipping_address=BERLIN,
        method=method,
    )
    return [*placed(*lines), (ORDER_STREAM, event)]


def shipped(*lines: OrderLine, method: PaymentMethod = PaymentMethod.CARD) -> list[Fact]:
    """Ann's order of `lines`, on its way."""
    event = OrderShipped(customer_id=ANN, carrier="DHL", tracking_number="JD1")
    return [*paid(*lines, method=method), (ORDER_STREAM, event), *map(gone, lines)]


def in_status(status: Status, *lines: OrderLine) -> list[Fact]:
    """Ann's order of `lines`, as far as `status`. Refunded ones were paid and not shipped."""
    match status:
        case Status.PLACED:
            return placed(*lines)
        case Status.PAID:
            return paid(*lines)
        case Status.SHIPPED:
            return shipped(*lines)
        case Status.DELIVERED:
            return [*shipped(*lines), (ORDER_STREAM, OrderDelivered(customer_id=ANN))]
        case Status.CANCELLED:
            cancelled = OrderCancelled(customer_id=ANN, reason="no need", currency_code="EUR")
            return [*placed(*lines), (ORDER_STREAM, cancelled), *map(released, lines)]
        case Status.REFUNDED:
            refunded = OrderRefunded(
                customer_id=ANN,
                reason="late",
                lines=lines,
                total=total(lines),
                method=PaymentMethod.CARD,
                shipped=False,
            )
            return [*paid(*lines), (ORDER_STREAM, refunded), *map(released, lines)]


def credited(amount: str, currency_code: str = "EUR", key: CustomerId = ANN) -> Fact:
    return (WALLET.of(key), WalletCredited(amount=money(amount, currency_code), reason="gift"))
