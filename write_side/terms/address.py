"""Postal addresses, with a country of ISO 3166-1."""

from typing import Annotated

import pycountry
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError
from typing_extensions import Doc

from write_side.kernel.codec import Json
from write_side.kernel.commands import Input
from write_side.terms.text import Line, Name, Postcode

_COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries)


class Address(BaseModel):
    """A postal address, as events hold it. `lines` are those above the town, at least one."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    lines: tuple[str, ...]
    city: str
    postcode: str
    country_code: str


def in_lines(address: Json | None) -> Json | None:
    """An address as events held it first, with `line1` and `line2`, in the shape of `Address`. No address stays none.

    For upcasters. A second line that is empty is one all the same: what is made of old events stays what it was.
    """
    if address is None:
        return None
    kept = {name: value for name, value in address.items() if name not in ("line1", "line2")}
    return {"lines": [line for line in (address["line1"], address.get("line2")) if line is not None], **kept}


def _known_country(code: str) -> str:
    if code not in _COUNTRIES:
        raise PydanticCustomError("country", "is not the code of a country (ISO 3166-1 alpha-2), such as DE")
    return code


class AddressInput(Input):
    """A postal address. The postcode may be empty where a country has none."""

    line1: Name
    line2: Line | None = None
    city: Name
    postcode: Postcode
    country_code: Annotated[
        str, StringConstraints(max_length=2), AfterValidator(_known_country), Doc("ISO 3166-1 alpha-2.")
    ]

    @property
    def value(self) -> Address:
        """The address as events hold it."""
        return Address(
            lines=(self.line1, self.line2) if self.line2 else (self.line1,),
            city=self.city,
            postcode=self.postcode,
            country_code=self.country_code,
        )
