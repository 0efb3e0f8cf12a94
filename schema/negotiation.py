"""Which media type an answer has: what the client accepts, of the two that GraphQL over HTTP knows, or of events.

After https://graphql.github.io/graphql-over-http/draft/, except that the old `application/json` is the default.
"""

import re
from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
"""Says by its status whether the request was good."""

JSON = "application/json"
"""Is 200 for every well-formed request: clients of this type read the errors only then."""

EVENT_STREAM = "text/event-stream"
"""Server-sent events: for subscriptions, and for whoever takes nothing else."""

REMEMBERED = 256
"""Headers whose meaning is remembered. Whoever asks cuts them to a length that does no harm."""

_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_WILD = ("*/*", "application/*")


@lru_cache(REMEMBERED)
def media_type(accept: str | None) -> str | None:
    """The type to answer with; None when the client accepts neither. No header, or a wildcard, is `application/json`."""
    if not accept or not accept.strip():
        return JSON
    ranges = [_range(part) for part in accept.split(",")]
    best = max((quality for name, quality in ranges if _offered(name) is not None), default=0.0)
    if best <= 0:
        return None
    return next(offered for name, quality in ranges if quality == best and (offered := _offered(name)) is not None)


@lru_cache(REMEMBERED)
def accepts_events(accept: str | None) -> bool:
    """Whether the client takes server-sent events. It has to name them: who takes anything waits for an end."""
    return any(name == EVENT_STREAM and quality > 0 for name, quality in map(_range, (accept or "").split(",")))


@lru_cache(REMEMBERED)
def wants_page(accept: str | None) -> bool:
    """Whether a browser asks for a page: it names HTML, and none of GraphQL's types."""
    names = [_range(part)[0] for part in (accept or "").split(",")]
    return "text/html" in names and not {GRAPHQL_RESPONSE, JSON} & set(names)


def _offered(name: str) -> str | None:
    if name in (GRAPHQL_RESPONSE, JSON):
        return name
    return JSON if name in _WILD else None


def _range(part: str) -> tuple[str, float]:
    name, *parameters = part.split(";")
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.strip().partition("=")
        if key.strip().lower() == "q":
            quality = float(value) if _QUALITY.fullmatch(value.strip()) else 0.0
    return name.strip().lower(), quality
