"""The commands on a customer's wallet, each with its decision."""

from collections.abc import Iterable
from typing import Any

from write_side.customers.customer import CUSTOMER
from write_side.kernel.commands import Command, Events
from write_side.kernel.decisions import existing
from write_side.kernel.streams import Loaded, Stream
from write_side.terms.ids import CustomerId
from write_side.terms.money import MoneyInput
from write_side.terms.text import Reason
from write_side.wallets.events import WalletCredited, WalletDebited
from write_side.wallets.refusals import check_credit, check_debit
from write_side.wallets.wallet import WALLET


class CreditWallet(Command, target=WALLET):
    """Give a customer store credit. The first credit settles the wallet's currency."""

    customer_id: CustomerId
    amount: MoneyInput
    reason: Reason

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [CUSTOMER.of(self.customer_id)]

    def decide(self, loaded: Loaded) -> Events:
        existing(loaded, CUSTOMER.of(self.customer_id), "customerId")
        wallet = WALLET.of(self.customer_id)
        check_credit(loaded[wallet], self.amount.value, "amount", "currencyCode")
        return [(wallet, WalletCredited(amount=self.amount.value, reason=self.reason))]


class DebitWallet(Command, target=WALLET):
    """Take store credit back from a customer, as far as there is any."""

    customer_id: CustomerId
    amount: MoneyInput
    reason: Reason

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [CUSTOMER.of(self.customer_id)]

    def decide(self, loaded: Loaded) -> Events:
        existing(loaded, CUSTOMER.of(self.customer_id), "customerId")
        wallet = WALLET.of(self.customer_id)
        currency = ("amount", "currencyCode")
        check_debit(loaded[wallet], self.amount.value, "amount", "amount", currency_path=currency)
        return [(wallet, WalletDebited(amount=self.amount.value, reason=self.reason))]
