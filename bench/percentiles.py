"""Percentiles of what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Self


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that so many hundredths of them do not exceed. `values` is not empty."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * share / 100) - 1)]


@dataclass(frozen=True, slots=True)
class Spread:
    """What half and 99 of 100 of `count` values did not exceed."""

    p50: float
    p99: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Of values that are not empty."""
        return cls(percentile(values, 50), percentile(values, 99), len(values))

    def less(self, cost: float) -> Self:
        """The same, when each value holds `cost` that is not meant."""
        return type(self)(self.p50 - cost, self.p99 - cost, self.count)
