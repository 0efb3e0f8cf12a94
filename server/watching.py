"""The status of all read models and reactions on a terminal, once or for as long as somebody watches."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from projections.kernel.status import Status, Statuses
from projections.kernel.statuses import LoggedStatuses
from server.overviews import overview, status_json
from server.reaction_overviews import height, reaction_json, reactions_overview
from server.reactions import ReactionStatus, look
from server.shop import PROJECTIONS
from server.wiring import Stores
from write_side.kernel.reactions import Reaction

EVERY = 1.0
"""How often it is looked, in seconds."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What there was to see at one look."""

    read_models: Status
    reactions: Sequence[ReactionStatus]

    def as_json(self) -> str:
        return status_json(self.read_models, reactions=[reaction_json(one) for one in self.reactions])

    def shown(self, width: int, room: int | None = None) -> Group:
        """Within so many columns, and lines if there is a `room` for it."""
        left = None if room is None else room - height(self.reactions) - 1
        return Group(overview(self.read_models, width, left), Text(), reactions_overview(self.reactions))


@dataclass(frozen=True, slots=True)
class _Looking:
    """Looks again and again."""

    stores: Stores
    statuses: Statuses
    reactions: Sequence[Reaction]

    async def look(self) -> _Seen:
        return _Seen(await self.statuses.look(), await look(self.reactions, self.stores.places, self.stores.log))


async def show_status(stores: Stores, reactions: Sequence[Reaction], paper: Console, *, as_json: bool, watch: bool) -> None:
    """Prints the status; with `watch` until it is stopped: a table that changes, or a line of JSON a second.

    Raises `StoreUnavailable`, `LogUnavailable`, `NotMigrated`.
    """
    statuses = LoggedStatuses(PROJECTIONS, stores.generations, stores.log, stores.log.positions)
    looking = _Looking(stores, statuses, reactions)
    # Rates are known to who looks twice.
    await statuses.look()
    await asyncio.sleep(EVERY)
    seen = await looking.look()
    if not watch:
        _print(seen, paper, as_json)
        return
    if as_json:
        while True:
            _print(seen, paper, as_json)
            await asyncio.sleep(EVERY)
            seen = await looking.look()
    with Live(seen.shown(paper.width, paper.height), console=paper, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(EVERY)
            live.update((await looking.look()).shown(paper.width, paper.height), refresh=True)


def _print(seen: _Seen, paper: Console, as_json: bool) -> None:
    if as_json:
        paper.print(seen.as_json(), soft_wrap=True, highlight=False, markup=False)
    else:
        paper.print(seen.shown(paper.width))
