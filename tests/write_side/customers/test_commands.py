"""Deciding on customers."""

import pytest
from pydantic import ValidationError

from tests.write_side.shop import ANN, BERLIN, BOB, NOBODY, PARIS, SHOP, TO_PARIS, customer_id
from write_side.claims.claim import email_claim
from write_side.claims.events import ValueClaimed, ValueReleased
from write_side.customers.commands import (
    ChangeCustomerAddress,
    ChangeCustomerEmail,
    ChangeCustomerPhone,
    RegisterCustomer,
    RenameCustomer,
)
from write_side.customers.customer import CUSTOMER
from write_side.customers.events import (
    CustomerAddressChanged,
    CustomerEmailChanged,
    CustomerPhoneChanged,
    CustomerRegistered,
    CustomerRenamed,
)
from write_side.kernel.commands import Command
from write_side.kernel.refusals import AlreadyExists, NotFound
from write_side.kernel.scenario import given
from write_side.terms.address import AddressInput

CY = customer_id(3)


def to_berlin() -> AddressInput:
    return AddressInput(line1="Hauptstr. 1", city="Berlin", postcode="10827", country_code="DE")


def test_a_customer_registers_and_has_the_email_address() -> None:
    command = RegisterCustomer(id=CY, name=" Cy ", email="Cy@shop.test", phone="+49 30 1", address=TO_PARIS)

    given().when(command).then(
        (CUSTOMER.of(CY), CustomerRegistered(name="Cy", email="Cy@shop.test", phone="+49 30 1", address=PARIS)),
        (email_claim("cy@SHOP.test"), ValueClaimed(holder=CY)),
    )


def test_phone_and_address_may_be_absent() -> None:
    expected = CustomerRegistered(name="Cy", email="cy@shop.test", phone=None, address=None)

    for phone in (None, "", "  "):
        outcome = given().when(RegisterCustomer(id=CY, name="Cy", email="cy@shop.test", phone=phone))
        assert outcome.events[0] == (CUSTOMER.of(CY), expected)


def test_an_id_is_made_when_none_is_given() -> None:
    first = given().when(RegisterCustomer(name="Cy", email="cy@shop.test"))
    second = given().when(RegisterCustomer(name="Cy", email="cy@shop.test"))

    assert first.command.key.startswith("cus_")
    assert first.command.key != second.command.key


def test_an_email_address_is_unique_without_regard_to_case() -> None:
    given(*SHOP).when(RegisterCustomer(id=CY, name="Cy", email="ANN@Shop.test")).refused(AlreadyExists, "email")


def test_an_id_is_taken_once() -> None:
    given(*SHOP).when(RegisterCustomer(id=ANN, name="Cy", email="cy@shop.test")).refused(AlreadyExists, "id")


def test_a_taken_id_is_said_before_a_taken_email_address() -> None:
    given(*SHOP).when(RegisterCustomer(id=ANN, name="Cy", email="bob@shop.test")).refused(AlreadyExists, "id")


@pytest.mark.parametrize(
    "command",
    [
        RenameCustomer(customer_id=NOBODY, name="X"),
        ChangeCustomerEmail(customer_id=NOBODY, email="x@shop.test"),
        ChangeCustomerEmail(customer_id=NOBODY, email="ann@shop.test"),
        ChangeCustomerPhone(customer_id=NOBODY, phone="1"),
        ChangeCustomerAddress(customer_id=NOBODY, address=TO_PARIS),
    ],
)
def test_the_customer_must_exist(command: Command) -> None:
    given(*SHOP).when(command).refused(NotFound, "customerId")


def test_a_customer_is_renamed() -> None:
    shop = (
        given(*SHOP)
        .when(RenameCustomer(customer_id=ANN, name="Anna"))
        .then((CUSTOMER.of(ANN), CustomerRenamed(name="Anna")))
    )

    shop.when(RenameCustomer(customer_id=ANN, name="Anna ")).nothing()


