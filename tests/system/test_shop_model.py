"""Random histories of commands, run against the whole system and against the model of the shop: both must agree.

Each history has a shop of its own. After every command the outcomes are compared, every few commands and at the end all
documents of all read models as MongoDB stores them. What it tries is the same in every run; when it fails, hypothesis
prints the shortest history that it found: its last command is the one to look at.
"""

import asyncio
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pymongo
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import ValidationError

from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import COMMANDS, PROJECTIONS
from server.wiring import Backend, migrate, open_backend
from tests.system.model.commands import AGAIN, Step, histories
from tests.system.model.documents import documents
from tests.system.model.shop import KINDS, Done, Shop
from tests.system.model.state import Now, Refusal, Row, Rows
from tests.system.verify import caught_up, stored
from write_side.kernel.outcomes import Accepted, Caller
from write_side.kernel.positions import LogPosition

MORNING = datetime(2026, 3, 30, 22, 0, tzinfo=UTC)
EVERY = 25
"""So many commands between two comparisons of all documents."""
CODES = [
    "INVALID_INPUT",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "VERSION_CONFLICT",
    "COMMAND_ID_REUSED",
    "ORDER_NOT_OPEN",
    "ORDER_EMPTY",
    "ITEM_NOT_IN_ORDER",
    "CURRENCY_MISMATCH",
    "INSUFFICIENT_STOCK",
    "PRODUCT_DISCONTINUED",
    "ORDER_NOT_PAID",
    "ORDER_ALREADY_PAID",
    "ORDER_ALREADY_SHIPPED",
    "ORDER_NOT_SHIPPED",
    "INSUFFICIENT_FUNDS",
    "WALLET_EMPTY",
]
"""Every reason to refuse but FORBIDDEN, which is the edge's."""


@pytest.mark.timeout(600)  # a failing history is made shorter before it is reported
def test_the_system_and_the_model_agree_on_every_history(database_urls: DatabaseUrls) -> None:
    reached: Counter[str] = Counter()

    @settings(
        max_examples=20,
        derandomize=True,
        database=None,
        print_blob=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories)
    def agree(history: list[Step]) -> None:
        runner.run(_play(database_urls, history, reached))

    with asyncio.Runner() as runner:
        agree()

    commands = [command for named in KINDS.values() for command in named]
    assert sorted(commands) == sorted(COMMANDS)
    assert [command for command in commands if not reached[command]] == [], "never accepted"
    assert [code for code in CODES if not reached[code]] == [], "never refused with"


async def _play(urls: DatabaseUrls, history: list[Step], reached: Counter[str]) -> None:
    async with _empty_shop(urls) as backend:
        play = _Play(backend)
        await play.compare_documents()
        for number, step in enumerate(history, 1):
            reached[await play.compare_outcomes(step)] += 1
            if number % EVERY == 0:
                await play.compare_documents()
        await play.compare_documents()


