"""What is derived from classes, seen in the schema's own words."""

from dataclasses import dataclass
from enum import Enum

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType

from projections.kernel.documents import ASC, Document, Filter, OrderBy, document
from projections.kernel.projection import Projection
from schema.build import build_schema
from schema.sdl import sdl
from tests.schema.library import BOOK, BOOKS, DOMAIN, PROJECTIONS, SCHEMA, BookId
from write_side.kernel.commands import Command
from write_side.kernel.domain import Domain
from write_side.kernel.ids import Id

TYPES = SCHEMA._schema.type_map


def fields(name: str) -> dict[str, str]:
    """The fields of a type, as GraphQL spells their types."""
    found = TYPES[name]
    assert isinstance(found, GraphQLObjectType | GraphQLInputObjectType)
    return {field: str(made.type) for field, made in found.fields.items()}


def arguments(field: str, of: str = "Query") -> dict[str, str]:
    """The arguments of a root field, as GraphQL spells their types."""
    found = TYPES[of]
    assert isinstance(found, GraphQLObjectType)
    return {name: str(made.type) for name, made in found.fields[field].args.items()}


def test_a_document_class_is_the_type() -> None:
    assert fields("Book") == {
        "id": "ID!",
        "version": "Int!",
        "position": "Position!",
        "title": "String!",
        "isbn": "String!",
        "shelf": "Shelf!",
        "tags": "[String!]!",
        "copies": "Int!",
        "isNew": "Boolean!",
        "price": "Decimal!",
        "boughtAt": "DateTime!",
        "publishedOn": "Date!",
        "authors": "[Author!]!",
        "subtitle": "String",
    }
    assert fields("Author") == {"familyName": "String!", "bornOn": "Date"}


def test_descriptions_come_from_the_classes() -> None:
    book = TYPES["Book"]
    assert isinstance(book, GraphQLObjectType)
    assert book.description == "A book on a shelf."
    assert book.fields["isbn"].description == "ISO 2108."
    mutation = TYPES["Mutation"]
    assert isinstance(mutation, GraphQLObjectType)
    assert mutation.fields["addBook"].description == "Put a book on a shelf."
    author = TYPES["AuthorInput"]
    assert isinstance(author, GraphQLInputObjectType)
    assert author.description == "Who wrote it."
    assert author.fields["familyName"].description == "Surname."


def test_each_document_has_the_queries_that_it_declares() -> None:
    query = TYPES["Query"]
    assert isinstance(query, GraphQLObjectType)
    assert {name: str(field.type) for name, field in query.fields.items()} == {
        "node": "Node",
        "book": "Book",
        "books": "BookConnection!",
        "loans": "Loans",
        "library": "Library!",
        "projections": "[ProjectionStatus!]!",
    }
    assert arguments("node") == {"id": "ID!", "minVersion": "Int", "atLeast": "Position"}
    assert arguments("book") == {"id": "ID!", "minVersion": "Int", "atLeast": "Position"}
    assert arguments("loans") == {"bookId": "ID!", "minVersion": "Int", "atLeast": "Position"}
    assert arguments("library") == {"atLeast": "Position"}
    assert arguments("books") == {
        "filter": "BookFilter",
        "search": "String",
        "orderBy": "BookOrderBy",
        "first": "Int",
        "after": "String",
        "last": "Int",
        "before": "String",
        "atLeast": "Position",
    }


def test_the_first_order_is_the_default() -> None:
    assert "orderBy: BookOrderBy = TITLE_ASC" in sdl(SCHEMA)


def test_filters_follow_the_types_of_fields() -> None:
    assert fields("BookFilter") == {
        "id": "IDFilter",
        "title": "StringFilter",
        "isbn": "StringFilter",
        "shelf": "ShelfFilter",
        "tag": "StringFilter",
        "copies": "IntFilter",
        "isNew": "BooleanFilter",
        "boughtAt": "DateTimeFilter",
        "publishedOn": "DateFilter",
    }
    assert fields("ShelfFilter") == {"eq": "Shelf", "in": "[Shelf!]"}
    assert fields("StringFilter") == {"eq": "String", "in": "[String!]", "startsWith": "String"}


