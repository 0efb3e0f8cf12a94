"""What happens to a customer."""

from write_side.kernel.codec import Json, upcasts
from write_side.kernel.events import Event
from write_side.terms.address import Address, in_lines


class CustomerRegistered(Event, name="customer-registered", schema=2):
    """A customer came to the shop."""

    name: str
    email: str
    phone: str | None = None
    address: Address | None = None


class CustomerRenamed(Event, name="customer-renamed"):
    """The customer has another name."""

    name: str


class CustomerEmailChanged(Event, name="customer-email-changed"):
    """The customer is reached at another e-mail address; the old one is free again."""

    email: str


class CustomerPhoneChanged(Event, name="customer-phone-changed"):
    """The customer has another telephone number, or none."""

    phone: str | None


class CustomerAddressChanged(Event, name="customer-address-changed", schema=2):
    """The customer lives elsewhere."""

    address: Address


CustomerEvent = CustomerRegistered | CustomerRenamed | CustomerEmailChanged | CustomerPhoneChanged | CustomerAddressChanged


@upcasts("customer-registered", 1)
@upcasts("customer-address-changed", 1)
def _address_in_lines(data: Json) -> Json:
    """To version 2, in which an address is a list of lines."""
    return {**data, "address": in_lines(data.get("address"))}
