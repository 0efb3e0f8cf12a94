"""How the read models' generations stand, as a client is told."""

from datetime import UTC, datetime
from typing import Any

import pytest
from strawberry.types.graphql import OperationType

from projections.kernel.errors import StoreUnavailable
from projections.kernel.generations import State
from projections.kernel.status import GenerationStatus
from tests.schema.fakes import Api, at
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.positions import LogPosition

EVERYTHING = """{ projections {
  name version generation state position behind oldestPendingSeconds eventsPerSecond movedAt deadLetters workedOn failure
  problems
} }"""
SERVED = GenerationStatus(
    "books",
    "books.v1-abc",
    2,
    State.SERVED,
    LogPosition(90),
    10,
    0.75,
    12.5,
    datetime(2026, 1, 31, 12, tzinfo=UTC),
    1,
    True,
    "ValueError",
    ("more than 500 ms behind", "1 dead letter"),
)
BUILDING = GenerationStatus(
    "books", "books.v1-abc", 3, State.BUILDING, LogPosition(0), 100, None, None, None, 0, False, None, ()
)


async def both(api: Api, operation: str) -> Any:
    """The data of an operation that compiled code answers, as graphql-core does."""
    compiled = await api.schema.answer(operation, None, api.context(), None, frozenset({OperationType.QUERY}))
    assert isinstance(compiled, bytes)
    found = await api.data(operation)
    assert (await api.schema.interpret(operation, None, api.context())).data == found
    return found


async def test_all_of_every_generation(api: Api) -> None:
    api.statuses.generations = [SERVED, BUILDING]

    found = await both(api, EVERYTHING)

    assert found["projections"] == [
        {
            "name": "books",
            "version": "books.v1-abc",
            "generation": 2,
            "state": "SERVED",
            "position": at(90),
            "behind": 10,
            "oldestPendingSeconds": 0.75,
            "eventsPerSecond": 12.5,
            "movedAt": "2026-01-31T12:00:00.000000Z",
            "deadLetters": 1,
            "workedOn": True,
            "failure": "ValueError",
            "problems": ["more than 500 ms behind", "1 dead letter"],
        },
        {
            "name": "books",
            "version": "books.v1-abc",
            "generation": 3,
            "state": "BUILDING",
            "position": at(0),
            "behind": 100,
            "oldestPendingSeconds": None,
            "eventsPerSecond": None,
            "movedAt": None,
            "deadLetters": 0,
            "workedOn": False,
            "failure": None,
            "problems": [],
        },
    ]


async def test_beside_other_fields_and_under_another_name(api: Api) -> None:
    api.statuses.generations = [SERVED]
    found = await both(api, "{ p: projections { n: name __typename } __typename }")
    assert found == {"p": [{"n": "books", "__typename": "ProjectionStatus"}], "__typename": "Query"}


async def test_each_field_looks_once(api: Api) -> None:
    await api.data(EVERYTHING)
    assert api.statuses.looks == 1
    assert api.documents.calls == []


@pytest.mark.parametrize("error", [StoreUnavailable("x"), LogUnavailable("x")])
async def test_a_database_that_is_down(api: Api, error: Exception) -> None:
    api.statuses.error = error
    assert (await api.fails(EVERYTHING))[0] == "SERVICE_UNAVAILABLE"
