"""Frames of WebSocket (RFC 6455), as far as a client needs them here: no fragments, no extensions."""

import os
from collections.abc import Iterator
from typing import NamedTuple

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_FINAL = 0x80
_MASKED = 0x80
_SHORT, _TWO_BYTES, _EIGHT_BYTES = 125, 126, 127


class Frame(NamedTuple):
    """A frame in a buffer: its kind, and where its payload begins and ends."""

    kind: int
    begin: int
    end: int


class UnknownFrame(Exception):
    """A frame that this client does not read: a fragment, a masked one, or one of an extension."""


def frames(buffer: bytes | bytearray) -> Iterator[Frame]:
    """The frames that are complete, one after the other. Only their headers are looked at. Raises `UnknownFrame`."""
    at, size = 0, len(buffer)
    while size - at >= 2:
        head, length = buffer[at], buffer[at + 1]
        if head & 0xF0 != _FINAL or length & _MASKED:
            raise UnknownFrame(f"a frame that begins with {head:#x}, {length:#x}")
        begin = at + 2
        if length > _SHORT:
            begin += 2 if length == _TWO_BYTES else 8
            if begin > size:
                return
            length = int.from_bytes(buffer[at + 2 : begin], "big")
        at = begin + length
        if at > size:
            return
        yield Frame(head & 0x0F, begin, at)


def client_frame(kind: int, payload: bytes) -> bytes:
    """A frame as a client has to send it: whole, and masked."""
    mask = os.urandom(4)
    size = len(payload)
    if size <= _SHORT:
        length = bytes([_MASKED | size])
    elif size < 1 << 16:
        length = bytes([_MASKED | _TWO_BYTES]) + size.to_bytes(2, "big")
    else:
        length = bytes([_MASKED | _EIGHT_BYTES]) + size.to_bytes(8, "big")
    repeated = (mask * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return bytes([_FINAL | kind]) + length + mask + masked.to_bytes(size, "big")
