"""Deciding on an order's money."""

import pytest
from pydantic import ValidationError

from tests.write_side.shop import (
    ANN,
    BERLIN,
    CUP,
    ORDER_ID,
    ORDER_STREAM,
    POT,
    SHOP,
    credited,
    cups,
    discontinued,
    money,
    money_input,
    paid,
    placed,
    pots,
    released,
    shipped,
)
from write_side.customers.commands import RenameCustomer
from write_side.kernel.scenario import Fact, given
from write_side.orders.events import OrderCancelled, OrderPaid, OrderRefunded, PaymentMethod
from write_side.orders.fulfilment import ConfirmDelivery
from write_side.orders.items import AddOrderItem
from write_side.orders.order import Status
from write_side.orders.payment import CancelOrder, PayOrder, RefundOrder
from write_side.stock.stock import STOCK, Stock
from write_side.wallets.commands import CreditWallet, DebitWallet
from write_side.wallets.events import WalletCredited, WalletDebited
from write_side.wallets.refusals import CurrencyMismatch, InsufficientFunds, WalletEmpty
from write_side.wallets.wallet import WALLET

BY_WALLET = PayOrder(order_id=ORDER_ID, method=PaymentMethod.WALLET)
CANCEL = CancelOrder(order_id=ORDER_ID, reason="no need")
REFUND = RefundOrder(order_id=ORDER_ID, reason="late")


def payment(method: PaymentMethod, reference: str | None = None, recipient: str = "Ann") -> Fact:
    event = OrderPaid(
        customer_id=ANN,
        recipient=recipient,
        lines=(pots(2), cups(6)),
        total=money("87.00"),
        shipping_address=BERLIN,
        method=method,
        reference=reference,
    )
    return (ORDER_STREAM, event)


def refunded(method: PaymentMethod, *, shipped: bool) -> Fact:
    event = OrderRefunded(
        customer_id=ANN,
        reason="late",
        lines=(pots(2), cups(6)),
        total=money("87.00"),
        method=method,
        shipped=shipped,
    )
    return (ORDER_STREAM, event)


class TestPaying:
    @pytest.mark.parametrize("method", [PaymentMethod.CARD, PaymentMethod.BANK_TRANSFER])
    def test_with_money_from_elsewhere(self, method: PaymentMethod) -> None:
        command = PayOrder(order_id=ORDER_ID, method=method, reference=" 4711 ")

        given(*SHOP, *placed(pots(2), cups(6)), credited("100.00")).when(command).then(payment(method, "4711"))

    def test_needs_no_wallet(self) -> None:
        command = PayOrder(order_id=ORDER_ID, method=PaymentMethod.CARD)

        given(*SHOP, *placed(pots(2), cups(6))).when(command).then(payment(PaymentMethod.CARD))

    def test_the_recipient_is_the_customers_name_by_then(self) -> None:
        shop = given(*SHOP, *placed(pots(2), cups(6)))
        shop = shop.when(RenameCustomer(customer_id=ANN, name="Anna")).after

        shop.when(PayOrder(order_id=ORDER_ID, method=PaymentMethod.CARD)).then(
            payment(PaymentMethod.CARD, recipient="Anna")
        )

    def test_the_lines_are_those_by_then(self) -> None:
        shop = given(*SHOP, *placed(pots(2), cups(1)))
        shop = shop.when(AddOrderItem(order_id=ORDER_ID, product_id=CUP, quantity=5)).after

        shop.when(PayOrder(order_id=ORDER_ID, method=PaymentMethod.CARD)).then(payment(PaymentMethod.CARD))

    def test_from_the_wallet_in_the_same_append(self) -> None:
        shop = (
            given(*SHOP, *placed(pots(2), cups(6)), credited("87.00"))
            .when(BY_WALLET)
            .then(
                payment(PaymentMethod.WALLET),
                (WALLET.of(ANN), WalletDebited(amount=money("87.00"), reason="order paid", order_id=ORDER_ID)),
            )
        )

        assert shop.state(WALLET.of(ANN)) == money("0.00")

    def test_from_a_wallet_that_was_never_credited(self) -> None:
        given(*SHOP, *placed(pots(2))).when(BY_WALLET).refused(WalletEmpty, "method")

    def test_from_a_wallet_with_too_little(self) -> None:
        refusal = given(*SHOP, *placed(pots(2)), credited("59.99")).when(BY_WALLET).refused(InsufficientFunds, "method")

        assert refusal.code == "INSUFFICIENT_FUNDS"

    def test_from_a_wallet_that_was_used_up(self) -> None:
        shop = given(*SHOP, *placed(pots(2)), credited("60.00"))
        shop = shop.when(DebitWallet(customer_id=ANN, amount=money_input("60"), reason="x")).after

        shop.when(BY_WALLET).refused(InsufficientFunds, "method")

    def test_from_a_wallet_in_another_currency(self) -> None:
        given(*SHOP, *placed(pots(2)), credited("90000", "JPY")).when(BY_WALLET).refused(CurrencyMismatch, "method")

    @pytest.mark.parametrize(
        ("more", "field"), [({"method": "CHEQUE"}, "method"), ({"method": "CARD", "reference": " "}, "reference")]
    )
    def test_what_no_decision_sees(self, more: dict[str, object], field: str) -> None:
        with pytest.raises(ValidationError) as refused:
            PayOrder.model_validate({"orderId": ORDER_ID, **more})
        assert [error["loc"] for error in refused.value.errors()] == [(field,)]


