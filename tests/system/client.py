"""A client of the API in the test's own process, over ASGI."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from server.api import build_app
from server.settings import Settings
from server.wiring import Backend


class Client:
    """Sends operations. `last` is the response to the latest."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.last: httpx.Response

    async def send(self, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        """The body of the answer."""
        body = {"query": query, "variables": variables}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = json.dumps(body).encode()
        named = {"content-type": "application/json", **named}
        self.last = await self.http.post("/graphql", content=content, headers=named)
        found: dict[str, Any] = self.last.json()
        return found

    async def data(self, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> Any:
        """The data of an answer that has no errors."""
        body = await self.send(query, variables, **headers)
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def code(self, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> tuple[str, str]:
        """Code and message of the one error of an answer."""
        body = await self.send(query, variables, **headers)
        [error] = body["errors"]
        return error["extensions"]["code"], error["message"]


@asynccontextmanager
async def client_of(backend: Backend, settings: Settings) -> AsyncIterator[Client]:
    """A client of an application on `backend`."""
    transport = httpx.ASGITransport(app=build_app(backend, settings), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        yield Client(http)
