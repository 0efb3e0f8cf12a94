"""The requests of a living shop, as bytes: commands, and reads by id."""

from typing import Any, NamedTuple

import orjson

from bench.load import BenchError
from bench.wire.http import Answer, post

CommandInput = dict[str, Any]

FIELDS = {
    "order": "id status version position itemCount total { amount currencyCode }",
    "product": "id name version position price { amount currencyCode }",
}
"""What is read of a document, by its type."""


def command(name: str, given: CommandInput) -> bytes:
    """A mutation that asks where its command ended, and for no document: that would be a read."""
    kind = name[0].upper() + name[1:]
    query = (
        f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ version position userErrors {{ code message }} }} }}"
    )
    return post("/graphql", orjson.dumps({"query": query, "variables": {"input": given}}))


class Place(NamedTuple):
    """Where an accepted command ended: a place in the log, and the version of its stream."""

    position: str
    version: int


def place_of(answer: Answer) -> Place:
    """Where a command ended. Raises `BenchError` for one that was refused, or failed."""
    content = answer.json()
    payloads = list((content.get("data") or {}).values())
    if content.get("errors") or not payloads or payloads[0]["userErrors"]:
        raise BenchError(f"a command was not accepted: {answer.body.decode()[:2000]}")
    return Place(payloads[0]["position"], payloads[0]["version"])


def read(document: str, key: str, at_least: str | None = None) -> bytes:
    """A read by id of a document's place, and of a few fields; as fresh as `at_least`, if that is given."""
    demand, given = ("", "") if at_least is None else (", $atLeast: Position", ", atLeast: $atLeast")
    query = f"query($id: ID!{demand}) {{ {document}(id: $id{given}) {{ {FIELDS[document]} }} }}"
    variables = {"id": key} if at_least is None else {"id": key, "atLeast": at_least}
    return post("/graphql", orjson.dumps({"query": query, "variables": variables}))


class Document(NamedTuple):
    """A document as far as it says how new it is."""

    id: str
    position: str
    version: int


def document_of(answer: Answer) -> Document | None:
    """The document that was read. Raises `BenchError` for an answer with errors."""
    content = answer.json()
    if content.get("errors"):
        raise BenchError(f"a read failed: {answer.body.decode()[:2000]}")
    (document,) = content["data"].values()
    return document and Document(document["id"], document["position"], document["version"])
