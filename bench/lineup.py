"""The servers that are measured beside one another, running, with the requests that they get."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.checking import check_answers, check_health
from bench.filling import FilledShop
from bench.operations import Operation
from bench.processes import ONEREAD, PYTHON, Running, serving
from bench.results import APIS, CEILING, ORDINARY
from bench.shop import Shop


@dataclass(frozen=True, slots=True)
class Contender:
    """A server that is measured on a shop. `bodies` has the requests of each operation by its name, one per line."""

    running: Running
    shop: Shop
    bodies: Mapping[str, Path]

    def url(self, operation: Operation) -> str:
        """Where an operation is sent."""
        return f"{self.running.url}/{operation.name if self.running.name == CEILING else 'graphql'}"


@contextmanager
def contending(
    filled: FilledShop,
    servers: Sequence[str],
    operations: Sequence[Operation],
    folder: Path,
    *,
    as_many_as: Shop | None = None,
) -> Iterator[list[Contender]]:
    """Starts servers on a shop and looks at their answers. They keep their files in `folder`.

    They are asked for as many different things as a shop `as_many_as` has: equal requests share reads, and would do so
    more in a smaller shop. Raises `BenchError` when one does not start, or answers wrongly.
    """
    shop = filled.shop
    bodies = {one.name: write_bodies(one, shop, as_many_as, folder) for one in operations}
    with ExitStack() as stack:
        contenders = []
        for server in servers:
            log = folder / f"{server}-{shop.orders}.log"
            running = stack.enter_context(_started(server, filled, operations, folder, log))
            contender = Contender(running, shop, bodies)
            if server in APIS:
                check_health(server, running.url)
            if server != CEILING:
                for operation in operations:
                    check_answers(server, contender.url(operation), operation, shop)
            contenders.append(contender)
        yield contenders


def _started(
    server: str, filled: FilledShop, operations: Sequence[Operation], folder: Path, log: Path
) -> AbstractContextManager[Running]:
    launch: list[str | Path] = [PYTHON, "-m", "bench.launch"]
    if server == CEILING:
        answers = folder / "answers"
        answers.mkdir(exist_ok=True)
        for operation in operations:
            answer = operation.answer(filled.shop, operation.numbers(filled.shop)[0])
            (answers / f"{operation.name}.json").write_bytes(orjson.dumps({"data": answer}))
        return serving(server, [*launch, "constant", answers], log, {})
    if server == ORDINARY:
        mongo = filled.variables["ONEREAD_MONGO_URL"]
        return serving(server, [*launch, "ordinary", mongo, filled.database, filled.collection()], log, {})
    return serving(server, [ONEREAD, "serve", "--port", "0"], log, {**filled.variables, "ONEREAD_MONGO_DRIVER": server})


def write_bodies(operation: Operation, shop: Shop, as_many_as: Shop | None, folder: Path) -> Path:
    """Writes the requests of an operation to a file in `folder`, one body per line; see `contending`."""
    path = folder / f"{operation.name}-{shop.orders}.requests"
    numbers = operation.numbers(shop, as_many_as)
    path.write_bytes(b"\n".join(operation.body(shop, number) for number in numbers))
    return path
