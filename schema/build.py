"""Builds the schema from a domain and its projections. It needs no database: services come with each request."""

from collections.abc import Iterable, Sequence
from typing import Any

from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from projections.kernel.projection import AnyProjection
from schema.connections import ConnectionTypes
from schema.execution import OnereadSchema
from schema.filters import FilterTypes
from schema.inputs import InputTypes
from schema.limits import Limits
from schema.mutations import Mutations
from schema.objects import ObjectTypes
from schema.payloads import PayloadTypes
from schema.queries import Queries
from schema.scalars import SCALARS
from schema.statuses import statuses
from schema.streams import OwnStreams
from schema.subscriptions import Subscriptions
from schema.types import new_type
from write_side.kernel.domain import Domain


def build_schema(domain: Domain, projections: Sequence[AnyProjection], limits: Limits | None = None) -> OnereadSchema:
    """The API of a domain's commands and of the documents of `projections`.

    Raises `TypeError` for a class that GraphQL cannot express, and `ValueError` when two things want the same name.
    """
    objects = ObjectTypes(projections)
    filters = FilterTypes(objects)
    streams = OwnStreams(domain)
    prefixes: dict[str, AnyProjection] = {}
    for projection in projections:
        streams.check(projection)
        if prefixes.setdefault(projection.id_type.prefix, projection) is not projection:
            raise ValueError(f"two documents have ids that begin with {projection.id_type.prefix}_")
    queries = Queries(projections, objects, ConnectionTypes(objects, filters), streams)
    mutations = Mutations(projections, InputTypes(objects), PayloadTypes(objects, domain.commands))
    subscriptions = Subscriptions(projections, objects, filters)
    return OnereadSchema(
        query=_root("Query", "Reads. Each field is one read of the database at most.", [*queries.fields(), statuses()]),
        mutation=_root("Mutation", "Commands. Each field is one command.", mutations.fields(domain.commands)),
        subscription=_root("Subscription", "Changes, as they happen.", subscriptions.fields()),
        types=[objects.of(projection.document) for projection in projections],
        config=StrawberryConfig(auto_camel_case=False, default_resolver=_value, scalar_map=SCALARS),
        limits=limits or Limits(),
    )


def _value(result: Any, name: str) -> object:
    """The value of a field below the root: results are dictionaries, keyed as GraphQL names fields."""
    return result.get(name)


def _root(name: str, description: str, fields: Iterable[StrawberryField]) -> type[Any] | None:
    listed = list(fields)
    names = [field.python_name for field in listed]
    if twice := {field for field in names if names.count(field) > 1}:
        raise ValueError(f"{name} would have two fields {', '.join(sorted(twice))}")
    return new_type(name, listed, description) if listed else None
