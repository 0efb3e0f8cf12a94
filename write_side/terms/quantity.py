"""Quantities: how many units of a product."""

from typing import Annotated

from pydantic import Field

MOST = 10_000
"""The most units of a product in one line of an order, or in one delivery."""

Quantity = Annotated[int, Field(ge=1, le=MOST)]
"""1 to 10,000 units."""
