"""The schemas under test: a small one that has everything, and the shop's."""

from server.api import graphql_schema
from server.shop import DOMAIN, PROJECTIONS
from tests.schema import library
from tests.schema.operations.trials import Subject

SUBJECTS = (
    Subject.of("library", library.SCHEMA, library.DOMAIN, library.PROJECTIONS),
    Subject.of("shop", graphql_schema(), DOMAIN, PROJECTIONS),
)
