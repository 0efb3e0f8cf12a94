"""A change stream on a database, read by raw commands: one round trip for each batch, and nothing decoded in advance.

The driver's own iterator takes a round trip through a thread for every single change, with Motor.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bson.codec_options import CodecOptions
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument
from pymongo.errors import OperationFailure, PyMongoError

from projections.kernel.mongo.client import Database, Session, awaited, is_resumable

_log = logging.getLogger(__name__)

Event = Mapping[str, Any]
"""One change, as MongoDB tells it: nothing in it is decoded before it is looked at."""

AWAIT_MS = 1_000
"""How long MongoDB holds a request when there is nothing to tell, in milliseconds."""

LONGEST = 10.0
"""How long an answer may take before the connection counts as lost, in seconds."""

PAUSE = 0.2
"""How long to wait before a lost stream is opened again, in seconds."""

_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)


class Stream:
    """The changes of a database that match `match`. Goes on where it was after whatever can be gone on after.

    `heard` is called with each batch, in order. `missed` is called when the stream begins anew, the first time too: there
    may have been changes that nobody was told of.
    """

    def __init__(
        self,
        database: Database,
        match: Mapping[str, Any],
        heard: Callable[[Sequence[Event]], None],
        missed: Callable[[], None],
    ) -> None:
        self._database = database
        self._match = match
        self._heard = heard
        self._missed = missed
        self._place: object = None

    async def run(self) -> None:
        """Follows the changes for ever."""
        while True:
            try:
                await self._follow()
            except (PyMongoError, TimeoutError) as error:
                if isinstance(error, PyMongoError) and not is_resumable(error):
                    self._place = None
                _log.warning("following the changes: stream lost", extra={"reason": _reason(error)})
            except Exception:
                # Not to be heard again and again: those who watch read what it was.
                self._place = None
                _log.exception("following the changes: a change was not understood")
            await asyncio.sleep(PAUSE)

    async def _follow(self) -> None:
        """Opens the stream and follows it until it ends. Raises what ends it."""
        session = await awaited(self._database.client.start_session(causal_consistency=False))
        try:
            cursor = await self._open(session)
            while True:
                self._heard(cursor["nextBatch"] if "nextBatch" in cursor else cursor["firstBatch"])
                self._place = cursor["postBatchResumeToken"]
                if cursor["id"] == 0:
                    # Invalidated: the database was dropped.
                    self._place = None
                    return
                cursor = await self._command(
                    {
                        "getMore": Int64(cursor["id"]),
                        "collection": cursor["ns"].partition(".")[2],
                        "maxTimeMS": AWAIT_MS,
                    },
                    session,
                )
        finally:
            await session.end_session()

    async def _open(self, session: Session) -> Mapping[str, Any]:
        anew = self._place is None
        stream = {} if anew else {"resumeAfter": self._place}
        cursor = await self._command(
            {
                "aggregate": 1,
                "pipeline": [{"$changeStream": stream}, {"$match": self._match}],
                "cursor": {},
                "readConcern": {"level": "majority"},
            },
            session,
        )
        if anew:
            self._missed()
        return cursor

    async def _command(self, command: dict[str, Any], session: Session) -> Mapping[str, Any]:
        async with asyncio.timeout(LONGEST):
            answer = await self._database.command(command, codec_options=_RAW, session=session)
        cursor: Mapping[str, Any] = answer["cursor"]
        return cursor


def _reason(error: Exception) -> str:
    return f"code {error.code}" if isinstance(error, OperationFailure) else type(error).__name__
