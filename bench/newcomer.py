"""Commands on streams that nobody in the process has loaded: `python -m bench.newcomer fill COUNT|measure PRODUCT`.

The database comes from the environment, as Oneread's own commands have it. There is a product whose stock has a long past,
and so many whose stock has a short one: each process that measures takes another of these.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from time import perf_counter

import typer

from bench.environment import databases
from bench.lives import product_id
from bench.load import BenchError, first_of
from bench.wire.loop import run
from bench.writes_tables import LONG_PAST, SHORT_PAST
from server.wiring import open_write_side
from write_side.catalogue.commands import AddProduct
from write_side.kernel.bus import CommandBus
from write_side.kernel.commands import Command
from write_side.kernel.outcomes import Accepted, Caller
from write_side.stock.commands import ReceiveStock
from write_side.terms.ids import ProductId

AT_ONCE = 64
WARM_UP = 50
"""Commands on another stream first: what they measure is not the start of a process."""

OTHER, LONG_STOCK, FIRST_SHORT = 0, 1, 2
"""Products by number: that of the warm-up, the one whose stock has a long past, and the first of the others."""

CALLER = Caller(actor="bench", correlation_id="bench")
_MILLI = 1000.0

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def fill(count: int) -> None:
    """Fills an empty shop: by commands, so that the log has what they leave behind."""
    run(_fill(count))


@app.command()
def measure(product: int) -> None:
    """Print how long a command takes on the stock of a product, in milliseconds."""
    print(run(_measure(product)))


async def _fill(count: int) -> None:
    products = range(FIRST_SHORT + count)
    async with _bus() as bus:
        await _execute_all(bus, map(_added, products))
        await _execute_all(bus, (_received(product) for product in products for _ in range(SHORT_PAST)))
        await _execute_all(bus, (_received(LONG_STOCK) for _ in range(LONG_PAST - SHORT_PAST)))


async def _measure(product: int) -> float:
    async with _bus() as bus:
        for _ in range(WARM_UP):
            await _execute(bus, _received(OTHER))
        began = perf_counter()
        await _execute(bus, _received(product))
        return (perf_counter() - began) * _MILLI


@asynccontextmanager
async def _bus() -> AsyncIterator[CommandBus]:
    async with open_write_side(databases()[1]) as side:
        yield side.bus


async def _execute_all(bus: CommandBus, commands: Iterator[Command]) -> None:
    async def work() -> None:
        for command in commands:
            await _execute(bus, command)

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(work())
    except ExceptionGroup as group:
        raise first_of(group) from None


async def _execute(bus: CommandBus, command: Command) -> None:
    if not isinstance(outcome := await bus.execute(command, CALLER), Accepted):
        raise BenchError(f"{type(command).__name__} was refused: {outcome}")


def _added(product: int) -> Command:
    price = {"amount": "9.50", "currencyCode": "EUR"}
    good = {"id": product_id(product), "sku": f"BENCH-{product}", "name": "Lamp", "price": price}
    return AddProduct.model_validate(good)


def _received(product: int) -> Command:
    return ReceiveStock(product_id=ProductId(product_id(product)), quantity=1)


if __name__ == "__main__":
    app()
