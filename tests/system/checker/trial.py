"""One trial of the shop: clients at work while faults happen, then quiet, then everything held against the log."""

import asyncio
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from server.embedded import DatabaseUrls, embedded_servers
from server.settings import Settings
from server.wiring import Backend, migrate, open_backend
from tests.system.checker.asking import Asking, Unanswered
from tests.system.checker.board import Board
from tests.system.checker.crowd import FIXED, LISTS, Crowd
from tests.system.checker.faults import Faults
from tests.system.checker.histories import Histories, history_of
from tests.system.checker.looking import Looking
from tests.system.checker.processes import running
from tests.system.checker.records import Opened, Pushed, Records, Watch
from tests.system.checker.rules import Finding, findings
from tests.system.checker.shoppers import open_shop
from tests.system.checker.subjects import MODELS, Listing
from tests.system.checker.watched import LAST, watched
from tests.system.verify import caught_up, whole_log

SETTINGS = Settings(mongo_database="checker", fresh_wait=0.6, lease=1.0)

QUIET_SECONDS = 60.0
"""How long it may take at most until everyone has been told everything."""

SHOWN = 20
"""So many findings are told."""

PAUSE = 0.5
"""How often it is looked whether everyone has, in seconds."""


@dataclass(frozen=True)
class Outcome:
    """What was found, and how much was tried."""

    findings: Sequence[Finding]
    counts: Counter[str]

    def __str__(self) -> str:
        """What was tried, in one line, and what was found, of which the first in a line each."""
        tried = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        shown = (f"\n{one.rule}: {one.client}: {one.what}" for one in self.findings[:SHOWN])
        return f"{tried}; {len(self.findings)} findings{''.join(shown)}"


@contextmanager
def databases() -> Iterator[tuple[DatabaseUrls, Path]]:
    """Databases of a trial's own, since MongoDB is to step down, and a folder for what processes say."""
    # Not pytest's own folder: that is kept for three runs, and databases are large.
    folder = Path(tempfile.mkdtemp(prefix="oneread-checker-"))
    try:
        with embedded_servers(folder / "data") as urls:
            yield urls, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def trial(
    urls: DatabaseUrls, folder: Path, *, clients: int, seconds: float, seed: int, regulars_orders: int
) -> Outcome:
    """Runs so many clients through so many seconds of faults. `folder` is for what the processes say.

    With more than 500 `regulars_orders`, a new name of that customer is more than whoever watches all orders is told one by
    one.
    """
    await migrate(SETTINGS, urls)
    records, random = Records(), Random(seed)
    board = Board(random)
    async with running(SETTINGS, urls, folder) as processes, open_backend(SETTINGS, urls, project=False) as backend:
        asking = Asking([api.place for api in processes.apis], random)
        async with asking.http:
            await open_shop(asking, board, records, regulars_orders)
            crowd = Crowd(clients, asking, board, records, seed)
            faults = Faults(processes, urls.mongo, random, records)
            await faults.run(seconds)
            await processes.start()
            await crowd.calm(QUIET_SECONDS)
            await caught_up(backend)
            await _last_reads(Looking("the last", asking, board, records, random), board.latest_token)
            histories, commands = await _told_by_the_log(backend)
            await _everyone_told(records, histories)
            await crowd.leave()
    found = list(findings(records, histories, commands))
    return Outcome(found, _counts(records) + faults.happened)


async def _last_reads(looking: Looking, demand: str) -> None:
    """Reads what was watched, as it is when nothing happens any more."""
    for subject in (*LISTS, *FIXED):
        while True:
            try:
                if isinstance(subject, Listing):
                    await looking.list(subject, demand)
                else:
                    await looking.document(subject.model, subject.key, demand)
                break
            except Unanswered:
                await asyncio.sleep(0.1)


async def _told_by_the_log(backend: Backend) -> tuple[Histories, dict[str, list[int]]]:
    """The history of each model, and the positions of each command's events."""
    log, commands = await whole_log(backend), defaultdict(list)
    for event in log:
        commands[event.metadata.command_id].append(event.position)
    histories = {model.name: history_of(model, log, backend.log.positions, backend.log.created_at) for model in MODELS}
    return histories, dict(commands)  # type: ignore[arg-type]


async def _everyone_told(records: Records, histories: Histories) -> None:
    """Waits until everyone who still watches has been told everything, or has had the time for it."""

    def waits(watch: Watch) -> bool:
        return not watch.left and any(rule == LAST for rule, _ in watched(watch, histories[watch.subject.model.name]))

    waiting = list(records.watches)
    for _ in range(round(QUIET_SECONDS / PAUSE)):
        waiting = [watch for watch in waiting if waits(watch)]
        if not waiting:
            return
        await asyncio.sleep(PAUSE)


def _counts(records: Records) -> Counter[str]:
    opened = [sum(isinstance(entry, Opened) for entry in watch.told) for watch in records.watches]
    pushed = sum(isinstance(entry, Pushed) for watch in records.watches for entry in watch.told)
    return records.counts + Counter(
        {
            "reads": len(records.reads) + len(records.pages),
            "told": pushed,
            "resumed": sum(opened) - len(opened),
            "commands": len(records.accepted),
            "commands sent again": sum(accepted.tries > 1 for accepted in records.accepted),
            "watches": len(records.watches),
        }
    )
