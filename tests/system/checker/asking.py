"""Operations over HTTP, to whichever of the APIs answers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx

PASSING = {"SERVICE_UNAVAILABLE", "TIMEOUT", "OVERLOADED"}
"""Codes of errors after which the same may be asked again."""

SECONDS = 20.0


class Unanswered(Exception):
    """There was no answer, or one that says to try again."""


class Surprise(Exception):
    """An answer that no client of this shop should get."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. `consistency` is how fresh it says that it is; `passing` says that some of it is to be had later."""

    data: dict[str, Any]
    consistency: Mapping[str, Any] | None
    passing: bool


class Asking:
    """Sends operations to one of several places, at random."""

    def __init__(self, places: Sequence[str], random: Random) -> None:
        self.places = places
        self._random = random
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        self.http = httpx.AsyncClient(timeout=SECONDS, limits=limits)

    def place(self) -> str:
        """One of the places."""
        return self._random.choice(self.places)

    async def ask(self, text: str, variables: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
        """The answer. Raises `Unanswered`, `Surprise`."""
        try:
            response = await self.http.post(
                f"http://{self.place()}/graphql", json={"query": text, "variables": variables}, headers=headers
            )
        except httpx.TransportError as error:
            raise Unanswered(type(error).__name__) from error
        try:
            body = response.json()
        except json.JSONDecodeError:
            raise Surprise(f"{response.status_code}: {response.text[:200]}") from None
        passing = is_passing(body)
        if passing and not body.get("data"):
            raise Unanswered(body["errors"][0]["extensions"]["code"])
        return Answer(body["data"], body.get("extensions", {}).get("consistency"), passing)


def is_passing(body: Mapping[str, Any]) -> bool:
    """Whether an answer has errors that pass. Raises `Surprise` for any other."""
    errors = body.get("errors", [])
    if others := [error for error in errors if error.get("extensions", {}).get("code") not in PASSING]:
        raise Surprise(json.dumps(others)[:500])
    return bool(errors)


def number(token: str) -> int:
    """The position that a token stands for."""
    return int(token.partition("-")[2])
