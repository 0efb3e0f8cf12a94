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
from bson.timestamp import Timestamp
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
    may have been changes that nobody was told of. Whoever reads after that has them, and is told of all that come later.
    `follow` changes what is matched, and leaves nothing out by that.
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
        self._opened: Mapping[str, Any] | None = None
        self._before: Mapping[str, Any] | None = None
        self._cursor: Mapping[str, Any] | None = None
        self._ending: asyncio.Task[None] | None = None

    def follow(self, match: Mapping[str, Any]) -> None:
        """Tells of the changes that match `match` instead, from the last batch on that was heard."""
        self._match = match
        if self._cursor is not None:
            # It may be asked just now, and be held for a second: nobody has to wait for that.
            cursor, self._cursor = self._cursor, None
            self._ending = asyncio.create_task(self._end(cursor))

    async def run(self) -> None:
        """Follows the changes for ever."""
        while True:
            try:
                await self._follow()
                if self._has_turned:
                    continue
            except (PyMongoError, TimeoutError) as error:
                if isinstance(error, PyMongoError) and not is_resumable(error):
                    self._place = None
                _log.warning("following the changes: stream lost", extra={"reason": _reason(error)})
            except Exception:
                # Not to be heard again and again: those who watch read what it was.
                self._place = None
                _log.exception("following the changes: a change was not understood")
            await asyncio.sleep(PAUSE)

    @property
    def _has_turned(self) -> bool:
        """Whether something else is to be followed than what was asked for."""
        return self._opened is not None and self._opened is not self._match

    async def _follow(self) -> None:
        """Opens the stream and follows it until it ends, or something else is to be followed. Raises what ends it."""
        session = await awaited(self._database.client.start_session(causal_consistency=False))
        try:
            cursor = await self._open(session)
            while not self._has_turned:
                self._heard(cursor["nextBatch"] if "nextBatch" in cursor else cursor["firstBatch"])
                self._place = cursor["postBatchResumeToken"]
                if cursor["id"] == 0:
                    # Invalidated: the database was dropped.
                    self._place = None
                    return
                self._cursor = cursor
                try:
                    cursor = await self._more(cursor, session)
                except PyMongoError:
                    if not self._has_turned:
                        raise
        finally:
            self._cursor = None
            await session.end_session()

    async def _open(self, session: Session) -> Mapping[str, Any]:
        anew, match = self._place is None, self._match
        # MongoDB goes on only from a change that is matched still: it may be one of those that were followed before.
        before = None if anew else self._before if match is self._opened else self._opened
        place = {"startAtOperationTime": await self._readable(session)} if anew else {"resumeAfter": self._place}
        cursor = await self._command(
            {
                "aggregate": 1,
                "pipeline": [
                    {"$changeStream": place},
                    {"$match": match if before is None else {"$or": [match, before]}},
                ],
                "cursor": {},
                "readConcern": {"level": "majority"},
            },
            session,
        )
        self._opened, self._before = match, before
        if anew:
            self._missed()
        return cursor

    async def _readable(self, session: Session) -> Timestamp:
        """The moment after the last change that readers see.

        Left to itself, MongoDB begins after the last change that was made. That is later: a change is read only once a
        majority has it, and who reads in between would never learn of it.
        """
        answer = await self._answer({"hello": 1}, session)
        last: Timestamp = answer["lastWrite"]["majorityOpTime"]["ts"]
        return Timestamp(last.time, last.inc + 1)

    async def _more(self, cursor: Mapping[str, Any], session: Session) -> Mapping[str, Any]:
        collection = cursor["ns"].partition(".")[2]
        more = {"getMore": Int64(cursor["id"]), "collection": collection, "maxTimeMS": AWAIT_MS}
        return await self._command(more, session)

    async def _end(self, cursor: Mapping[str, Any]) -> None:
        ended = {"killCursors": cursor["ns"].partition(".")[2], "cursors": [cursor["id"]]}
        try:
            await self._database.command(ended)
        except PyMongoError:
            return  # it answers within a second by itself

    async def _command(self, command: dict[str, Any], session: Session) -> Mapping[str, Any]:
        cursor: Mapping[str, Any] = (await self._answer(command, session))["cursor"]
        return cursor

    async def _answer(self, command: dict[str, Any], session: Session) -> Mapping[str, Any]:
        async with asyncio.timeout(LONGEST):
            return await self._database.command(command, codec_options=_RAW, session=session)


def _reason(error: Exception) -> str:
    return f"code {error.code}" if isinstance(error, OperationFailure) else type(error).__name__
