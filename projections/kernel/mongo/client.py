"""The MongoDB client, and what its errors mean. Motor is the driver; nothing outside of this package sees it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from bson.codec_options import CodecOptions, TypeEncoder, TypeRegistry
from bson.decimal128 import Decimal128
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import ConnectionFailure, ExecutionTimeout, NetworkTimeout, OperationFailure, PyMongoError
from pymongo.monitoring import CommandListener

from projections.kernel.errors import ReadTimeout, StoreUnavailable

Client = AsyncIOMotorClient[dict[str, Any]]
Session = AsyncIOMotorClientSession
Database = AsyncIOMotorDatabase[dict[str, Any]]
Collection = AsyncIOMotorCollection[dict[str, Any]]

READ_LIMIT_MS = 5_000
"""The longest that MongoDB may work on one read, in milliseconds."""

_RETRYABLE = {6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}
"""Codes of MongoDB's retryable errors: stepping down, shutting down, unreachable."""


class _DecimalEncoder(TypeEncoder):
    @property
    def python_type(self) -> type[Decimal]:
        return Decimal

    def transform_python(self, value: Any) -> Decimal128:
        return Decimal128(value)


_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(type_registry=TypeRegistry([_DecimalEncoder()]))


def open_client(url: str, listeners: Sequence[CommandListener] = ()) -> Client:
    """A client for the replica set at `url`, whose commands `listeners` hear. Connects when first used."""
    return AsyncIOMotorClient(
        url,
        serverSelectionTimeoutMS=3_000,
        connectTimeoutMS=3_000,
        w="majority",
        readConcernLevel="majority",
        event_listeners=list(listeners),
    )


def open_database(client: Client, name: str) -> Database:
    """The database `name`, storing decimals as numbers where it is given any."""
    return client.get_database(name, codec_options=_OPTIONS)


@contextmanager
def translated() -> Iterator[None]:
    """Raises `StoreUnavailable` and `ReadTimeout` for what means so. Other errors are bugs and pass."""
    try:
        yield
    except ExecutionTimeout as error:
        raise ReadTimeout("the read took longer than it may") from error
    except (ConnectionFailure, NetworkTimeout) as error:
        raise StoreUnavailable(f"MongoDB does not answer: {error}") from error
    except OperationFailure as error:
        if error.code in _RETRYABLE:
            raise StoreUnavailable(f"MongoDB does not answer: {error}") from error
        raise


def is_transient(error: PyMongoError) -> bool:
    """Whether a transaction that failed with it may be run again from its start."""
    return error.has_error_label("TransientTransactionError")


def is_commit_unknown(error: PyMongoError) -> bool:
    """Whether a commit that failed with it may have happened, and may be sent again."""
    return error.has_error_label("UnknownTransactionCommitResult")
