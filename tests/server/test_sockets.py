"""Connections over a real server: clients that do not read hold nobody up, and stopping does not wait for streams."""

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from server.settings import Settings
from server.sockets import GRACE, Server, ServerConfig

PATIENCE = 10.0
STALLED = 0.3
CHUNK = b"x" * 50_000
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: shop.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
PING = b"\x89\xfd" + b"\0" * 4 + b"x" * 125
"""A ping as a client frames it, as long as one may be."""

REQUEST = b"GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n"


@asynccontextmanager
async def serving(
    app: ASGIApp, stopping: Callable[[], None] = lambda: None, *, ping_seconds: float = 20.0
) -> AsyncIterator[tuple[Server, int]]:
    """A server on some port, stopped in the end unless it is before. It pings after so long, and waits for as long."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = ServerConfig(app, Settings(socket_stalled=STALLED), close_seconds=STALLED)
        config.ws_ping_interval = config.ws_ping_timeout = ping_seconds
        server = Server(config, stopping)
        task = asyncio.create_task(server._serve(sockets=[listening]))
        try:
            yield server, listening.getsockname()[1]
        finally:
            server.should_exit = True
            await asyncio.wait_for(task, PATIENCE)


@asynccontextmanager
async def unread(port: int, request: bytes) -> AsyncIterator[asyncio.StreamWriter]:
    """A connection on which a request is sent, and nothing read beyond the first lines of the answer."""
    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=plain, limit=1_024)
        writer.write(request)
        await reader.readline()
        yield writer
        writer.close()


class Application:
    """Serves one connection by `serve`, and knows when that is over."""

    def __init__(self, serve: Callable[[Receive, Send], Awaitable[None]]) -> None:
        self._serve = serve
        self.over = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        try:
            await self._serve(receive, send)
        finally:
            self.over.set()

    async def until_over(self) -> None:
        """Waits for it."""
        await asyncio.wait_for(self.over.wait(), PATIENCE)


async def until_gone(server: Server) -> None:
    """Waits until the server has no connection."""
    for _ in range(int(PATIENCE * 20)):
        if not server.server_state.connections:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("a connection is still there")


# ---------------------------------------------------------------- WebSockets


async def test_a_close_is_not_held_up_by_a_client_that_does_not_read() -> None:
    async def serve(receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        with suppress(TimeoutError):
            async with asyncio.timeout(STALLED):
                while True:
                    await send({"type": "websocket.send", "text": CHUNK.decode()})
        await send({"type": "websocket.close", "code": 4410})

    app = Application(serve)
    async with serving(app) as (server, port), unread(port, HANDSHAKE):
        await app.until_over()
        # The close is written, and what was not taken soon after dropped.
        await until_gone(server)


async def test_others_that_send_meanwhile_are_told_that_it_is_closed() -> None:
    ended: list[Exception] = []

    async def serve(receive: Receive, send: Send) -> None:
        async def flood() -> None:
            try:
                while True:
                    await send({"type": "websocket.send", "text": CHUNK.decode()})
            except OSError as error:
                ended.append(error)

        await send({"type": "websocket.accept"})
        floods = [asyncio.create_task(flood()) for _ in range(3)]
        await asyncio.sleep(STALLED)
        await send({"type": "websocket.close", "code": 4410})
        await asyncio.wait(floods, timeout=PATIENCE)

    app = Application(serve)
    async with serving(app) as (_, port), unread(port, HANDSHAKE):
        await app.until_over()
    assert len(ended) == 3


async def test_a_client_that_reads_gets_the_code_and_what_came_before() -> None:
    async def serve(receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": CHUNK.decode()})
        await send({"type": "websocket.close", "code": 4408, "reason": "too late"})

    async with serving(Application(serve)) as (server, port), connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
        assert await client.recv() == CHUNK.decode()
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4408, "too late")
        await until_gone(server)


async def test_frames_are_not_compressed_and_have_a_limit() -> None:
    async def serve(receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    app = Application(serve)
    settings = Settings(max_body_bytes=1_000)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(ServerConfig(app, settings), lambda: None)
        task = asyncio.create_task(server._serve(sockets=[listening]))
        async with connect(f"ws://127.0.0.1:{listening.getsockname()[1]}", proxy=None) as client:
            assert client.protocol.extensions == []
            await client.send("x" * 1_001)
            await asyncio.wait_for(client.wait_closed(), PATIENCE)
            assert client.close_code == 1009
        await app.until_over()
        server.should_exit = True
        await asyncio.wait_for(task, PATIENCE)


async def test_a_client_that_does_not_answer_pings_is_told_to_come_back() -> None:
    async def serve(receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    app = Application(serve)
    async with serving(app, ping_seconds=STALLED / 3) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        ping = await asyncio.wait_for(reader.readexactly(6), PATIENCE)
        assert ping[0] == 0x89
        closed = await asyncio.wait_for(reader.read(), PATIENCE)
        assert closed[2:] == (4410).to_bytes(2, "big") + b"Client does not answer"
        await app.until_over()
        await until_gone(server)
        writer.close()


async def test_pings_of_a_client_that_does_not_read_are_not_gathered() -> None:
    async def serve(receive: Receive, send: Send) -> None:
        await receive()  # that it wants to connect
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": message["text"]})

    async def flood(writer: asyncio.StreamWriter) -> None:
        # Far more than the kernel holds for either side.
        for _ in range(200):
            writer.write(PING * 500)
            await writer.drain()

    async with serving(Application(serve)) as (server, port), unread(port, HANDSHAKE) as writer:
        async with connect(f"ws://127.0.0.1:{port}", proxy=None) as other:
            await asyncio.wait_for(flood(writer), PATIENCE)
            await other.send("hello")
            assert await asyncio.wait_for(other.recv(), PATIENCE) == "hello"
        waiting = [one.transport.get_write_buffer_size() for one in server.server_state.connections]
    assert max(waiting, default=0) < 1_000_000


@pytest.mark.parametrize(("body", "message"), [(1_000, 1_000), (2**24, 2**20)])
def test_a_message_has_a_limit_of_its_own(body: int, message: int) -> None:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("nobody connects")

    assert ServerConfig(serve, Settings(max_body_bytes=body)).ws_max_size == message


async def test_who_connects_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def serve(receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})

    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    with caplog.at_level(logging.INFO, logger="uvicorn.error"):
        async with serving(Application(serve)) as (_, port), connect(f"ws://127.0.0.1:{port}/?q=secret", proxy=None):
            pass
    assert "secret" not in caplog.text
    assert "connection" not in caplog.text


# ---------------------------------------------------------------- responses


async def _stream(send: Send, part: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(0)


async def test_a_client_that_takes_nothing_of_a_response_is_cut_off() -> None:
    async def serve(receive: Receive, send: Send) -> None:
        streaming = asyncio.create_task(_stream(send, CHUNK))
        while (await receive())["type"] != "http.disconnect":
            pass
        streaming.cancel()

    app = Application(serve)
    async with serving(app) as (server, port), unread(port, REQUEST):
        await app.until_over()
        await until_gone(server)


async def test_one_that_takes_a_little_now_and_then_is_not() -> None:
    async def serve(receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": CHUNK * 200})

    app = Application(serve)
    async with serving(app) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=200_000)
        writer.write(REQUEST)
        await reader.readuntil(b"\r\n\r\n")
        taken, began = 0, time.monotonic()
        while taken < len(CHUNK) * 200:
            taken += len(await reader.read(200_000))
            await asyncio.sleep(STALLED / 10)
        # Longer than a client may take nothing.
        assert time.monotonic() - began > STALLED
        writer.close()


# ---------------------------------------------------------------- the end


async def test_stopping_ends_streams_first_and_does_not_wait_for_them() -> None:
    ending = asyncio.Event()

    async def serve(receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun\n", "more_body": True})
        await ending.wait()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async with serving(Application(serve), stopping=ending.set) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST)
        await reader.readuntil(b"begun")
        server.should_exit = True
        assert b"\r\n0\r\n\r\n" in await asyncio.wait_for(reader.read(), 2)
        writer.close()


async def test_stopping_tells_sockets_to_come_back() -> None:
    async def serve(receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": json.dumps("hello")})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    app = Application(serve)
    async with serving(app) as (server, port), connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
        await client.recv()
        server.should_exit = True
        await asyncio.wait_for(client.wait_closed(), PATIENCE)
        assert client.close_code == 1012
        await app.until_over()


async def test_stopping_does_not_wait_for_a_client_that_does_not_read() -> None:
    async def serve(receive: Receive, send: Send) -> None:
        async def flood() -> None:
            while True:
                await send({"type": "websocket.send", "text": CHUNK.decode()})

        await send({"type": "websocket.accept"})
        flooding = asyncio.create_task(flood())
        while (await receive())["type"] != "websocket.disconnect":
            pass
        flooding.cancel()

    async with serving(Application(serve)) as (server, port), unread(port, HANDSHAKE):
        await asyncio.sleep(STALLED)
        server.should_exit = True
        async with asyncio.timeout(GRACE):
            await until_gone(server)
