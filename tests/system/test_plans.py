"""Each filter in each order, forwards and backwards, from the start and from cursors: one command, answered from an index.

What is promised of sorting: no filter, equal values, and ranges of what the page is ordered by come from the index in
order, however many they are. The values of an `in` are merged from as many scans of the index, in order; only what lies
between two cursors may be so little that MongoDB prefers to sort it. A range of one field in the order of another is in
order in no index: MongoDB sorts what the range finds, or walks the order and leaves out what is not in the range. Words are
found in the index of words, and what was found is sorted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type

from projections.kernel.documents import Filter, OrderBy, field_type, stored_path
from projections.kernel.mongo.client import Database
from projections.kernel.mongo.commands import READ_LIMIT_MS
from projections.kernel.projection import AnyProjection
from projections.kernel.shapes import Stored
from server.api import graphql_schema
from server.shop import PROJECTIONS
from server.wiring import Backend
from tests.system.client import Client
from tests.system.listener import Listener, Plan, plan_of
from tests.system.specimens import specimens

DOCUMENTS = 600
SIZE = 5
PAGED = [projection for projection in PROJECTIONS if projection.spec.many is not None]
SEARCHED = [projection for projection in PAGED if projection.spec.search]


@dataclass(frozen=True)
class Asked:
    """One page: a filter of one operator, or none, in an order, and where it begins and ends."""

    declared: Filter | None
    operator: str | None
    order: OrderBy
    backward: bool
    cursors: dict[str, str]

    @property
    def may_sort(self) -> bool:
        """Whether MongoDB may sort what it finds; see above."""
        if self.declared is None or self.operator == "eq":
            return False
        if self.operator == "in":
            return len(self.cursors) == 2
        return self.declared.path != self.order.path


class Pages:
    """The page query of one read model."""

    def __init__(self, projection: AnyProjection) -> None:
        assert projection.spec.many is not None
        self.projection = projection
        schema = graphql_schema()._schema
        query = schema.query_type
        assert query is not None
        self.arguments = query.fields[projection.spec.many].args
        declared = ", ".join(f"${name}: {argument.type}" for name, argument in self.arguments.items())
        given = ", ".join(f"{name}: ${name}" for name in self.arguments)
        selected = "nodes { id } pageInfo { startCursor endCursor }"
        self.text = f"query({declared}) {{ page: {projection.spec.many}({given}) {{ {selected} }} }}"
        self.counting = self.text.replace("nodes", "totalCount nodes")

    @property
    def orders(self) -> list[OrderBy]:
        """The orders, each of which the schema offers."""
        offered = get_named_type(self.arguments["orderBy"].type)
        assert isinstance(offered, GraphQLEnumType)
        assert list(offered.values) == [order.public_name for order in self.projection.spec.orders]
        return list(self.projection.spec.orders)

    def operators(self, declared: Filter) -> list[str]:
        """What the schema offers to do with a filter."""
        filters = get_named_type(self.arguments["filter"].type)
        assert isinstance(filters, GraphQLInputObjectType)
        offered = get_named_type(filters.fields[declared.public_name].type)
        assert isinstance(offered, GraphQLInputObjectType)
        return list(offered.fields)

    def filters(self, documents: list[Stored]) -> Iterator[tuple[Filter | None, str | None, dict[str, Any]]]:
        """No filter, and each filter with each of its operators, and a value for it that some documents have."""
        yield None, None, {}
        for declared in self.projection.spec.filters:
            for operator in self.operators(declared):
                value = self._value(declared, operator, documents)
                yield declared, operator, {declared.public_name: {operator: value}}

    def _value(self, declared: Filter, operator: str, documents: list[Stored]) -> Any:
        stored = [_at(document, stored_path(declared.path)) for document in documents]
        if field_type(self.projection.document, declared.path).many:
            stored = [element for value in stored for element in value]
        values = sorted(dict.fromkeys(stored))
        middle = values[len(values) // 2]
        match operator:
            case "in":
                return values[:3]
            case "startsWith":
                return middle[:4]
            case _:
                return middle


@pytest.fixture(params=PAGED, ids=lambda projection: projection.name)
def projection(request: pytest.FixtureRequest) -> AnyProjection:
    found: AnyProjection = request.param
    return found


@pytest.fixture
async def documents(backend: Backend, projection: AnyProjection) -> list[Stored]:
    made = specimens(projection, DOCUMENTS)
    await backend.collections.documents(backend.serving.generation(projection)).insert_many(made)
    return made


@pytest.fixture
def database(backend: Backend) -> Database:
    return backend.collections.database


async def test_every_filter_in_every_order(
    heard: Client, listener: Listener, database: Database, projection: AnyProjection, documents: list[Stored]
) -> None:
    pages = Pages(projection)

    async def plan(text: str, variables: dict[str, Any]) -> tuple[Any, Plan]:
        listener.commands.clear()
        page = (await heard.data(text, variables))["page"]
        [command] = listener.commands
        assert command["maxTimeMS"] == READ_LIMIT_MS
        return page, await plan_of(database, command)

    for declared, operator, filtered in pages.filters(documents):
        for order in pages.orders:
            variables = {"filter": filtered, "orderBy": order.public_name} if filtered else {"orderBy": order.public_name}
            whole, _ = await plan(pages.text, {**variables, "first": 100})
            assert len(whole["nodes"]) > SIZE, (declared, operator, order)
            ends = {"after": whole["pageInfo"]["startCursor"], "before": whole["pageInfo"]["endCursor"]}
            for backward in (False, True):
                for given in ((), ("after",), ("before",), ("after", "before")):
                    cursors = {name: ends[name] for name in given}
                    asked = Asked(declared, operator, order, backward, cursors)

                    page, found = await plan(pages.text, {**variables, **cursors, "last" if backward else "first": SIZE})

                    assert len(page["nodes"]) == SIZE, asked
                    assert found.uses_an_index, (asked, found)
                    assert asked.may_sort or not found.sorts, (asked, found)

            _, counted = await plan(pages.counting, {**variables, "first": SIZE})
            assert counted.uses_an_index, (declared, operator, order, counted)


@pytest.mark.parametrize("projection", SEARCHED, ids=lambda projection: projection.name)
async def test_words_in_every_order(
    heard: Client, listener: Listener, database: Database, projection: AnyProjection, documents: list[Stored]
) -> None:
    pages = Pages(projection)
    for declared, operator, filtered in pages.filters(documents):
        for order in pages.orders:
            listener.commands.clear()
            variables = {"filter": filtered, "search": "saucer", "orderBy": order.public_name}

            await heard.data(pages.counting, variables if filtered else {**variables, "filter": None})

            [command] = listener.commands
            assert command["maxTimeMS"] == READ_LIMIT_MS
            assert "TEXT_MATCH" in (found := await plan_of(database, command)).stages, (declared, operator, order, found)
            assert found.uses_an_index, (declared, operator, order, found)


def _at(stored: Any, path: str) -> Any:
    for name in path.split("."):
        stored = stored[name]
    return stored