def test_another_email_address_frees_the_old_one() -> None:
    shop = (
        given(*SHOP)
        .when(ChangeCustomerEmail(customer_id=ANN, email="anna@shop.test"))
        .then(
            (CUSTOMER.of(ANN), CustomerEmailChanged(email="anna@shop.test")),
            (email_claim("ann@shop.test"), ValueReleased(holder=ANN)),
            (email_claim("anna@shop.test"), ValueClaimed(holder=ANN)),
        )
    )

    taken = ChangeCustomerEmail(customer_id=BOB, email="ann@shop.test")
    shop = shop.when(taken).then(
        (CUSTOMER.of(BOB), CustomerEmailChanged(email="ann@shop.test")),
        (email_claim("bob@shop.test"), ValueReleased(holder=BOB)),
        (email_claim("ann@shop.test"), ValueClaimed(holder=BOB)),
    )
    assert shop.state(email_claim("ann@shop.test")) == BOB


def test_another_customers_email_address_is_refused() -> None:
    given(*SHOP).when(ChangeCustomerEmail(customer_id=ANN, email="BOB@shop.test")).refused(AlreadyExists, "email")


def test_the_same_email_address_in_another_case_keeps_its_claim() -> None:
    given(*SHOP).when(ChangeCustomerEmail(customer_id=ANN, email="Ann@Shop.test")).then(
        (CUSTOMER.of(ANN), CustomerEmailChanged(email="Ann@Shop.test"))
    )


def test_the_same_email_address_changes_nothing() -> None:
    given(*SHOP).when(ChangeCustomerEmail(customer_id=ANN, email="ann@shop.test")).nothing()


def test_a_telephone_number_is_noted_and_cleared() -> None:
    shop = given(*SHOP)
    shop.when(ChangeCustomerPhone(customer_id=ANN, phone="")).nothing()

    shop = shop.when(ChangeCustomerPhone(customer_id=ANN, phone="+49 30 1")).then(
        (CUSTOMER.of(ANN), CustomerPhoneChanged(phone="+49 30 1"))
    )
    shop.when(ChangeCustomerPhone(customer_id=ANN, phone=" +49 30 1")).nothing()
    shop.when(ChangeCustomerPhone(customer_id=ANN, phone=" ")).then((CUSTOMER.of(ANN), CustomerPhoneChanged(phone=None)))


def test_a_customer_moves() -> None:
    shop = given(*SHOP)
    shop.when(ChangeCustomerAddress(customer_id=ANN, address=to_berlin())).nothing()
    shop.when(ChangeCustomerAddress(customer_id=BOB, address=to_berlin())).then(
        (CUSTOMER.of(BOB), CustomerAddressChanged(address=BERLIN))
    )
    shop = shop.when(ChangeCustomerAddress(customer_id=ANN, address=TO_PARIS)).then(
        (CUSTOMER.of(ANN), CustomerAddressChanged(address=PARIS))
    )
    shop.when(ChangeCustomerAddress(customer_id=ANN, address=TO_PARIS)).nothing()


def test_all_of_an_events_facts_are_in_the_state() -> None:
    shop = given(*SHOP)
    for command in (
        RenameCustomer(customer_id=BOB, name="Rob"),
        ChangeCustomerEmail(customer_id=BOB, email="rob@shop.test"),
        ChangeCustomerPhone(customer_id=BOB, phone="1"),
        ChangeCustomerAddress(customer_id=BOB, address=TO_PARIS),
    ):
        shop = shop.when(command).after
    rob = shop.state(CUSTOMER.of(BOB))
    assert rob is not None
    assert (rob.name, rob.email, rob.phone, rob.address) == ("Rob", "rob@shop.test", "1", PARIS)


def test_a_stream_does_not_begin_with_a_change() -> None:
    with pytest.raises(ValueError, match="begins with its registration"):
        given((CUSTOMER.of(ANN), CustomerRenamed(name="Ann")))


@pytest.mark.parametrize(
    ("given_input", "path"),
    [
        ({"name": "Cy", "email": "no-at"}, ("email",)),
        ({"name": "", "email": "cy@shop.test"}, ("name",)),
        ({"name": "x" * 201, "email": "cy@shop.test"}, ("name",)),
        ({"name": "Cy", "email": "cy@shop.test", "id": "cus_1"}, ("id",)),
        ({"name": "Cy", "email": "cy@shop.test", "address": {"line1": "1", "city": "B"}}, ("address", "postcode")),
        ({"name": "Cy", "email": "cy@shop.test", "nick": "C"}, ("nick",)),
    ],
)
def test_what_no_decision_sees(given_input: dict[str, object], path: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        RegisterCustomer.model_validate(given_input)
    assert path in [error["loc"] for error in refused.value.errors()]
