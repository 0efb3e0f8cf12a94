"""Subscriptions as one writes them with strawberry on an ordinary day: an async generator per subscriber, fed by a queue.

Changes come from a broadcast within the process, so that what is measured is strawberry's loop and nothing behind it: a
POST of a list of ids to `/changed` tells the subscribers of each that it has changed. Orders are JSON, as the API has them.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

import orjson
import strawberry
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from bench.ordinary import TEXT_SCALARS, Order, Query, Stored
from projections.kernel.changes import ChangeKind

strawberry.enum(ChangeKind)


@strawberry.type
class OrderChange:
    """One change."""

    kind: ChangeKind
    position: str
    id: strawberry.ID
    order: Order


class Broadcast:
    """Everyone who watches an order, each with a queue."""

    def __init__(self, orders: Mapping[str, Stored]) -> None:
        self._orders = {key: Order.of(stored) for key, stored in orders.items()}
        self._queues: defaultdict[str, set[asyncio.Queue[OrderChange]]] = defaultdict(set)
        self._positions = count(1)

    def state(self, key: str, kind: ChangeKind) -> OrderChange:
        """How an order is now."""
        position = f"{0:012x}-{next(self._positions):016d}"
        return OrderChange(kind=kind, position=position, id=strawberry.ID(key), order=self._orders[key])

    @contextmanager
    def joined(self, key: str) -> Iterator["asyncio.Queue[OrderChange]"]:
        """A queue of what changes from now on."""
        queue = asyncio.Queue[OrderChange]()
        self._queues[key].add(queue)
        try:
            yield queue
        finally:
            self._queues[key].discard(queue)

    def changed(self, key: str) -> None:
        """An order has changed."""
        change = self.state(key, ChangeKind.UPDATED)
        for queue in self._queues[key]:
            queue.put_nowait(change)


@strawberry.type
class Subscription:
    """The subscription that is measured."""

    @strawberry.subscription
    async def order_changed(self, info: strawberry.Info, id: strawberry.ID) -> AsyncGenerator[OrderChange, None]:
        """An order as it is, and whenever it changes."""
        broadcast: Broadcast = info.context["broadcast"]
        with broadcast.joined(id) as queue:
            yield broadcast.state(id, ChangeKind.SNAPSHOT)
            while True:
                yield await queue.get()


class PushingApp(GraphQL[Any, None]):
    """The ASGI application on some orders, by id."""

    def __init__(self, orders: Mapping[str, Stored]) -> None:
        config = StrawberryConfig(scalar_map=TEXT_SCALARS)
        schema = strawberry.Schema(Query, subscription=Subscription, config=config)
        super().__init__(schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
        self._broadcast = Broadcast(orders)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope.get("path") != "/changed":
            await super().__call__(scope, receive, send)
            return
        for key in orjson.loads(await Request(scope, receive).body()):
            self._broadcast.changed(key)
        await JSONResponse({})(scope, receive, send)

    async def get_context(self, request: Any, response: Any) -> Any:
        """The context of a request: who is told of changes."""
        return {"request": request, "response": response, "broadcast": self._broadcast}
