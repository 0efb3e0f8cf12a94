"""The shop's domain as a whole: its commands, its codes of refusal, and the names under which history is stored."""

import importlib
import inspect
import pkgutil

import pytest

import write_side
from write_side.kernel.commands import Command
from write_side.kernel.domain import discover
from write_side.kernel.refusals import Refusal

DOMAIN = discover(write_side)

COMMANDS = {
    "RegisterCustomer": "customer",
    "RenameCustomer": "customer",
    "ChangeCustomerEmail": "customer",
    "ChangeCustomerPhone": "customer",
    "ChangeCustomerAddress": "customer",
    "CreditWallet": "wallet",
    "DebitWallet": "wallet",
    "AddProduct": "product",
    "RenameProduct": "product",
    "DescribeProduct": "product",
    "ChangeProductPrice": "product",
    "DiscontinueProduct": "product",
    "ReceiveStock": "stock",
    "CorrectStock": "stock",
    "SetReorderLevel": "stock",
    "ReviewStock": "reorder",
    "PlaceOrder": "order",
    "AddOrderItem": "order",
    "RemoveOrderItem": "order",
    "ChangeOrderItemQuantity": "order",
    "ChangeShippingAddress": "order",
    "PayOrder": "order",
    "ShipOrder": "order",
    "ConfirmDelivery": "order",
    "CancelOrder": "order",
    "RefundOrder": "order",
}
"""The 24 commands of the contract and those that were added to it, and the kind of stream that each is about."""

CODES = {
    "INVALID_INPUT",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "VERSION_CONFLICT",
    "COMMAND_ID_REUSED",
    "FORBIDDEN",
    "ORDER_NOT_OPEN",
    "ORDER_EMPTY",
    "ITEM_NOT_IN_ORDER",
    "CURRENCY_MISMATCH",
    "INSUFFICIENT_STOCK",
    "PRODUCT_DISCONTINUED",
    "ORDER_NOT_PAID",
    "ORDER_ALREADY_PAID",
    "ORDER_ALREADY_SHIPPED",
    "ORDER_NOT_SHIPPED",
    "INSUFFICIENT_FUNDS",
    "WALLET_EMPTY",
}
"""The codes of the contract."""


def test_there_are_the_commands_of_the_contract() -> None:
    assert {command.__name__: command.target_kind.name for command in DOMAIN.commands} == COMMANDS


def test_three_of_them_start_a_stream() -> None:
    assert {command.__name__ for command in DOMAIN.commands if command.starts_stream} == {
        "RegisterCustomer",
        "AddProduct",
        "PlaceOrder",
    }


def test_there_are_the_streams_of_the_design() -> None:
    names = ["customer", "email", "order", "product", "reorder", "sku", "stock", "wallet"]
    assert [kind.name for kind in DOMAIN.kinds] == names


def test_there_are_the_reactions_of_the_shop() -> None:
    assert [reaction.name for reaction in DOMAIN.reactions] == ["cancel-unpaid", "review-stock"]


@pytest.mark.parametrize("command", DOMAIN.commands)
def test_every_command_is_documented_and_decides(command: type[Command]) -> None:
    assert inspect.cleandoc(command.__doc__ or "").endswith(".")
    assert command.decide is not Command.decide


def test_each_refusal_has_a_code_of_the_contract_and_each_code_one_refusal() -> None:
    refusals = {
        value
        for module in pkgutil.walk_packages(write_side.__path__, "write_side.")
        for value in vars(importlib.import_module(module.name)).values()
        if isinstance(value, type) and issubclass(value, Refusal) and value is not Refusal
    }
    assert sorted(refusal.code for refusal in refusals) == sorted(CODES)
