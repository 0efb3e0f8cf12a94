"""A shop's orders in MongoDB: put there without the log, and kept for the next run."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bench.load import BenchError
from bench.processes import run_oneread
from bench.shop import Shop
from projections.kernel.generations import Generation
from projections.kernel.mongo.aliases import decode_alias
from projections.kernel.mongo.client import close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.read_models.orders import ORDERS
from server.embedded import DatabaseUrls
from write_side.kernel.positions import Positions

BATCH = 1_000
REVISION = 1
"""To be raised when the orders of `Shop` change: what was filled before is filled again."""

FIRST = Generation(ORDERS, 1)
"""What a shop that was just migrated serves."""

Progressed = Callable[[int], None]
"""Told how many more orders are stored."""


class FilledShop:
    """The database of a shop of one size: named `stem` and the number of its orders."""

    def __init__(self, shop: Shop, urls: DatabaseUrls, stem: str) -> None:
        self.shop = shop
        self.database = f"{stem}_{shop.orders}"
        self._urls = urls

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of a process that serves this shop."""
        return {
            "ONEREAD_POSTGRES_URL": self._urls.postgres,
            "ONEREAD_MONGO_URL": self._urls.mongo,
            "ONEREAD_MONGO_DATABASE": self.database,
        }

    def is_filled(self) -> bool:
        """Whether everything is there, from an earlier run."""
        return asyncio.run(self._is_filled())

    def fill(self, progressed: Progressed) -> None:
        """Empties the database and stores all orders. Indexes are left to `finish`: made at once they cost less."""
        asyncio.run(self._drop())
        run_oneread("migrate", variables=self.variables)
        asyncio.run(self._fill(progressed))

    def finish(self) -> None:
        """Makes the indexes that are missing, and notes that everything is there. Raises `BenchError` when it is not."""
        run_oneread("migrate", variables=self.variables)
        asyncio.run(self._mark())

    def collection(self) -> str:
        """The name of the collection of the orders."""
        return asyncio.run(self._collection())

    async def _collection(self) -> str:
        async with self._opened() as collections:
            return collections.documents(FIRST).name

    async def _is_filled(self) -> bool:
        async with self._opened() as collections:
            marks = collections.database["bench"]
            found = await marks.find_one({"_id": FIRST.id})
            return found is not None and found["revision"] == REVISION

    async def _drop(self) -> None:
        async with self._opened() as collections:
            database = collections.database
            await database.client.drop_database(database.name)

    async def _fill(self, progressed: Progressed) -> None:
        async with self._opened() as collections:
            stored = await collections.aliases.find_one({"_id": ORDERS.version_id})
            if stored is None or (alias := decode_alias(stored)).serving != FIRST.number:
                raise BenchError(f"{ORDERS.name} in {self.database} are not served: the log has to be empty")
            positions = Positions(alias.log)
            documents = collections.documents(FIRST)
            await documents.drop_indexes()
            under_way: asyncio.Future[Any] | None = None
            for first in range(0, self.shop.orders, BATCH):
                numbers = range(first, min(first + BATCH, self.shop.orders))
                batch = [ORDERS.shape.encode(self.shop.order(number, positions)) for number in numbers]
                if under_way is not None:
                    await under_way
                # While the server stores these, the next ones are made.
                under_way = asyncio.ensure_future(documents.insert_many(batch, ordered=False))
                await asyncio.sleep(0)
                progressed(len(batch))
            if under_way is not None:
                await under_way

    async def _mark(self) -> None:
        async with self._opened() as collections:
            documents = collections.documents(FIRST)
            if (stored := await documents.estimated_document_count()) != self.shop.orders:
                raise BenchError(f"{self.database} has {stored} orders, and not {self.shop.orders}")
            mark = {"_id": FIRST.id, "revision": REVISION}
            await collections.database["bench"].replace_one({"_id": FIRST.id}, mark, upsert=True)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Collections]:
        client = open_client(self._urls.mongo)
        try:
            yield Collections(open_database(client, self.database))
        finally:
            await close(client)
