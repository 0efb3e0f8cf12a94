"""One command after the other: its id, its expected version, what it does, and its outcome."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from tests.system.model import catalogue, customers, orders
from tests.system.model.inputs import IDS, validated
from tests.system.model.state import Now, Refusal, Row, State

Handler = Callable[[State, Row, Now], None]
KINDS: dict[str, dict[str, Handler]] = {
    "customers": {
        "RegisterCustomer": customers.register_customer,
        "RenameCustomer": customers.rename_customer,
        "ChangeCustomerEmail": customers.change_customer_email,
        "ChangeCustomerPhone": customers.change_customer_phone,
        "ChangeCustomerAddress": customers.change_customer_address,
    },
    "wallets": {"CreditWallet": customers.credit_wallet, "DebitWallet": customers.debit_wallet},
    "products": {
        "AddProduct": catalogue.add_product,
        "RenameProduct": catalogue.rename_product,
        "DescribeProduct": catalogue.describe_product,
        "ChangeProductPrice": catalogue.change_product_price,
        "DiscontinueProduct": catalogue.discontinue_product,
    },
    "stocks": {
        "ReceiveStock": catalogue.receive_stock,
        "CorrectStock": catalogue.correct_stock,
        "SetReorderLevel": catalogue.set_reorder_level,
    },
    "reorders": {"ReviewStock": catalogue.review_stock},
    "orders": {
        "PlaceOrder": orders.place_order,
        "AddOrderItem": orders.add_order_item,
        "RemoveOrderItem": orders.remove_order_item,
        "ChangeOrderItemQuantity": orders.change_order_item_quantity,
        "ChangeShippingAddress": orders.change_shipping_address,
        "PayOrder": orders.pay_order,
        "ShipOrder": orders.ship_order,
        "ConfirmDelivery": orders.confirm_delivery,
        "CancelOrder": orders.cancel_order,
        "RefundOrder": orders.refund_order,
    },
}
"""The commands by what holds their target: the stream that is answered with and may be expected."""

KEYS = {
    "customers": "customerId",
    "wallets": "customerId",
    "products": "productId",
    "stocks": "productId",
    "reorders": "productId",
    "orders": "orderId",
}


@dataclass(frozen=True)
class Done:
    """Accepted. `first` is the number of the command that did it: another one's for a command that came before."""

    version: int
    changed: bool
    first: int


class Shop:
    """The model. `opened`: when the log was made."""

    def __init__(self, opened: str) -> None:
        self.state = State(touched_at=opened)
        self._bound: dict[str, tuple[str, Row, Done]] = {}
        self._count = 0

    def version(self, command: str, given: Row) -> int:
        """The version of a command's target; 0 when there is none."""
        kind = next(kind for kind, commands in KINDS.items() if command in commands)
        key = str(given.get("id") or given.get(KEYS[kind])).lower()
        return int(getattr(self.state, kind).get(key, {"version": 0})["version"])

    def execute(self, command: str, given: Row, made_id: str, now: Now) -> Done | Refusal:
        """What a command must lead to. `made_id`: what the server names a stream without a name."""
        self._count += 1
        try:
            clean = validated(command, given)
            command_id = clean.pop("commandId", None)
            if command_id in self._bound:
                return self._again(command_id, command, clean)
            done = self._run(command, {"id": made_id, **clean} if command in IDS else clean, now)
        except Refusal as refusal:
            return refusal
        if command_id is not None:
            self._bound[command_id] = (command, clean, done)
        return done

    def _again(self, command_id: str, command: str, clean: Row) -> Done:
        before, given, done = self._bound[command_id]
        if (before, given) != (command, clean):
            raise Refusal("COMMAND_ID_REUSED", "commandId")
        return done

    def _run(self, command: str, clean: Row, now: Now) -> Done:
        before, untouched = self.version(command, clean), self.state
        self.state = deepcopy(untouched)
        try:
            next(commands[command] for commands in KINDS.values() if command in commands)(self.state, clean, now)
            if clean.get("expectedVersion", before) != before:
                raise Refusal("VERSION_CONFLICT", "expectedVersion")
        except Refusal:
            self.state = untouched
            raise
        version = self.version(command, clean)
        return Done(version, version != before, self._count)
