"""The state of a customer, as far as decisions read it."""

from dataclasses import dataclass, replace
from typing import assert_never

from write_side.customers.events import (
    CustomerAddressChanged,
    CustomerEmailChanged,
    CustomerEvent,
    CustomerPhoneChanged,
    CustomerRegistered,
    CustomerRenamed,
)
from write_side.kernel.streams import StreamKind
from write_side.terms.address import Address
from write_side.terms.ids import CustomerId


@dataclass(frozen=True, slots=True)
class Customer:
    """A registered customer."""

    name: str
    email: str
    phone: str | None
    address: Address | None


def evolve(customer: Customer | None, event: CustomerEvent) -> Customer | None:
    """The customer after `event`."""
    if isinstance(event, CustomerRegistered):
        return Customer(event.name, event.email, event.phone, event.address)
    if customer is None:
        raise ValueError("a customer's stream begins with its registration")
    match event:
        case CustomerRenamed():
            return replace(customer, name=event.name)
        case CustomerEmailChanged():
            return replace(customer, email=event.email)
        case CustomerPhoneChanged():
            return replace(customer, phone=event.phone)
        case CustomerAddressChanged():
            return replace(customer, address=event.address)
        case _:
            assert_never(event)


CUSTOMER: StreamKind[Customer | None] = StreamKind("customer", CustomerId, CustomerEvent, initial=None, evolve=evolve)
