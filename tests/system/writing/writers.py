"""Clients that write: each command under an id of its own, sent again under the same id until there is an answer."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from threading import Event, Thread

from tests.system.checker.asking import Answer, Asking, Surprise, Unanswered, number
from tests.system.children import PATIENCE
from tests.system.writing.goods import Goods
from tests.write_side.effects.told import Denied, Done, Told
from write_side.kernel.commands import Command
from write_side.kernel.positions import LogPosition

ANY = LogPosition(2**62)
"""Where a log may stand when somebody is refused: no answer tells."""


class Writers:
    """So many clients, at work in a thread of their own until they are stopped. `told` is all that came of it."""

    def __init__(self, places: Sequence[str], goods: Goods, random: Random, clients: int) -> None:
        self._places = places
        self._goods = goods
        self._random = random
        self._clients = clients
        self._over = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._run()))
        self._latest = LogPosition(0)
        self.told: list[Told] = []
        self.surprises: list[str] = []
        self.counts = Counter[str]()

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    @property
    def answered(self) -> int:
        """How many commands have been answered."""
        return self.counts["accepted"] + self.counts["refused"]

    def stop(self, keep_up: Callable[[], None]) -> None:
        """Has each of them finish what it is about. There is an answer to everything while somebody keeps all up."""
        self._over.set()
        deadline = time.monotonic() + PATIENCE
        while self._thread.is_alive():
            assert time.monotonic() < deadline, "somebody is not answered"
            keep_up()
            self._thread.join(0.1)

    async def _run(self) -> None:
        asking = Asking(self._places, self._random)
        async with asking.http:
            await asyncio.gather(*(self._write(asking) for _ in range(self._clients)))

    async def _write(self, asking: Asking) -> None:
        while not self._over.is_set():
            command = self._goods.command(self._random)
            try:
                await self._answered(asking, command)
            except Surprise as surprise:
                self.surprises.append(str(surprise))

    async def _answered(self, asking: Asking, command: Command) -> None:
        since = self._latest
        mutation, given = mutation_of(command)
        while (answer := await self._asked(asking, mutation, given)) is None:
            self.told.append(Told(command, since, since, None))
            self.counts["unanswered"] += 1
            await asyncio.sleep(self._random.uniform(0, 0.4))
        [payload] = answer.data.values()
        if payload["userErrors"]:
            self.told.append(Told(command, since, ANY, Denied(payload["userErrors"][0]["code"])))
            self.counts["refused"] += 1
            return
        position = LogPosition(number(payload["position"]))
        self._latest = max(self._latest, position)
        self.told.append(Told(command, since, position, Done(payload["version"], position)))
        self._goods.accepted(command)
        self.counts["accepted"] += 1

    @staticmethod
    async def _asked(asking: Asking, mutation: str, given: Mapping[str, object]) -> Answer | None:
        try:
            return await asking.ask(mutation, {"input": given})
        except Unanswered:
            return None


def mutation_of(command: Command) -> tuple[str, dict[str, object]]:
    """The mutation of a command, which answers without a document, and its input."""
    name = type(command).__name__
    field = name[0].lower() + name[1:]
    text = f"mutation($input: {name}Input!) {{ {field}(input: $input) {{ version position userErrors {{ code }} }} }}"
    given: dict[str, object] = json.loads(command.model_dump_json(by_alias=True, exclude_none=True))
    return text, given