class TestCancelling:
    def test_frees_all_units(self) -> None:
        shop = (
            given(*SHOP, *placed(pots(2), cups(6)))
            .when(CANCEL)
            .then(
                (ORDER_STREAM, OrderCancelled(customer_id=ANN, reason="no need", currency_code="EUR")),
                released(pots(2)),
                released(cups(6)),
            )
        )

        assert shop.state(STOCK.of(POT)) == Stock(on_hand=10, reserved=0)
        assert shop.state(STOCK.of(CUP)) == Stock(on_hand=20, reserved=0)

    def test_with_a_discontinued_product(self) -> None:
        given(*SHOP, *placed(pots(2)), discontinued(POT)).when(CANCEL).then(
            (ORDER_STREAM, OrderCancelled(customer_id=ANN, reason="no need", currency_code="EUR")), released(pots(2))
        )


class TestRefunding:
    def test_before_shipping_frees_the_units(self) -> None:
        shop = (
            given(*SHOP, *paid(pots(2), cups(6)))
            .when(REFUND)
            .then(refunded(PaymentMethod.CARD, shipped=False), released(pots(2)), released(cups(6)))
        )

        assert shop.state(STOCK.of(POT)) == Stock(on_hand=10, reserved=0)

    def test_after_shipping_leaves_the_stock_alone(self) -> None:
        shop = given(*SHOP, *shipped(pots(2), cups(6))).when(REFUND).then(refunded(PaymentMethod.CARD, shipped=True))

        assert shop.state(STOCK.of(POT)) == Stock(on_hand=8, reserved=0)

    def test_after_delivery(self) -> None:
        shop = given(*SHOP, *shipped(pots(2), cups(6))).when(ConfirmDelivery(order_id=ORDER_ID)).after

        shop.when(REFUND).then(refunded(PaymentMethod.CARD, shipped=True))

    def test_of_the_wallets_money_goes_back_to_the_wallet(self) -> None:
        credit = (WALLET.of(ANN), WalletCredited(amount=money("87.00"), reason="late", order_id=ORDER_ID))
        facts = [*SHOP, credited("0.01")]

        given(*facts, *paid(pots(2), cups(6), method=PaymentMethod.WALLET)).when(REFUND).then(
            refunded(PaymentMethod.WALLET, shipped=False), credit, released(pots(2)), released(cups(6))
        )
        given(*facts, *shipped(pots(2), cups(6), method=PaymentMethod.WALLET)).when(REFUND).then(
            refunded(PaymentMethod.WALLET, shipped=True), credit
        )

    def test_there_and_back_is_what_there_was(self) -> None:
        shop = given(*SHOP, *placed(pots(2)))
        shop = shop.when(CreditWallet(customer_id=ANN, amount=money_input("60.10"), reason="gift")).after
        before = shop.state(WALLET.of(ANN))

        shop = shop.when(BY_WALLET).after.when(REFUND).after

        assert shop.state(WALLET.of(ANN)) == before
        order = shop.state(ORDER_STREAM)
        assert order is not None
        assert order.status is Status.REFUNDED
