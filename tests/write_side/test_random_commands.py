"""Whatever is commanded in whatever order: nothing is sold twice, nothing below zero, no cent lost.

Random commands run on the decisions alone. What the log would hold afterwards is added up without the areas' own states,
and compared with them.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import given as anything
from hypothesis import settings
from hypothesis import strategies as st

import write_side
from tests.write_side.shop import ANN, BOB, CUP, POT, SHOP, TO_PARIS, money, money_input, product, product_id
from write_side.catalogue.commands import ChangeProductPrice, DiscontinueProduct
from write_side.catalogue.product import PRODUCT
from write_side.kernel.codec import encode
from write_side.kernel.commands import Command, Input
from write_side.kernel.domain import discover
from write_side.kernel.scenario import Fact, Scenario, given
from write_side.kernel.snapshots import Form
from write_side.orders.events import OrderPaid, OrderPlaced, OrderRefunded, PaymentMethod
from write_side.orders.fulfilment import ChangeShippingAddress, ConfirmDelivery, ShipOrder
from write_side.orders.items import AddOrderItem, ChangeOrderItemQuantity, RemoveOrderItem
from write_side.orders.order import ORDER, Order, Status
from write_side.orders.payment import CancelOrder, PayOrder, RefundOrder
from write_side.orders.placing import OrderItemInput, PlaceOrder
from write_side.reorders.commands import ReviewStock
from write_side.reorders.events import ReorderCovered, ReorderNeeded
from write_side.reorders.reorder import REORDER
from write_side.stock.commands import CorrectStock, ReceiveStock, SetReorderLevel
from write_side.stock.events import StockCorrected, StockReceived, StockShipped
from write_side.stock.stock import STOCK
from write_side.terms.ids import OrderId, ProductId
from write_side.wallets.commands import CreditWallet, DebitWallet
from write_side.wallets.events import WalletCredited, WalletDebited
from write_side.wallets.wallet import WALLET

CODEC = discover(write_side).codec()
VASE = product_id(5)
PRODUCTS = (POT, CUP, VASE)
CUSTOMERS = (ANN, BOB)
OPEN: tuple[Fact, ...] = (*SHOP, *product(VASE, "VASE-1", "Vase", money("12.35"), on_hand=8))
ORDERS = tuple(OrderId(f"ord_{number:032x}") for number in range(1, 4))

customers = st.sampled_from(CUSTOMERS)
products = st.sampled_from(PRODUCTS)
orders = st.sampled_from(ORDERS)
quantities = st.integers(1, 4) | st.integers(1, 15)
amounts = st.integers(1, 20_000).map(lambda cents: money_input(f"{Decimal(cents).scaleb(-2):f}"))
reasons = st.just("because")

In = TypeVar("In", bound=Input)


def inputs(cls: type[In], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[In]:
    """Inputs of a class. `st.builds` does not see that fields go by their own names as well."""
    return st.fixed_dictionaries(fields).map(cls.model_validate)


items = st.lists(inputs(OrderItemInput, product_id=products, quantity=quantities), min_size=1, max_size=3)


def life(key: OrderId) -> st.SearchStrategy[tuple[Command, ...]]:
    """What takes an order from its placing to one of its ends."""
    order = st.just(key)
    place = inputs(PlaceOrder, id=order, customer_id=customers, items=items, shipping_address=st.just(TO_PARIS))
    pay = inputs(PayOrder, order_id=order, method=st.sampled_from(PaymentMethod))
    ship = inputs(ShipOrder, order_id=order, carrier=st.just("DHL"), tracking_number=st.just("1"))
    refund = inputs(RefundOrder, order_id=order, reason=reasons)
    deliver = inputs(ConfirmDelivery, order_id=order)
    return st.one_of(
        st.tuples(place, pay, ship, deliver),
        st.tuples(place, pay, ship, deliver, refund),
        st.tuples(place, pay, refund),
        st.tuples(place, inputs(CancelOrder, order_id=order, reason=reasons)),
    )


detours: st.SearchStrategy[Command] = st.one_of(
    inputs(AddOrderItem, order_id=orders, product_id=products, quantity=quantities),
    inputs(RemoveOrderItem, order_id=orders, product_id=products),
    inputs(ChangeOrderItemQuantity, order_id=orders, product_id=products, quantity=quantities),
    inputs(CancelOrder, order_id=orders, reason=reasons),
    inputs(RefundOrder, order_id=orders, reason=reasons),
    inputs(ChangeShippingAddress, order_id=orders, address=st.just(TO_PARIS)),
    inputs(CreditWallet, customer_id=customers, amount=amounts, reason=reasons),
    inputs(DebitWallet, customer_id=customers, amount=amounts, reason=reasons),
    inputs(ReceiveStock, product_id=products, quantity=quantities),
    inputs(CorrectStock, product_id=products, on_hand=st.integers(0, 12), reason=reasons),
    inputs(SetReorderLevel, product_id=products, level=st.integers(0, 12)),
    inputs(ReviewStock, product_id=products),
    inputs(ChangeProductPrice, product_id=products, price=amounts),
    inputs(DiscontinueProduct, product_id=st.just(VASE), reason=reasons),
)
"""What else happens."""


@st.composite
def commands(draw: st.DrawFn) -> list[Command]:
    """The lives of some orders, with what else happens in between. Left to chance alone, few orders would get far."""
    wanted = draw(st.lists(detours, max_size=30))
    for key in draw(st.permutations(ORDERS)):
        place = 0
        for command in draw(life(key)):
            place = draw(st.integers(place, len(wanted)))
            wanted.insert(place, command)
            place += 1
    return wanted


def all_orders(shop: Scenario) -> list[Order]:
    return [order for key in ORDERS if (order := shop.state(ORDER.of(key))) is not None]


def on_hand(log: Sequence[Fact], key: ProductId) -> int:
    """What is on the shelf, from the events alone."""
    units = 0
    for stream, event in log:
        if stream == STOCK.of(key):
            match event:
                case StockReceived():
                    units += event.quantity
                case StockCorrected():
                    units = event.on_hand
                case StockShipped():
                    units -= event.quantity
                case _:
                    pass
    return units


def check_stock(shop: Scenario, log: Sequence[Fact]) -> None:
    """What is reserved is what open orders hold, and never more than is there."""
    held = Counter[ProductId]()
    for order in all_orders(shop):
        if order.status in (Status.PLACED, Status.PAID):
            held.update({line.product_id: line.quantity for line in order.lines})
    for key in PRODUCTS:
        stock = shop.state(STOCK.of(key))
        assert stock.reserved == held[key]
        assert 0 <= stock.reserved <= stock.on_hand == on_hand(log, key)


def check_reorders(shop: Scenario, log: Sequence[Fact]) -> None:
    """A review finds what is the case, and reorders are needed and covered in turn."""
    for key in PRODUCTS:
        product, stock = shop.state(PRODUCT.of(key)), shop.state(STOCK.of(key))
        assert product is not None
        too_few = product.active and stock.on_hand - stock.reserved < stock.reorder_level
        assert shop.when(ReviewStock(product_id=key)).after.state(REORDER.of(key)).needed == too_few
        events = [type(event) for stream, event in log if stream == REORDER.of(key)]
        assert events == [(ReorderNeeded, ReorderCovered)[number % 2] for number in range(len(events))]


def check_orders(shop: Scenario) -> None:
    """Every order has lines, one per product, in one currency, and its total is exact."""
    for order in all_orders(shop):
        keys = [line.product_id for line in order.lines]
        assert 1 <= len(keys) == len(set(keys))
        assert all(1 <= line.quantity <= 10_000 for line in order.lines)
        cents = sum(int(line.unit_price.amount * 100) * line.quantity for line in order.lines)
        assert order.total.amount.as_tuple() == Decimal(cents).scaleb(-2).as_tuple()
        assert (order.method is None) == (order.status in (Status.PLACED, Status.CANCELLED))


def check_wallets(shop: Scenario, log: Sequence[Fact]) -> None:
    """A wallet holds what went in less what went out, and orders that it paid cost what it gave."""
    for key in CUSTOMERS:
        cents = 0
        for stream, event in log:
            if stream == WALLET.of(key) and isinstance(event, WalletCredited | WalletDebited):
                cents += int(event.amount.amount * 100) * (1 if isinstance(event, WalletCredited) else -1)
        balance = shop.state(WALLET.of(key))
        assert cents == (0 if balance is None else int(balance.amount * 100))
        assert cents >= 0
    paid = Counter[OrderId]()
    moved = Counter[OrderId]()
    for stream, event in log:
        if isinstance(event, OrderPaid | OrderRefunded) and event.method is PaymentMethod.WALLET:
            paid[OrderId(stream.key)] += int(event.total.amount * 100) * (1 if isinstance(event, OrderPaid) else -1)
        if isinstance(event, WalletCredited | WalletDebited) and event.order_id is not None:
            moved[event.order_id] += int(event.amount.amount * 100) * (1 if isinstance(event, WalletDebited) else -1)
    assert paid == moved


def check(wanted: list[Command]) -> set[Status]:
    """Runs commands and checks the shop after each. The statuses that orders were in."""
    shop, log = given(*OPEN), list(OPEN)
    reached: set[Status] = set()
    for command in wanted:
        outcome = shop.when(command)
        if outcome.refusal is not None:
            assert outcome.after is shop
            assert outcome.refusal.path is not None
            continue
        assert not outcome.events or outcome.events[0][0] == command.target
        shop = outcome.after
        log.extend(outcome.events)
        check_stock(shop, log)
        check_reorders(shop, log)
        check_orders(shop)
        check_wallets(shop, log)
        reached.update(order.status for order in all_orders(shop))
    for _, event in log:
        name, schema = type(event).event_name, type(event).schema_version
        assert CODEC.decode(name, schema, encode(event)) == event
    for stream, state in shop.states.items():
        form = Form(stream.kind)
        assert form.restored(form.saved(state)) == state
    return reached


def test_the_shop_stays_sound() -> None:
    reached: set[Status] = set()

    @settings(max_examples=200)
    @anything(commands())
    def whatever_is_commanded(wanted: list[Command]) -> None:
        reached.update(check(wanted))

    whatever_is_commanded()

    # Else the commands met little but refusals, and nothing was shown.
    assert reached == set(Status)


@settings(max_examples=50)
@anything(st.lists(st.integers(1, 4), min_size=1, max_size=30))
def test_the_last_units_are_sold_once(wanted: list[int]) -> None:
    shop, sold = given(*SHOP), 0
    for quantity in wanted:
        order = PlaceOrder(customer_id=ANN, items=(OrderItemInput(product_id=POT, quantity=quantity),))
        outcome = shop.when(order)
        assert (outcome.refusal is None) == (sold + quantity <= 10)
        if outcome.refusal is None:
            sold += quantity
            assert isinstance(outcome.events[0][1], OrderPlaced)
        shop = outcome.after
    assert shop.state(STOCK.of(POT)).reserved == sold
