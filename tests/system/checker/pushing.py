"""Subscriptions over WebSocket and over server-sent events, as streams of responses."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.system.checker.asking import Surprise, Unanswered, is_passing

PROTOCOL = Subprotocol("graphql-transport-ws")
NARROW = 4_096
"""Bytes that the system keeps for a client that reads slowly."""


async def over_socket(
    place: str, text: str, variables: Mapping[str, Any], *, narrow: bool = False
) -> AsyncGenerator[dict[str, Any]]:
    """The responses. `narrow`: what the client does not read waits with the server. Raises `Unanswered`, `Surprise`."""
    try:
        connection = await _connected(place, narrow)
    except (OSError, TimeoutError, WebSocketException) as error:
        raise Unanswered(type(error).__name__) from error
    async with connection:
        try:
            await connection.send(json.dumps({"type": "connection_init"}))
            operation = {"query": text, "variables": variables}
            if json.loads(await connection.recv()) != {"type": "connection_ack"}:
                raise Surprise("no acknowledgement")
            await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": operation}))
            async for frame in connection:
                message = json.loads(frame)
                if message["type"] == "error":
                    is_passing({"errors": message["payload"]})
                    raise Unanswered("error")
                if message["type"] != "next":
                    raise Surprise(f"a message of the type {message['type']}")
                yield message["payload"]
        except WebSocketException as error:
            raise Unanswered(type(error).__name__) from error
    raise Unanswered("closed")


async def over_events(
    http: httpx.AsyncClient, place: str, text: str, variables: Mapping[str, Any], last: str | None
) -> AsyncGenerator[dict[str, Any]]:
    """The responses. `last` is sent as an EventSource does that connects again. Raises `Unanswered`, `Surprise`."""
    headers = {"accept": "text/event-stream", **({} if last is None else {"last-event-id": last})}
    operation = {"query": text, "variables": variables}
    try:
        async with http.stream("POST", f"http://{place}/graphql", json=operation, headers=headers, timeout=30) as response:
            told = ""
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    told = value
                elif name == "event" and value == "complete":
                    raise Surprise("complete: there is more to come")
                elif name == "data":
                    body = json.loads(value)
                    if is_passing(body):
                        raise Unanswered("error")
                    [change] = body["data"].values()
                    if change["position"] != told:
                        raise Surprise(f"the event {told} is at {change['position']}")
                    yield body
    except httpx.TransportError as error:
        raise Unanswered(type(error).__name__) from error
    raise Unanswered("closed")


async def _connected(place: str, narrow: bool) -> ClientConnection:
    """A connection. Compression would hide how much there is to read."""
    url = f"ws://{place}/graphql"
    if not narrow:
        return await connect(url, subprotocols=[PROTOCOL], compression=None, ping_interval=None, close_timeout=1)
    host, _, port = place.partition(":")
    straw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    straw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
    try:
        straw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(straw, (host, int(port)))
        return await connect(
            url, sock=straw, subprotocols=[PROTOCOL], compression=None, ping_interval=None, close_timeout=1, max_queue=1
        )
    except BaseException:
        straw.close()
        raise
