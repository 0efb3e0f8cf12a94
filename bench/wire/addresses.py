"""Where a server listens."""

from urllib.parse import urlsplit


def address(url: str) -> tuple[str, int]:
    """Host and port of an URL that has both."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port
