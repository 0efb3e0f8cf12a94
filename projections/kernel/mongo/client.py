"""The MongoDB client, and what its errors mean. The only module that knows which driver runs.

Everything else is written for PyMongo's own asyncio API. Motor, the default, has the same methods; only some are coroutines
in one of the two and not in the other: call these through `awaited`.
"""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from inspect import isawaitable
from typing import Any, TypeVar, overload

import pymongo
from bson.codec_options import CodecOptions, TypeEncoder, TypeRegistry
from bson.decimal128 import Decimal128
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.monitoring import CommandListener

from projections.kernel.errors import ReadTimeout, StoreUnavailable
from projections.kernel.mongo.drivers import Driver

T = TypeVar("T")
Client = AsyncMongoClient[dict[str, Any]]
Session = AsyncClientSession
Database = AsyncDatabase[dict[str, Any]]
Collection = AsyncCollection[dict[str, Any]]

_RETRYABLE = {6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}
"""Codes of MongoDB's retryable errors: stepping down, shutting down, unreachable."""

_CURSOR_LOST = {43, 237}
"""Codes of a cursor that MongoDB does not know any more, or that somebody killed."""


_INTERRUPTED = 11601

LOOKED_FOR = 3.0
"""So long a server is looked for that takes a command, in seconds."""

PARTING = 2.0
"""So long a server may take to be told that its sessions end, in seconds: without being told it ends them in time."""


class _DecimalEncoder(TypeEncoder):
    @property
    def python_type(self) -> type[Decimal]:
        return Decimal

    def transform_python(self, value: Any) -> Decimal128:
        return Decimal128(value)


CODEC_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(type_registry=TypeRegistry([_DecimalEncoder()]))
"""How documents are stored and read: decimals become MongoDB's numbers."""


def open_client(
    url: str, driver: Driver = "motor", listeners: Sequence[CommandListener] = (), patience: float = LOOKED_FOR
) -> Client:
    """A client for the replica set at `url`, whose commands `listeners` hear. Connects when first used.

    `patience` is how long a command looks for a server that takes it, in seconds.
    """
    make: Any = AsyncMongoClient if driver == "pymongo" else AsyncIOMotorClient
    client: Client = make(
        url,
        serverSelectionTimeoutMS=int(patience * 1_000),
        connectTimeoutMS=3_000,
        w="majority",
        readConcernLevel="majority",
        event_listeners=list(listeners),
    )
    return client


def open_database(client: Client, name: str) -> Database:
    """The database `name`, storing decimals as numbers where it is given any."""
    return client.get_database(name, codec_options=CODEC_OPTIONS)


async def close(client: Client, patience: float = PARTING) -> None:
    """Closes the connections. A server that does not answer is waited for as long as `patience`, in seconds."""
    with pymongo.timeout(patience):
        # Motor would speak to the server in the loop's own thread, and nothing else would go on meanwhile.
        await awaited(await asyncio.to_thread(client.close))


@overload
async def awaited(made: Awaitable[T]) -> T: ...
@overload
async def awaited(made: T) -> T: ...
async def awaited(made: T | Awaitable[T]) -> T:
    """What a driver's method made, awaited if the driver wants that."""
    return await made if isawaitable(made) else made


@contextmanager
def translated() -> Iterator[None]:
    """Raises `StoreUnavailable` and `ReadTimeout` for what means so. Other errors are bugs and pass."""
    try:
        yield
    except ExecutionTimeout as error:
        raise ReadTimeout("the read took longer than it may") from error
    except (ConnectionFailure, NetworkTimeout) as error:
        # What follows is all that the driver knows of every server, in as many lines.
        reason = str(error).partition(", Timeout: ")[0].partition(", Topology Description: ")[0]
        raise StoreUnavailable(f"MongoDB does not answer: {reason}") from error
    except OperationFailure as error:
        if error.code in _RETRYABLE:
            raise StoreUnavailable(f"MongoDB does not answer: {error}") from error
        raise


def is_retryable(error: PyMongoError) -> bool:
    """Whether a read that failed with it may be sent once more. No server in sight: that has been waited for."""
    if isinstance(error, OperationFailure):
        return error.code in _RETRYABLE
    return isinstance(error, ConnectionFailure) and not isinstance(error, ServerSelectionTimeoutError)


def is_resumable(error: PyMongoError) -> bool:
    """Whether a change stream that failed with it can go on from where it was.

    MongoDB says so itself of its own errors; a lost cursor is not among them.
    """
    if isinstance(error, OperationFailure):
        return error.code in _RETRYABLE | _CURSOR_LOST or error.has_error_label("ResumableChangeStreamError")
    return isinstance(error, ConnectionFailure)


def is_transient(error: PyMongoError) -> bool:
    """Whether a transaction that failed with it may be run again from its start.

    One that was interrupted had its session ended by another process, which took over something else of this one. No server
    in sight: that has been waited for.
    """
    if isinstance(error, ServerSelectionTimeoutError):
        return False
    interrupted = isinstance(error, OperationFailure) and error.code == _INTERRUPTED
    return interrupted or error.has_error_label("TransientTransactionError")


def is_commit_unknown(error: PyMongoError) -> bool:
    """Whether a commit that failed with it may have happened, and may be sent again."""
    return error.has_error_label("UnknownTransactionCommitResult")
