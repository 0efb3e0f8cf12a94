"""Deciding on wallets."""

from decimal import Decimal

import pytest

from tests.write_side.shop import ANN, BOB, NOBODY, SHOP, credited, money, money_input
from write_side.kernel.commands import Command
from write_side.kernel.refusals import NotFound
from write_side.kernel.scenario import Scenario, given
from write_side.wallets.commands import CreditWallet, DebitWallet
from write_side.wallets.events import WalletCredited, WalletDebited
from write_side.wallets.refusals import CurrencyMismatch, InsufficientFunds, WalletEmpty
from write_side.wallets.wallet import WALLET


def credit(amount: str, currency_code: str = "EUR") -> CreditWallet:
    return CreditWallet(customer_id=ANN, amount=money_input(amount, currency_code), reason="gift")


def debit(amount: str, currency_code: str = "EUR") -> DebitWallet:
    return DebitWallet(customer_id=ANN, amount=money_input(amount, currency_code), reason="mistake")


def with_credit(amount: str = "10.00") -> Scenario:
    return given(*SHOP, credited(amount))


@pytest.mark.parametrize("command", [CreditWallet, DebitWallet])
def test_the_customer_must_exist(command: type[CreditWallet] | type[DebitWallet]) -> None:
    unknown: Command = command(customer_id=NOBODY, amount=money_input("1.00"), reason="x")

    given(*SHOP).when(unknown).refused(NotFound, "customerId")


def test_the_first_credit_settles_the_currency() -> None:
    shop = (
        given(*SHOP)
        .when(credit("1200", "JPY"))
        .then((WALLET.of(ANN), WalletCredited(amount=money("1200", "JPY"), reason="gift")))
    )

    shop.when(credit("1.00")).refused(CurrencyMismatch, "amount", "currencyCode")
    shop.when(debit("1.00")).refused(CurrencyMismatch, "amount", "currencyCode")


def test_the_currency_stays_when_the_wallet_is_used_up() -> None:
    shop = with_credit("10.00").when(debit("10.00")).after

    shop.when(credit("1200", "JPY")).refused(CurrencyMismatch, "amount", "currencyCode")
    shop.when(debit("0.01")).refused(InsufficientFunds, "amount", "amount")


def test_credits_add_up() -> None:
    shop = with_credit("10.10").when(credit("0.2")).after

    assert shop.state(WALLET.of(ANN)) == money("10.30")
    assert shop.state(WALLET.of(BOB)) is None


def test_the_same_credit_again_is_another_credit() -> None:
    shop = given(*SHOP).when(credit("5.00")).after.when(credit("5.00")).after

    assert shop.state(WALLET.of(ANN)) == money("10.00")


def test_what_is_there_can_be_taken() -> None:
    shop = (
        with_credit("10.00")
        .when(debit("10.00"))
        .then((WALLET.of(ANN), WalletDebited(amount=money("10.00"), reason="mistake")))
    )

    balance = shop.state(WALLET.of(ANN))
    assert balance is not None
    assert str(balance.amount) == "0.00"


def test_more_than_there_is_cannot_be_taken() -> None:
    with_credit("10.00").when(debit("10.01")).refused(InsufficientFunds, "amount", "amount")


def test_a_wallet_that_was_never_credited_is_empty() -> None:
    refusal = given(*SHOP).when(debit("1.00")).refused(WalletEmpty, "amount", "amount")

    assert refusal.code == "WALLET_EMPTY"


def test_another_currency_is_said_before_too_little() -> None:
    with_credit("10.00").when(debit("5000", "JPY")).refused(CurrencyMismatch, "amount", "currencyCode")


def test_an_amount_has_the_digits_of_its_currency() -> None:
    outcome = given(*SHOP).when(credit("5"))

    event = outcome.events[0][1]
    assert isinstance(event, WalletCredited)
    assert event.amount.amount.as_tuple() == Decimal("5.00").as_tuple()


def test_a_stream_does_not_begin_with_a_debit() -> None:
    with pytest.raises(ValueError, match="begins with a credit"):
        given((WALLET.of(ANN), WalletDebited(amount=money("1.00"), reason="x")))
