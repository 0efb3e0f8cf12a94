"""What nothing can be quicker than here: the disk, a transaction of MongoDB, and the delivery of a change stream, alone."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import pymongo
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from bench.percentiles import Spread

TIMES = 300
BLOCK = b"x" * 4096
PAYLOAD = "x" * 1500
"""About what an order of a few lines takes."""

_MILLI = 1000.0


@dataclass(frozen=True, slots=True)
class Floor:
    """All in milliseconds.

    `disk`: to write 4 KiB and wait for the disk (`fdatasync`). `transaction`: to replace one document in a transaction that
    a majority has. `delivery`: from there until a change stream has told of it. `pushed`: both, measured together.
    """

    disk: Spread
    transaction: Spread
    delivery: Spread
    pushed: Spread


async def measured_floor(mongo_url: str, database: str, folder: Path, times: int = TIMES) -> Floor:
    """Measures it so many times, with a file in `folder` and a collection in that database, both removed afterwards."""
    disk = await asyncio.to_thread(_disk, folder, times)
    async with pymongo.AsyncMongoClient[dict[str, Any]](mongo_url) as client:
        begun, committed, told = await _transactions(client, database, times)
    return Floor(
        disk,
        Spread.of([(committed[number] - begun[number]) * _MILLI for number in begun]),
        Spread.of([(told[number] - committed[number]) * _MILLI for number in begun]),
        Spread.of([(told[number] - begun[number]) * _MILLI for number in begun]),
    )


def _disk(folder: Path, times: int) -> Spread:
    path = folder / "oneread-bench-disk"
    took = []
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            began = perf_counter()
            file.write(BLOCK)
            os.fdatasync(file.fileno())
            took.append((perf_counter() - began) * _MILLI)
    path.unlink()
    return Spread.of(took)


async def _transactions(
    client: pymongo.AsyncMongoClient[dict[str, Any]], database: str, times: int
) -> tuple[Mapping[int, float], Mapping[int, float], Mapping[int, float]]:
    """When each transaction began, was committed, and was told of."""
    collection = client[database].get_collection("floor")
    await collection.insert_one({"_id": "only", "number": -1})
    begun, committed, told = dict[int, float](), dict[int, float](), dict[int, float]()
    async with await collection.watch() as stream, client.start_session() as session:
        for number in range(times):
            begun[number] = perf_counter()
            # What waits for it is under way before it happens.
            telling = asyncio.create_task(stream.next())
            async with await session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority")):
                await collection.replace_one({"_id": "only"}, {"number": number, "payload": PAYLOAD}, session=session)
                await session.commit_transaction()
                committed[number] = perf_counter()
            await telling
            told[number] = perf_counter()
    await collection.drop()
    return begun, committed, told
