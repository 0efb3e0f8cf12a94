"""What happens to a customer's wallet of store credit. Its stream's key is the customer's id."""

from write_side.kernel.events import Event
from write_side.terms.ids import OrderId
from write_side.terms.money import Money


class WalletCredited(Event, name="wallet-credited"):
    """Store credit was given; `order_id` when it is the refund of an order that the wallet had paid."""

    amount: Money
    reason: str
    order_id: OrderId | None = None


class WalletDebited(Event, name="wallet-debited"):
    """Store credit was used or taken back; `order_id` when it paid an order."""

    amount: Money
    reason: str
    order_id: OrderId | None = None


WalletEvent = WalletCredited | WalletDebited
