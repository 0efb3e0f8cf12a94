"""The ids of the shop's streams, and of the documents that are one stream's own."""

import hashlib
from functools import lru_cache
from typing import Self

from write_side.kernel.folding import folded
from write_side.kernel.ids import Id


class CustomerId(Id, prefix="cus"):
    """A customer, and the customer's wallet."""


class ProductId(Id, prefix="prd"):
    """A product, and the product's stock."""


class OrderId(Id, prefix="ord"):
    """An order."""


class ClaimId(Id, prefix="clm"):
    """A claim of a value that is unique in the shop, named by a hash of the value without regard to case."""

    @classmethod
    def for_value(cls, value: str) -> Self:
        """The claim of `value`: equal for values that differ only in case or in Unicode form."""
        return cls(f"{cls.prefix}_{_digits(value)}")


@lru_cache(maxsize=4096)
def _digits(value: str) -> str:
    """Of a claim. Whoever decides on one names it again and again."""
    return hashlib.sha256(folded(value).encode()).hexdigest()[:32]
