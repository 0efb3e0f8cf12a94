"""The schema as a text, to be committed, compared and given to clients."""

from graphql import GraphQLSchema, print_schema


def sdl(schema: GraphQLSchema) -> str:
    """The schema definition. Commands and read models come by name, so that a difference shows what has changed."""
    return print_schema(schema) + "\n"
