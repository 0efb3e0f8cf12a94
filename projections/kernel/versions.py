"""Versions of projections that no code here projects: what older processes have left, or newer ones have made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from projections.kernel.projection import AnyProjection
from write_side.kernel.positions import LogPosition


@dataclass(frozen=True, slots=True)
class OtherVersion:
    """A version by its id, with its generations' ids; `position` is that of the one that has come furthest.

    `worked_on` says whether a projector has the lease of one of them: then its processes run still.
    """

    id: str
    projection: str
    generations: tuple[str, ...]
    position: LogPosition
    worked_on: bool


class OtherVersions(Protocol):
    """Finds and drops versions that no code here projects. All raise `StoreUnavailable`."""

    async def find(self, projections: Sequence[AnyProjection]) -> Sequence[OtherVersion]:
        """Every version that is none of these projections' own, by name and id."""
        ...

    async def drop(self, version: OtherVersion) -> None:
        """Drops all of a version. What was killed half-way is dropped by another run.

        Raises `InUse` where somebody works on it.
        """
        ...
