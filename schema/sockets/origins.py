"""Which pages may open a WebSocket: a browser sends it with the user's cookies, whoever's page it is."""

from collections.abc import Iterable

from strawberry.http.websocket_origin import is_same_origin, normalize_allowed_origins, normalize_origin

from schema.contexts import Lines

ANY = "*"


class Origins:
    """The origins listed, `*` for any, beside the one that is served. Raises `ValueError` for what is no origin."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = normalize_allowed_origins(allowed)

    def admit(self, headers: Lines) -> bool:
        """Whether a handshake is of a page that may connect, or of no page at all: only browsers tell of one."""
        if b"origin" not in headers or ANY in self._allowed:
            return True
        origin, host = headers[b"origin"].decode("latin-1"), headers.get(b"host", b"").decode("latin-1")
        # A proxy in front may have another host: then the browser's word counts, which no page can put there.
        if headers.get(b"sec-fetch-site") == b"same-origin" or is_same_origin(origin, host):
            return True
        return normalize_origin(origin) in self._allowed
