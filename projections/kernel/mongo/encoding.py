"""Documents as BSON, before they are sent: what cannot be stored is found out here, and by asking MongoDB's validator."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import DecimalException

import bson
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from projections.kernel.breaths import breaths
from projections.kernel.errors import DocumentRefused
from projections.kernel.generations import Generation
from projections.kernel.mongo.client import CODEC_OPTIONS
from projections.kernel.projection import Key
from projections.kernel.shapes import Stored

LARGEST = 15 * 1024 * 1024
"""The most bytes of a document. MongoDB takes 16 MB, of which a change stream and a command need some for themselves."""

_BESIDE = 100
"""The bytes around a document that is sent with its place, at most."""

BREATH = 50
"""After so many documents others get their turn."""

VALIDATOR = "validator"
TOO_LARGE = "larger than 15 MB"
NO_BSON = "a value that BSON has not"


async def encoded(generation: Generation, documents: Sequence[Stored]) -> Sequence[RawBSONDocument]:
    """The documents as they are sent. Raises `DocumentRefused` for the first that cannot be."""
    made = []
    async for some in breaths(documents, BREATH):
        for stored in some:
            raw = _encoded(stored)
            if isinstance(raw, str):
                raise DocumentRefused(generation.id, Key(stored["_id"]))
            made.append(raw)
    return made


def sorted_out(documents: Sequence[Stored]) -> tuple[Mapping[int, RawBSONDocument], Mapping[int, str]]:
    """By their places, the documents that can be sent, and of those that cannot, why."""
    made = {place: _encoded(stored) for place, stored in enumerate(documents)}
    fit = {place: raw for place, raw in made.items() if not isinstance(raw, str)}
    return fit, {place: why for place, why in made.items() if isinstance(why, str)}


def pieces(documents: Mapping[int, RawBSONDocument]) -> Iterator[Mapping[int, RawBSONDocument]]:
    """The documents, as many together as go in one command."""
    piece: dict[int, RawBSONDocument] = {}
    size = 0
    for place, raw in documents.items():
        if piece and size + len(raw.raw) > LARGEST:
            yield piece
            piece, size = {}, 0
        piece[place] = raw
        size += len(raw.raw) + _BESIDE
    if piece:
        yield piece


def _encoded(stored: Stored) -> RawBSONDocument | str:
    """The document, or why there is none."""
    try:
        raw = bson.encode(stored, codec_options=CODEC_OPTIONS)
    except (BSONError, OverflowError, UnicodeError, DecimalException):
        return NO_BSON
    return TOO_LARGE if len(raw) > LARGEST else RawBSONDocument(raw)
