"""Transactions, run again where that may help."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pymongo.errors import PyMongoError

from projections.kernel.errors import StoreUnavailable
from projections.kernel.mongo.client import Session, awaited, is_commit_unknown, is_transient

T = TypeVar("T")

TRIES = 5
PAUSE = 0.02
"""The wait after a first failure, in seconds; it is that much longer after each further one."""


async def transacted(session: Session, body: Callable[[], Awaitable[T]], tries: int = TRIES) -> T:
    """What `body` answers, which writes in the session, once all of it is committed.

    Raises what `body` raises, and then nothing is written; and `StoreUnavailable` where it failed transiently each time,
    or where MongoDB did not say whether it committed.
    """
    attempt = 1
    while True:
        try:
            async with await awaited(session.start_transaction()):
                answer = await body()
                await _commit(session)
                return answer
        except PyMongoError as error:
            if not is_transient(error):
                raise
            if attempt == tries:
                raise StoreUnavailable("others keep a transaction from being committed") from error
        await asyncio.sleep(PAUSE * attempt)
        attempt += 1


async def _commit(session: Session) -> None:
    for _ in range(TRIES):
        try:
            await session.commit_transaction()
            return
        except PyMongoError as error:
            if not is_commit_unknown(error):
                raise
        await asyncio.sleep(PAUSE)
    raise StoreUnavailable("MongoDB did not say whether it committed")
