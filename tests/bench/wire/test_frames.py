"""Frames of WebSocket, as the benchmark's clients read and write them."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from bench.wire.frames import PING, TEXT, UnknownFrame, client_frame, frames

SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 100_000]


def served(kind: Opcode, payload: bytes) -> bytes:
    """A frame as a server sends it."""
    return Frame(kind, payload).serialize(mask=False)


def read(buffer: bytes) -> list[tuple[int, bytes]]:
    return [(kind, buffer[begin:end]) for kind, begin, end in frames(buffer)]


@pytest.mark.parametrize("size", SIZES)
def test_frames_of_every_size_are_read(size: int) -> None:
    payload = b"x" * size

    assert read(served(Opcode.TEXT, payload) + served(Opcode.PING, b"?")) == [(TEXT, payload), (PING, b"?")]


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_that_is_not_there_yet_is_left(size: int) -> None:
    whole = served(Opcode.TEXT, b"first") + served(Opcode.TEXT, b"x" * size)

    missing = {1, 2, 3, size, size // 2} - {0}
    assert all(read(whole[: len(whole) - cut]) == [(TEXT, b"first")] for cut in missing if cut <= size + 2)


@pytest.mark.parametrize(
    "frame",
    [b"\x01\x01x", b"\xc1\x01x", client_frame(TEXT, b"x")],
    ids=["a fragment", "an extension's", "a masked one"],
)
def test_what_it_does_not_read_is_refused(frame: bytes) -> None:
    with pytest.raises(UnknownFrame):
        read(frame)


@pytest.mark.parametrize("size", SIZES)
def test_what_a_client_sends_is_whole_and_masked(size: int) -> None:
    payload, reader = bytes(index % 251 for index in range(size)), StreamReader()
    reader.feed_data(client_frame(TEXT, payload))

    parsing = Frame.parse(reader.read_exact, mask=True)
    with pytest.raises(StopIteration) as parsed:
        next(parsing)

    assert parsed.value.value == Frame(Opcode.TEXT, payload)
