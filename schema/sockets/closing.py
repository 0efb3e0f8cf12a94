"""How the server ends a socket: the protocol's close codes, and those that it leaves to servers.

SocketClosed
├── MalformedMessage    4400   not a message of the protocol
├── NotInitialised      4401   an operation before the connection was acknowledged
├── Refused             4403   whoever connects may not
├── OtherProtocol       4406   the client does not speak graphql-transport-ws
├── InitTimeout         4408   no connection_init in time
├── IdInUse             4409   an operation under the id of one that is still going on
├── NotReading          4410   the client took nothing for too long, or answers no pings: connect again, and resume
├── SecondInit          4429   connection_init twice
├── Broken              4500   something went wrong here
└── Restarting          1012   the server stops: connect again, and resume
"""

from contextlib import suppress
from typing import ClassVar

from starlette.types import Send

LONGEST_REASON = 123
"""Bytes of a reason (RFC 6455, 5.5)."""


class SocketClosed(Exception):
    """The server ends the socket. Carries the reason; `code` is of the class."""

    code: ClassVar[int]

    def __init_subclass__(cls, *, code: int) -> None:
        cls.code = code

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason.encode()[:LONGEST_REASON].decode(errors="ignore")

    async def send(self, send: Send) -> None:
        """Closes the socket."""
        with suppress(OSError):  # it is closed
            await send({"type": "websocket.close", "code": self.code, "reason": self.reason})


class MalformedMessage(SocketClosed, code=4400):
    """What came is not a message of the protocol."""


class NotInitialised(SocketClosed, code=4401):
    """An operation came before the connection was acknowledged."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class Refused(SocketClosed, code=4403):
    """Whoever connects may not."""


class OtherProtocol(SocketClosed, code=4406):
    """The client speaks no protocol that is spoken here."""

    def __init__(self) -> None:
        super().__init__("Subprotocol not acceptable")


class InitTimeout(SocketClosed, code=4408):
    """The client did not say hello in time."""

    def __init__(self) -> None:
        super().__init__("Connection initialisation timeout")


class IdInUse(SocketClosed, code=4409):
    """An operation has the id of one that is still going on."""

    def __init__(self, operation_id: str) -> None:
        super().__init__(f"Subscriber for {operation_id} already exists")


class NotReading(SocketClosed, code=4410):
    """The client took nothing of what was sent, for too long."""

    def __init__(self) -> None:
        super().__init__("Client does not read")


class SecondInit(SocketClosed, code=4429):
    """The client said hello twice."""

    def __init__(self) -> None:
        super().__init__("Too many initialisation requests")


class Broken(SocketClosed, code=4500):
    """Something went wrong that is no fault of the client's."""

    def __init__(self) -> None:
        super().__init__("Internal server error")


class Restarting(SocketClosed, code=1012):
    """The server stops."""

    def __init__(self) -> None:
        super().__init__("Service restart")