class _Play:
    """The system and the model, side by side."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._shop = Shop(_text(backend.log.created_at))
        self._time = MORNING
        self._sent: list[tuple[str, Row]] = []
        self._positions: dict[int, LogPosition] = {}
        self._count = 0
        self._last = "nothing"
        self._head = LogPosition(0)
        self._documents: dict[str, tuple[Row, str]] = {}

    async def compare_outcomes(self, step: Step) -> str:
        """Runs one command in both. Returns what it reached: the command's name when accepted, else the code."""
        command, given = self._command(step)
        self._count += 1
        self._time += timedelta(minutes=step.minutes)
        outcome = await _send(self._backend, command, given, step.actor, self._time)
        made_id = str(outcome.key) if isinstance(outcome, Accepted) else "new"

        expected = self._shop.execute(command, given, made_id, Now(_text(self._time), step.actor))

        self._last = f"number {self._count}, {command} {given}"
        what = f"{self._last}: {outcome}, but expected {expected!r}"
        if isinstance(expected, Refusal):
            assert isinstance(outcome, list), what
            assert [code for code, _ in outcome] == [expected.code], what
            assert not expected.path or outcome[0][1] == expected.path, what
            return expected.code
        assert isinstance(outcome, Accepted), what
        assert outcome.version == expected.version, what
        self._compare_positions(expected, outcome.position)
        return command

    def _command(self, step: Step) -> tuple[str, Row]:
        if step.command == AGAIN:
            return self._sent[step.number % len(self._sent)]
        given = dict(step.given)
        if step.expect:
            given["expectedVersion"] = self._shop.version(step.command, given) + (step.expect == "wrong")
        if given.get("commandId"):
            self._sent.append((step.command, given))
        return step.command, given

    def _compare_positions(self, done: Done, position: LogPosition) -> None:
        """A command that came before has its first position; else one that changes something has a new one."""
        if done.first != self._count:
            assert position == self._positions[done.first]
        elif done.changed:
            assert position > self._head
            self._head = position
        else:
            assert 0 < position <= self._head
        self._positions[self._count] = position

    async def compare_documents(self) -> None:
        """All documents of all read models, field by field; positions by their form, and that they only grow."""
        await caught_up(self._backend)
        head = self._backend.log.positions.token(await self._backend.log.head())
        expected = documents(self._shop.state)
        assert sorted(expected) == sorted(projection.name for projection in PROJECTIONS)
        for projection in PROJECTIONS:
            found = await stored(self._backend, projection)
            for key, document in found.items():
                assert document.pop("_id") == document["id"] == key
                document.pop("_keys", None)
                self._compare_position(key, document.pop("position"), document, head)
            assert found == expected[projection.name], self._differences(projection.name, found, expected[projection.name])

    def _differences(self, name: str, found: Rows, expected: Rows) -> str:
        lines = [f"{name}, after {self._last}:"]
        for key in sorted({*found, *expected}):
            stored, wanted = found.get(key, {}), expected.get(key, {})
            fields = [field for field in {**stored, **wanted} if stored.get(field) != wanted.get(field)]
            lines += [f"{key}.{field} is {stored.get(field)!r}, not {wanted.get(field)!r}" for field in fields]
        return "\n".join(lines)

    def _compare_position(self, key: str, position: str, document: Row, head: str) -> None:
        assert re.fullmatch(r"[0-9a-f]{12}-[0-9]{16}", position)
        assert position <= head
        before, was_at = self._documents.get(key, (document, position))
        assert position > was_at or (position == was_at and document == before), key
        self._documents[key] = (document, position)


Refusals = list[tuple[str, tuple[str, ...]]]


async def _send(backend: Backend, command: str, given: Row, actor: str, at: datetime) -> Accepted | Refusals:
    """What the system answers: accepted, or codes and paths of the refusals."""
    try:
        valid = COMMANDS[command].model_validate(given)
    except ValidationError:
        return [("INVALID_INPUT", ())]
    outcome = await backend.bus.execute(valid, Caller(actor=actor, correlation_id="model", occurred_at=at))
    if isinstance(outcome, Accepted):
        return outcome
    return [(refusal.code, refusal.path or ()) for refusal in outcome.refusals]


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@asynccontextmanager
async def _empty_shop(urls: DatabaseUrls) -> AsyncIterator[Backend]:
    """A backend on databases of its own, which go with it."""
    name = f"t_{secrets.token_hex(8)}"
    given = Settings(mongo_database=name)
    own = DatabaseUrls(postgres=urlunsplit(urlsplit(urls.postgres)._replace(path=f"/{name}")), mongo=urls.mongo)
    server = await asyncpg.connect(urls.postgres)
    try:
        await server.execute(f"CREATE DATABASE {name}")
        await migrate(given, own)
        async with open_backend(given, own, project=True) as backend:
            yield backend
    finally:
        await server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await server.close()
        with pymongo.MongoClient[dict[str, object]](urls.mongo) as client:
            client.drop_database(name)
