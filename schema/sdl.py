"""The schema as text, in GraphQL's definition language."""

from graphql import print_schema

from schema.execution import OnereadSchema


def sdl(schema: OnereadSchema) -> str:
    """The schema's definition, the same for the same classes, ending in a newline."""
    return f"{print_schema(schema._schema)}\n"
