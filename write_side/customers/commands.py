"""The commands on customers, each with its decision. An e-mail address is unique in the shop, by claiming it."""

from collections.abc import Iterable
from typing import Any

from write_side.claims.claim import email_claim
from write_side.claims.events import ValueClaimed, ValueReleased
from write_side.customers.customer import CUSTOMER
from write_side.customers.events import (
    CustomerAddressChanged,
    CustomerEmailChanged,
    CustomerPhoneChanged,
    CustomerRegistered,
    CustomerRenamed,
)
from write_side.kernel.commands import Command, Events
from write_side.kernel.decisions import existing, not_yet
from write_side.kernel.refusals import AlreadyExists
from write_side.kernel.streams import Loaded, Stream
from write_side.terms.address import AddressInput
from write_side.terms.ids import CustomerId
from write_side.terms.text import EmailAddress, Name, Phone


class RegisterCustomer(Command, starts=CUSTOMER):
    """Register a customer. The e-mail address must not be another customer's, in whatever case."""

    id: CustomerId | None = None
    name: Name
    email: EmailAddress
    phone: Phone | None = None
    address: AddressInput | None = None

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [email_claim(self.email)]

    def decide(self, loaded: Loaded) -> Events:
        customer = not_yet(loaded, self.target)
        claim = email_claim(self.email)
        if loaded[claim] is not None:
            raise AlreadyExists("another customer has this e-mail address", "email")
        registered = CustomerRegistered(
            name=self.name,
            email=self.email,
            phone=self.phone or None,
            address=self.address.value if self.address else None,
        )
        return [(customer, registered), (claim, ValueClaimed(holder=self.key))]


class RenameCustomer(Command, target=CUSTOMER):
    """Give a customer another name. It reaches every order of theirs."""

    customer_id: CustomerId
    name: Name

    def decide(self, loaded: Loaded) -> Events:
        customer = existing(loaded, CUSTOMER.of(self.customer_id), "customerId")
        return [] if customer.name == self.name else [(self.target, CustomerRenamed(name=self.name))]


class ChangeCustomerEmail(Command, target=CUSTOMER):
    """Reach a customer at another e-mail address. The old one is free for others then."""

    customer_id: CustomerId
    email: EmailAddress

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        before = loaded.get(CUSTOMER.of(self.customer_id))
        return [email_claim(self.email), *([email_claim(before.email)] if before else [])]

    def decide(self, loaded: Loaded) -> Events:
        customer = existing(loaded, CUSTOMER.of(self.customer_id), "customerId")
        if customer.email == self.email:
            return []
        changed = (self.target, CustomerEmailChanged(email=self.email))
        wanted, given_up = email_claim(self.email), email_claim(customer.email)
        if wanted == given_up:
            return [changed]
        if loaded[wanted] is not None:
            raise AlreadyExists("another customer has this e-mail address", "email")
        return [
            changed,
            (given_up, ValueReleased(holder=self.customer_id)),
            (wanted, ValueClaimed(holder=self.customer_id)),
        ]


class ChangeCustomerPhone(Command, target=CUSTOMER):
    """Note a customer's telephone number; an empty one clears it."""

    customer_id: CustomerId
    phone: Phone

    def decide(self, loaded: Loaded) -> Events:
        customer = existing(loaded, CUSTOMER.of(self.customer_id), "customerId")
        phone = self.phone or None
        return [] if customer.phone == phone else [(self.target, CustomerPhoneChanged(phone=phone))]


class ChangeCustomerAddress(Command, target=CUSTOMER):
    """Note where a customer lives. Orders that have been placed keep their address."""

    customer_id: CustomerId
    address: AddressInput

    def decide(self, loaded: Loaded) -> Events:
        customer = existing(loaded, CUSTOMER.of(self.customer_id), "customerId")
        address = self.address.value
        return [] if customer.address == address else [(self.target, CustomerAddressChanged(address=address))]
