"""Customers and their wallets: what each command does."""

from decimal import Decimal

from tests.system.model.state import Now, Refusal, Row, State, found, happened, money, set_value


def register_customer(state: State, given: Row, now: Now) -> None:
    if given["id"] in state.customers:
        raise Refusal("ALREADY_EXISTS", "id")
    _demand_free(state, given["email"], given["id"])
    state.touched_at = now.at
    state.wallets[given["id"]] = {"version": 0, "balance": None}
    state.customers[given["id"]] = {
        "version": 1,
        "name": given["name"],
        "email": given["email"],
        "phone": given.get("phone") or None,
        "address": given.get("address"),
        "registeredAt": now.at,
        "updatedAt": now.at,
    }


def rename_customer(state: State, given: Row, now: Now) -> None:
    set_value(found(state.customers, given["customerId"], "customerId"), now, name=given["name"])


def change_customer_email(state: State, given: Row, now: Now) -> None:
    customer = found(state.customers, given["customerId"], "customerId")
    _demand_free(state, given["email"], given["customerId"])
    set_value(customer, now, email=given["email"])


def change_customer_phone(state: State, given: Row, now: Now) -> None:
    set_value(found(state.customers, given["customerId"], "customerId"), now, phone=given["phone"] or None)


def change_customer_address(state: State, given: Row, now: Now) -> None:
    set_value(found(state.customers, given["customerId"], "customerId"), now, address=given["address"])


def credit_wallet(state: State, given: Row, now: Now) -> None:
    found(state.customers, given["customerId"], "customerId")
    put_in(state, given["customerId"], given["amount"], now)


def debit_wallet(state: State, given: Row, now: Now) -> None:
    found(state.customers, given["customerId"], "customerId")
    take_out(state, given["customerId"], given["amount"], now)


def put_in(state: State, customer_id: str, amount: Row, now: Now) -> None:
    """More store credit; the first settles the currency."""
    before = state.wallets[customer_id]["balance"] or money(Decimal(0), amount["currencyCode"])
    _move(state, customer_id, before, amount, 1, now)


def take_out(state: State, customer_id: str, amount: Row, now: Now) -> None:
    """Less store credit, as far as there is any."""
    before = state.wallets[customer_id]["balance"]
    if before is None:
        raise Refusal("WALLET_EMPTY")
    _move(state, customer_id, before, amount, -1, now)


def _move(state: State, customer_id: str, before: Row, amount: Row, sign: int, now: Now) -> None:
    if before["currencyCode"] != amount["currencyCode"]:
        raise Refusal("CURRENCY_MISMATCH")
    after = before["amount"] + sign * amount["amount"]
    if after < 0:
        raise Refusal("INSUFFICIENT_FUNDS")
    wallet = state.wallets[customer_id]
    wallet["balance"] = money(after, before["currencyCode"])
    happened(wallet, now)
    state.customers[customer_id]["updatedAt"] = now.at


def _demand_free(state: State, email: str, customer_id: str) -> None:
    others = [row["email"].casefold() for key, row in state.customers.items() if key != customer_id]
    if email.casefold() in others:
        raise Refusal("ALREADY_EXISTS", "email")
