"""Imports on a real log: stopped at every line and gone on with, refused and mended, in the order that matters."""

import asyncio
import io
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest

from schema.ports import Commands
from server.embedded import DatabaseUrls
from server.importing.importer import Importer
from server.importing.lines import Reading, read_lines
from server.importing.run import run_import
from server.shop import COMMANDS
from server.wiring import WriteSide, now, open_write_side
from tests.system.orders import ADDRESS
from tests.system.paper import Paper
from tests.system.proxy import doors_to
from write_side.catalogue.events import ProductAdded
from write_side.claims.events import ValueClaimed
from write_side.customers.events import CustomerRegistered, CustomerRenamed
from write_side.kernel.commands import Command
from write_side.kernel.events import Recorded
from write_side.kernel.outcomes import Caller, Outcome
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.refusals import Refusal
from write_side.orders.events import OrderPaid, OrderPlaced
from write_side.stock.events import StockReceived, StockReserved

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""So long a process may take for what takes seconds, in seconds."""

CUSTOMER, PRODUCT, ORDER = (f"{prefix}_{1:032x}" for prefix in ("cus", "prd", "ord"))
PRICE = {"amount": "30.00", "currencyCode": "EUR"}


def said(type_: str, **given: Any) -> dict[str, Any]:
    return {"type": type_, "input": given}


def person(number: int) -> dict[str, Any]:
    return said("RegisterCustomer", name=f"Customer {number}", email=f"customer.{number}@shop.test", address=ADDRESS)


SHOP = [
    said("RegisterCustomer", id=CUSTOMER, name="Ann", email="ann@shop.test", address=ADDRESS),
    said("AddProduct", id=PRODUCT, sku="POT-1", name="Pot", price=PRICE),
    said("ReceiveStock", productId=PRODUCT, quantity=3),
    person(1),
    said("ReceiveStock", productId=PRODUCT, quantity=4),
    said("PlaceOrder", id=ORDER, customerId=CUSTOMER, items=[{"productId": PRODUCT, "quantity": 7}]),
    person(2),
    said("PayOrder", orderId=ORDER, method="CARD"),
    said("RenameCustomer", customerId=CUSTOMER, name="Anna"),
]
"""Lines of which some make no sense before others, and some would have another effect if they were done twice."""

OF_SHOP = {
    CustomerRegistered: 3,
    ValueClaimed: 4,
    ProductAdded: 1,
    StockReceived: 2,
    OrderPlaced: 1,
    StockReserved: 1,
    OrderPaid: 1,
    CustomerRenamed: 1,
}


@pytest.fixture
async def side(postgres_url: str) -> AsyncIterator[WriteSide]:
    """An empty log and its bus."""
    await migrate(postgres_url)
    async with open_write_side(DatabaseUrls(postgres=postgres_url, mongo="")) as opened:
        yield opened


@pytest.fixture
def paper() -> Paper:
    return Paper()


class Import(Protocol):
    async def __call__(self, lines: Sequence[object], refused: Path | None = None, name: str = "lines") -> bool: ...


@pytest.fixture
def imported(side: WriteSide, paper: Paper, tmp_path: Path) -> Import:
    """Imports such lines. Whether all were accepted."""

    async def run(lines: Sequence[object], refused: Path | None = None, name: str = "lines") -> bool:
        path = tmp_path / "lines.ndjson"
        written(path, lines)
        return await run_import(side, path, name, refused, paper.console, paper.console)

    return run


def written(path: Path, lines: Sequence[object]) -> None:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))


async def events(side: WriteSide) -> Sequence[Recorded]:
    return await side.log.read(LogPosition(0), 20_000)


async def reached(side: WriteSide, position: int) -> None:
    """Waits until the log is so long."""
    async with asyncio.timeout(PATIENCE):
        while await side.log.head() < position:  # noqa: ASYNC110 (another process tells nobody here)
            await asyncio.sleep(0.01)


def counted(recorded: Sequence[Recorded]) -> dict[type, int]:
    found: dict[type, int] = {}
    for one in recorded:
        found[type(one.event)] = found.get(type(one.event), 0) + 1
    return found


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """A bus whose process is killed at its command number `last`: before that is executed, or before it is heard of."""

    def __init__(self, side: WriteSide, last: int, *, executed: bool) -> None:
        self._side = side
        self._left = last
        self._executed = executed

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        self._left -= 1
        if self._left > 0:
            return await self._side.bus.execute(command, caller)
        if self._left == 0 and self._executed:
            await self._side.bus.execute(command, caller)
        raise Killed


@pytest.mark.parametrize("executed", [False, True])
async def test_it_goes_on_wherever_it_was_killed(side: WriteSide, *, executed: bool) -> None:
    """At the first line, then at the second, and so on: each line has one effect in the end."""
    file = "\n".join(json.dumps(line) for line in SHOP).encode()
    caller, refused = Caller(actor="import:shop", correlation_id="import:shop"), list[tuple[Refusal, ...]]()

    def importer(bus: Commands) -> Importer:
        return Importer(Reading("shop", COMMANDS, now()), bus, caller, LogPosition(0), lambda _, why: refused.append(why))

    for last in range(1, len(SHOP) + 1):
        try:
            await importer(Mortal(side, last, executed=executed)).run(read_lines(io.BytesIO(file)))
        except* Killed:
            pass
    whole = importer(side.bus)
    await whole.run(read_lines(io.BytesIO(file)))

    assert (whole.tally.accepted, refused) == (len(SHOP), [])
    assert counted(await events(side)) == OF_SHOP


async def test_the_same_again_has_no_second_effect(side: WriteSide, imported: Import, paper: Paper) -> None:
    assert await imported(SHOP)
    assert await imported(SHOP)

    assert counted(await events(side)) == OF_SHOP
    assert "9 lines: 9 accepted (9 of them before, or with nothing to change)" in paper.text


async def test_who_did_it_and_when_is_in_the_log(side: WriteSide, imported: Import) -> None:
    await imported([{**SHOP[0], "occurredAt": "2026-01-31T12:00:00Z"}, SHOP[1]], name="March")

    [registered, _, added, _] = await events(side)
    assert registered.occurred_at == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert added.occurred_at > registered.occurred_at
    assert (added.metadata.actor, added.metadata.command_id) == ("import:March", "import:March:2")


async def test_lines_about_one_thing_keep_their_order_among_thousands(side: WriteSide, imported: Import) -> None:
    lines: list[object] = [SHOP[0]]
    for number in range(1, 101):
        lines += [person(number), person(number + 1_000), said("RenameCustomer", customerId=CUSTOMER, name=f"Ann {number}")]

    assert await imported(lines)

    recorded = [one.event for one in await events(side)]
    names = [event.name for event in recorded if isinstance(event, CustomerRenamed)]
    assert names == [f"Ann {number}" for number in range(1, 101)]


async def test_the_first_line_with_a_unique_value_has_it(side: WriteSide, imported: Import, paper: Paper) -> None:
    lines = [person(number // 2) for number in range(600)]

    assert not await imported(lines)

    assert counted(await events(side)) == {CustomerRegistered: 300, ValueClaimed: 300}
    taken = re.findall(r"^│ (\d+) +│.*ALREADY_EXISTS", paper.text, re.MULTILINE)
    assert taken == [str(number) for number in range(2, 601, 2)]


async def test_what_was_refused_is_mended_where_it_stands(side: WriteSide, imported: Import, paper: Paper) -> None:
    wrong: list[object] = [*SHOP]
    wrong[2] = said("ReceiveStock", productId=PRODUCT, quantity=0)
    wrong[6] = "{"
    assert not await imported(wrong)
    told = " ".join(paper.text.split())
    assert "9 lines: 5 accepted, 4 refused" in told
    for code in ("INVALID_INPUT", "INSUFFICIENT_STOCK", "MALFORMED_LINE", "NOT_FOUND"):
        assert f"1 {code}" in told

    assert await imported(SHOP)
    assert counted(await events(side)) == OF_SHOP


async def test_what_was_refused_may_be_mended_in_a_file_of_its_own(
    side: WriteSide, imported: Import, tmp_path: Path
) -> None:
    wrong = [*SHOP]
    wrong[2] = said("ReceiveStock", productId=PRODUCT, quantity=0)
    refused = tmp_path / "refused.ndjson"
    await imported(wrong, refused)
    lines = [json.loads(line) for line in refused.read_text().splitlines()]
    assert [(line["type"], line["input"]["commandId"]) for line in lines] == [
        ("ReceiveStock", "import:lines:3"),
        ("PlaceOrder", "import:lines:6"),
        ("PayOrder", "import:lines:8"),
    ]

    lines[0]["input"]["quantity"] = 3
    assert await imported(lines, name="mended")
    assert counted(await events(side)) == OF_SHOP
    # The mended lines are the same commands wherever they stand.
    assert await imported(SHOP)
    assert counted(await events(side)) == OF_SHOP


async def test_a_line_that_was_accepted_and_edited_since_is_told(side: WriteSide, imported: Import, paper: Paper) -> None:
    await imported(SHOP)

    assert not await imported([*SHOP[:2], said("ReceiveStock", productId=PRODUCT, quantity=30), *SHOP[3:]])

    told = " ".join(paper.text.split())
    assert "1 refused (1 COMMAND_ID_REUSED)" in told
    assert "give it another --name" in told
    assert counted(await events(side)) == OF_SHOP


async def test_a_log_that_is_away_for_a_while_is_waited_for(
    postgres_url: str, mongo_url: str, side: WriteSide, paper: Paper, tmp_path: Path
) -> None:
    path = tmp_path / "people.ndjson"
    written(path, [person(number) for number in range(2_000)])
    urls = DatabaseUrls(postgres=postgres_url, mongo=mongo_url)
    async with doors_to(lambda: urls) as doors, open_write_side(doors.urls) as through:
        importing = asyncio.create_task(run_import(through, path, "people", None, paper.console, paper.console))
        await reached(side, 400)
        await doors.postgres.shut()
        # Longer than the committer tries by itself.
        await asyncio.sleep(1)
        assert await side.log.head() < 4_000
        assert not importing.done()
        await doors.postgres.open()

        async with asyncio.timeout(PATIENCE):
            assert await importing, paper.text

    assert counted(await events(side)) == {CustomerRegistered: 2_000, ValueClaimed: 2_000}


class Process:
    """`oneread import` as a user runs it, on the databases of a test."""

    def __init__(self, urls: DatabaseUrls, path: Path) -> None:
        bare = {name: value for name, value in os.environ.items() if not name.startswith("ONEREAD_")}
        given = {"ONEREAD_POSTGRES_URL": urls.postgres, "ONEREAD_MONGO_URL": urls.mongo}
        self._environment = {**bare, **given, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
        self._command = (sys.executable, "-c", "from server.cli import main; main()", "import", str(path))

    async def run(self, side: WriteSide, until: int | None = None, how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Its exit code and what it has said: run to its end, or stopped once the log is so long."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self._command, cwd=ROOT, env=self._environment, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        if until is not None:
            await reached(side, until)
            process.send_signal(how)
        async with asyncio.timeout(PATIENCE):
            told, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, " ".join(told.decode().split())


async def test_a_process_that_was_stopped_is_run_again(
    side: WriteSide, postgres_url: str, mongo_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "people.ndjson"
    written(path, [*(person(number) for number in range(2_000)), "{"])
    process = Process(DatabaseUrls(postgres=postgres_url, mongo=mongo_url), path)

    killed, _ = await process.run(side, until=400, how=signal.SIGKILL)
    interrupted, told = await process.run(side, until=await side.log.head() + 400)
    assert (killed, interrupted) == (-signal.SIGKILL, 130)
    assert await side.log.head() < 4_000
    assert "run the same again to go on" in told
    assert "Traceback" not in told

    code, told = await process.run(side)
    assert code == 1
    assert "2001 │ │ MALFORMED_LINE │ │ is not JSON" in told
    assert "2,001 lines: 2,000 accepted (" in told
    assert counted(await events(side)) == {CustomerRegistered: 2_000, ValueClaimed: 2_000}
