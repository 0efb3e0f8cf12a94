"""Reads that demand to be as fresh as a position, in every way in which a client can demand it. Each is noted."""

from collections.abc import Mapping
from random import Random
from time import time
from typing import Any

from tests.system.checker.asking import Answer, Asking, Surprise, number
from tests.system.checker.board import Board
from tests.system.checker.records import DocumentRead, PageRead, Records, Sighting, Stale
from tests.system.checker.subjects import Listing, Model

SIZE = 100
WAITS = ("", "", "30ms", "250ms")
"""How long a read lets itself be kept waiting; the empty one leaves it to the server."""


class Looking:
    """The reads of one client."""

    def __init__(self, client: str, asking: Asking, board: Board, records: Records, random: Random) -> None:
        self._client = client
        self._asking = asking
        self._board = board
        self._records = records
        self._random = random

    async def document(self, model: Model, key: str, demand: str, version: int | None = None) -> None:
        """Reads one document. `version`, of the document's own stream, may stand in for `demand`, where it came to be.

        Raises `Unanswered`, `Surprise`, as all that is here.
        """
        headers, variables = self._headers(), {"id": key, "p": demand or None}
        if not model.keyed:
            text = f"query($p: Position) {{ storeOverview(atLeast: $p) {model.selection} }}"
        elif version is not None and self._random.random() < 0.4:
            text = f"query($id: ID!, $v: Int) {{ {model.name}(id: $id, minVersion: $v) {model.selection} }}"
            variables["v"] = version  # type: ignore[assignment]
        elif demand and self._random.random() < 0.4:
            text = f"query($id: ID!) {{ {model.name}(id: $id) {model.selection} }}"
            headers["Oneread-At-Least"] = demand
        elif self._random.random() < 0.3:
            of_type = model.projection.spec.name
            text = (
                f"query($id: ID!, $p: Position) {{ node(id: $id, atLeast: $p) {{ ... on {of_type} {model.selection} }} }}"
            )
        else:
            text = f"query($id: ID!, $p: Position) {{ {model.name}(id: $id, atLeast: $p) {model.selection} }}"
        answer = await self._asking.ask(text, variables, headers)
        [document] = answer.data.values()
        seen = None if document is None else self.sighting(model, document)
        stale = self._stale(answer, demand)
        self._records.reads.append(DocumentRead(self._client, model, key, at(demand), seen, stale))

    async def list(self, listing: Listing, demand: str) -> tuple[PageRead, str]:
        """Reads a list to its end: what was read, and the token of its position."""
        text = (
            f"query($filter: {listing.filter_type}, $after: String, $p: Position) {{ page: {listing.many}("
            f"filter: $filter, orderBy: {listing.order}, first: {SIZE}, after: $after, atLeast: $p) "
            f"{{ position pageInfo {{ hasNextPage endCursor }} nodes {listing.model.selection} }} }}"
        )
        variables: dict[str, Any] = {"filter": listing.filter, "p": demand or None}
        answer = first = await self._asking.ask(text, variables, self._headers())
        nodes = list(answer.data["page"]["nodes"])
        while (info := answer.data["page"]["pageInfo"])["hasNextPage"]:
            answer = await self._asking.ask(text, {**variables, "after": info["endCursor"]}, self._headers())
            nodes += answer.data["page"]["nodes"]
        token = first.data["page"]["position"]
        self._board.told(token)
        seen = tuple(self.sighting(listing.model, node) for node in nodes)
        page = PageRead(self._client, listing, at(demand), at(token), seen, time(), self._stale(first, demand))
        self._records.pages.append(page)
        return page, token

    def sighting(self, model: Model, document: Mapping[str, Any]) -> Sighting:
        """A document that was answered or pushed."""
        self._board.told(document["position"])
        return Sighting(document["id"], number(document["position"]), model.content(document))

    def _headers(self) -> dict[str, str]:
        wait = self._random.choice(WAITS)
        return {"Oneread-Wait": wait} if wait and not self._board.quiet else {}

    def _stale(self, answer: Answer, demand: str) -> Stale | None:
        if not demand:
            return None
        match answer.consistency:
            case {"stale": True, "position": position, "behind": behind}:
                self._records.counts["stale"] += 1
                return Stale(number(position), behind)
            case {"source": "log" | "documents" as source}:
                self._records.counts[f"from {source}"] += 1
                return None
            case _:
                raise Surprise(f"freshness was demanded, and what is said of it is {answer.consistency}")


def at(token: str) -> int:
    """The position of a token; 0 of none."""
    return number(token) if token else 0
