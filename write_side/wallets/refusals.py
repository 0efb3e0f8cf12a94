"""Why a wallet does not give, or take, an amount; and the rules that say so."""

from write_side.kernel.refusals import Refusal
from write_side.terms.money import Money
from write_side.wallets.wallet import Balance


class WalletEmpty(Refusal, code="WALLET_EMPTY"):
    """The wallet was never credited."""


class InsufficientFunds(Refusal, code="INSUFFICIENT_FUNDS"):
    """There is less in the wallet than it should give."""


class CurrencyMismatch(Refusal, code="CURRENCY_MISMATCH"):
    """Two amounts that belong together are in different currencies."""


def check_credit(balance: Balance, amount: Money, *path: str) -> None:
    """A wallet takes only its own currency. Raises `CurrencyMismatch`."""
    if balance is not None and balance.currency_code != amount.currency_code:
        raise CurrencyMismatch(f"the wallet is in {balance.currency_code}", *path)


def check_debit(balance: Balance, amount: Money, *path: str, currency_path: tuple[str, ...] | None = None) -> None:
    """A wallet gives what is in it. Raises `WalletEmpty`, `CurrencyMismatch`, `InsufficientFunds`."""
    if balance is None:
        raise WalletEmpty("the wallet was never credited", *path)
    check_credit(balance, amount, *(path if currency_path is None else currency_path))
    if balance.amount < amount.amount:
        raise InsufficientFunds(f"there are {balance.amount:f} {balance.currency_code} in the wallet", *path)
