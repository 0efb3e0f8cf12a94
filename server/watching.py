"""The status of all read models on a terminal, once or for as long as somebody watches."""

import asyncio

from rich.console import Console
from rich.live import Live

from projections.kernel.status import Status
from projections.kernel.statuses import LoggedStatuses
from server.overviews import overview, status_json
from server.shop import PROJECTIONS
from server.wiring import Stores

EVERY = 1.0
"""How often it is looked, in seconds."""


async def show_status(stores: Stores, paper: Console, *, as_json: bool, watch: bool) -> None:
    """Prints the status; with `watch` until it is stopped: a table that changes, or a line of JSON a second.

    Raises `StoreUnavailable`, `LogUnavailable`.
    """
    statuses = LoggedStatuses(PROJECTIONS, stores.generations, stores.log, stores.log.positions)
    # Rates are known to who looks twice.
    await statuses.look()
    await asyncio.sleep(EVERY)
    status = await statuses.look()
    if not watch:
        _print(status, paper, as_json)
        return
    if as_json:
        while True:
            _print(status, paper, as_json)
            await asyncio.sleep(EVERY)
            status = await statuses.look()
    with Live(overview(status, paper.width, paper.height), console=paper, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(EVERY)
            live.update(overview(await statuses.look(), paper.width, paper.height), refresh=True)


def _print(status: Status, paper: Console, as_json: bool) -> None:
    if as_json:
        paper.print(status_json(status), soft_wrap=True, highlight=False, markup=False)
    else:
        paper.print(overview(status, paper.width))
