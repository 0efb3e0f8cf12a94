"""What /health and /health/ready say, of databases and projections in any state."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from projections.kernel.errors import StoreUnavailable
from projections.kernel.generations import State
from projections.kernel.status import GenerationStatus
from server.health import Checkup
from tests.schema.fakes import HEAD, FakeLog, FakeServed, FakeStatuses
from tests.schema.library import PROJECTIONS
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.positions import LogPosition

FINE = GenerationStatus(
    "books", "books.v1-abc", 2, State.SERVED, HEAD, 0, None, None, datetime(2026, 1, 31, tzinfo=UTC), 0, True, None, ()
)


async def answers() -> str:
    return "pong"


async def is_down() -> str:
    raise StoreUnavailable("x")


async def hangs() -> str:
    await asyncio.sleep(3_600)  # the loop knows of it: what nobody knows of is collected, loudly, in another test
    return "never"


@dataclass
class Process:
    """A process whose databases answer, and that serves all of the library."""

    log: FakeLog
    served: FakeServed
    statuses: FakeStatuses
    documents: Callable[[], Awaitable[str]] = answers

    @property
    def checkup(self) -> Checkup:
        return Checkup(PROJECTIONS, self.log, self.documents, self.served, self.statuses, patience=0.02)

    async def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether it serves, and what it says."""
        found = await self.checkup.health()
        return found.serves, found.as_json()


@pytest.fixture
def process() -> Process:
    return Process(FakeLog(), FakeServed(), FakeStatuses([FINE]))


async def test_all_is_well(process: Process) -> None:
    assert await process.health() == (
        True,
        {
            "status": "ok",
            "log": "ok",
            "documents": "ok",
            "missing": [],
            "head": HEAD,
            "projections": {
                "books": {
                    "generation": 2,
                    "checkpoint": HEAD,
                    "behind": 0,
                    "deadLetters": 0,
                    "failure": None,
                    "problems": [],
                }
            },
        },
    )
    assert (await process.checkup.readiness()).as_json() == {"ready": True, "missing": []}


@pytest.mark.parametrize(
    "status",
    [
        replace(FINE, dead_letters=1, problems=("1 dead letter",)),
        replace(FINE, behind=7, position=LogPosition(93), problems=("more than 500 ms behind",)),
        replace(FINE, failure="UnreadableEvent"),
    ],
)
async def test_a_problem_is_said_and_requests_go_on(process: Process, status: GenerationStatus) -> None:
    process.statuses.generations = [replace(FINE, projection="loans"), status]

    serves, said = await process.health()

    assert (serves, said["status"]) == (True, "degraded")
    assert said["projections"]["loans"]["problems"] == []
    assert said["projections"]["books"] == {
        "generation": 2,
        "checkpoint": status.position,
        "behind": status.behind,
        "deadLetters": status.dead_letters,
        "failure": status.failure,
        "problems": list(status.problems),
    }
    assert (await process.checkup.readiness()).is_ready


async def test_what_is_not_served_is_no_problem(process: Process) -> None:
    building = replace(FINE, generation=3, state=State.BUILDING, behind=90, failure="ValueError")
    process.statuses.generations = [FINE, building]

    _, said = await process.health()

    assert said["status"] == "ok"
    assert said["projections"]["books"]["generation"] == 2


async def test_a_read_model_that_is_not_built_yet(process: Process) -> None:
    process.served.unserved = ("loans",)

    serves, said = await process.health()

    assert (serves, said["status"], said["missing"]) == (False, "down", ["loans is not built yet"])
    assert (await process.checkup.readiness()).as_json() == {"ready": False, "missing": ["loans is not built yet"]}


@pytest.mark.parametrize("documents", [is_down, hangs])
async def test_the_documents_are_down(process: Process, documents: Callable[[], Awaitable[str]]) -> None:
    process.documents, process.statuses.error = documents, StoreUnavailable("x")

    serves, said = await process.health()

    assert (serves, said["status"], said["log"], said["documents"]) == (False, "down", "ok", "down")
    assert (said["missing"], said["head"], said["projections"]) == (["the documents' database does not answer"], None, {})
    assert not (await process.checkup.readiness()).is_ready


async def test_the_log_is_down(process: Process) -> None:
    process.log.error = process.statuses.error = LogUnavailable("x")

    serves, said = await process.health()

    assert (serves, said["status"], said["log"], said["documents"]) == (False, "down", "down", "ok")
    assert said["missing"] == ["the log does not answer"]


async def test_a_status_that_cannot_be_had_is_a_problem_of_its_own(process: Process) -> None:
    process.statuses.error = StoreUnavailable("x")
    serves, said = await process.health()
    assert (serves, said["status"], said["projections"]) == (True, "degraded", {})