def test_a_command_class_is_the_mutation() -> None:
    assert fields("AddBookInput") == {
        "id": "ID",
        "title": "String!",
        "authors": "[AuthorInput!]!",
        "shelf": "Shelf",
        "tags": "[String!]",
        "price": "Decimal",
        "boughtAt": "DateTime",
        "isNew": "Boolean",
        "commandId": "ID",
        "expectedVersion": "Int",
    }
    assert fields("AuthorInput") == {"familyName": "String!", "bornOn": "Date"}
    assert arguments("addBook", "Mutation") == {"input": "AddBookInput!"}
    assert fields("AddBookPayload") == {
        "commandId": "ID!",
        "version": "Int",
        "position": "Position",
        "book": "Book",
        "userErrors": "[UserError!]!",
    }


def test_every_refusal_is_a_code() -> None:
    codes = TYPES["UserErrorCode"]
    assert {"BOOK_LENT", "INVALID_INPUT", "NOT_FOUND", "COMMAND_ID_REUSED"} <= set(codes.to_kwargs()["values"])  # type: ignore[typeddict-item]
    assert codes.to_kwargs()["values"]["BOOK_LENT"].description == "The book is not here."  # type: ignore[typeddict-item]


def test_watched_documents_have_subscriptions() -> None:
    subscription = TYPES["Subscription"]
    assert isinstance(subscription, GraphQLObjectType)
    assert list(subscription.fields) == ["bookChanged", "booksChanged", "libraryChanged"]
    assert arguments("bookChanged", "Subscription") == {"id": "ID!", "after": "Position"}
    assert arguments("booksChanged", "Subscription") == {"filter": "BookFilter", "after": "Position"}
    assert arguments("libraryChanged", "Subscription") == {"after": "Position"}
    assert fields("BookChange") == {"kind": "ChangeKind!", "position": "Position!", "id": "ID", "book": "Book"}


def test_building_twice_gives_the_same() -> None:
    assert sdl(build_schema(DOMAIN, PROJECTIONS)) == sdl(build_schema(DOMAIN, PROJECTIONS))


class PageId(Id, prefix="pag"):
    """A page."""


class Size(Enum):
    """Names and values differ."""

    LARGE = "L"


def test_pages_need_an_order() -> None:
    @document(many="leaves")
    class Leaf(Document):
        id: PageId

    with pytest.raises(TypeError, match="declares no order"):
        build_schema(DOMAIN, [Projection(Leaf, version=1)])


def test_a_filter_needs_a_type_that_can_be_compared() -> None:
    @document(many="leaves", filters=(Filter("weight"),), orders=(OrderBy("weight", ASC),))
    class Leaf(Document):
        id: PageId
        weight: float = 0.0

    with pytest.raises(TypeError, match="cannot be filtered"):
        build_schema(DOMAIN, [Projection(Leaf, version=1)])


def test_an_enum_is_stored_by_its_names() -> None:
    @document()
    class Leaf(Document):
        id: PageId
        size: Size = Size.LARGE

    with pytest.raises(TypeError, match="stored as 'L'"):
        build_schema(DOMAIN, [Projection(Leaf, version=1)])


def test_names_that_clash_are_refused_when_the_schema_is_built() -> None:
    with pytest.raises(ValueError, match="ids that begin with boo_"):
        build_schema(DOMAIN, [BOOKS, Projection(BOOKS.document, version=2)])
    with pytest.raises(ValueError, match="of the stream book"):
        build_schema(Domain(DOMAIN.commands, ()), PROJECTIONS)


def test_an_input_that_graphql_cannot_take_is_refused_when_the_schema_is_built() -> None:
    @dataclass
    class Anything:
        pass

    class Odd(Command, target=BOOK, arbitrary_types_allowed=True):
        """Takes what no client can send."""

        book_id: BookId
        what: Anything

    with pytest.raises(TypeError, match="what is of"):
        build_schema(Domain((Odd,), (BOOK,)), PROJECTIONS)
