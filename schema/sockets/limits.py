"""What one socket may do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """`init_seconds` are for the client's first message; `operations` may go on at once; a client may take nothing of
    what is sent for `stalled_seconds`.
    """

    init_seconds: float = 3.0
    operations: int = 100
    stalled_seconds: float = 30.0
