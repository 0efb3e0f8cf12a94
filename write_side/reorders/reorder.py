"""The state of a product's reorders: whether one is open."""

from dataclasses import dataclass
from typing import assert_never

from write_side.kernel.streams import StreamKind
from write_side.reorders.events import ReorderCovered, ReorderEvent, ReorderNeeded
from write_side.terms.ids import ProductId


@dataclass(frozen=True, slots=True)
class Reorder:
    """Whether a product has to be ordered again, as far as was noted."""

    needed: bool = False


def evolve(_: Reorder, event: ReorderEvent) -> Reorder:
    """The reorders after `event`."""
    match event:
        case ReorderNeeded():
            return Reorder(needed=True)
        case ReorderCovered():
            return Reorder(needed=False)
        case _:
            assert_never(event)


REORDER: StreamKind[Reorder] = StreamKind("reorder", ProductId, ReorderEvent, initial=Reorder(), evolve=evolve)
