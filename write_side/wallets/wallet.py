"""The state of a wallet: what is in it, in the currency of its first credit."""

from typing import assert_never

from write_side.kernel.streams import StreamKind
from write_side.terms.ids import CustomerId
from write_side.terms.money import Money
from write_side.wallets.events import WalletCredited, WalletDebited, WalletEvent

Balance = Money | None
"""What is in the wallet; None before its first credit."""


def evolve(balance: Balance, event: WalletEvent) -> Balance:
    """The balance after `event`."""
    match event:
        case WalletCredited():
            return event.amount if balance is None else balance + event.amount
        case WalletDebited():
            if balance is None:
                raise ValueError("a wallet's stream begins with a credit")
            return balance - event.amount
        case _:
            assert_never(event)


WALLET: StreamKind[Balance] = StreamKind("wallet", CustomerId, WalletEvent, initial=None, evolve=evolve)
