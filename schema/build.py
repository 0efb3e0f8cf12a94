"""Makes the schema of a domain and its read models. Nothing here, or in this package, names one of them."""

from typing import Any

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from projections.kernel.projection import AnyProjection
from schema.fields import RootField
from schema.filters import Filters
from schema.inputs import Inputs
from schema.mutations import Mutations
from schema.objects import Objects
from schema.queries import Queries
from schema.scalars import SCALARS
from schema.subscriptions import Subscriptions
from write_side.kernel.domain import Domain


def build_schema(domain: Domain, projections: tuple[AnyProjection, ...]) -> GraphQLSchema:
    """The GraphQL schema: types by strawberry, with root fields that graphql-core resolves without a layer between.

    Values are stored documents and dictionaries by public names: below the root nothing resolves, it is looked up.
    """
    objects = Objects(projections)
    filters = Filters(objects)
    kinds = {kind.name: kind for kind in domain.kinds}
    roots = {
        "Query": Queries(objects, filters, kinds).fields(projections),
        "Mutation": Mutations(objects, Inputs(objects), projections).fields(domain.commands),
        "Subscription": Subscriptions(objects, filters).fields(projections),
    }
    made = strawberry.Schema(
        query=_root("Query", roots["Query"]),
        mutation=_root("Mutation", roots["Mutation"]),
        subscription=_root("Subscription", roots["Subscription"]),
        types=[objects.document(projection) for projection in projections],
        config=StrawberryConfig(
            auto_camel_case=False, scalar_map=SCALARS, default_resolver=_looked_up, disable_field_suggestions=True
        ),
    )
    schema: GraphQLSchema = made._schema
    for name, fields in roots.items():
        _resolve(schema, name, fields)
    return schema


def _root(name: str, fields: dict[str, RootField]) -> Any:
    return strawberry.type(type(name, (), {field: root.declared for field, root in fields.items()}), name=name)


def _resolve(schema: GraphQLSchema, name: str, fields: dict[str, RootField]) -> None:
    root = schema.type_map[name]
    assert isinstance(root, GraphQLObjectType)
    for field, declared in fields.items():
        if name == "Subscription":
            root.fields[field].subscribe = declared.resolve
        else:
            root.fields[field].resolve = declared.resolve


def _looked_up(source: dict[str, Any], name: str) -> object:
    return source[name]
