"""Postal addresses, with a country of ISO 3166-1."""

from typing import Annotated

import pycountry
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError
from typing_extensions import Doc

from write_side.kernel.commands import Input
from write_side.terms.text import Line, Name, Postcode

_COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries)


class Address(BaseModel):
    """A postal address, as events hold it."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    line1: str
    line2: str | None = None
    city: str
    postcode: str
    country_code: str


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
            line1=self.line1,
            line2=self.line2 or None,
            city=self.city,
            postcode=self.postcode,
            country_code=self.country_code,
        )
