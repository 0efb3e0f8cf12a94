"""What the environment says: the one place that reads it."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from projections.kernel.leases import LEASE
from projections.kernel.mongo.drivers import Driver
from schema.sockets.origins import Origins
from write_side.orders.reactions import CANCEL_UNPAID

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


def _postgres(url: str) -> str:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("a PostgreSQL URL begins with postgresql://")
    return url


def _mongo(url: str) -> str:
    if not url.startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError("a MongoDB URL begins with mongodb:// or mongodb+srv://")
    return url


def _listed(value: object) -> object:
    """The parts of a list as the environment spells it."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _origins(listed: tuple[str, ...]) -> tuple[str, ...]:
    Origins(listed)  # it refuses what is none
    return listed


_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def _span(value: object) -> object:
    """A span of time as people write it: `90m`, `24h`, seconds without a unit; None for `off`."""
    if not isinstance(value, str):
        return value
    text = value.strip().lower()
    if text == "off":
        return None
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)([smhd]?)", text)
    if match is None:
        raise ValueError("must be a time such as 90m, 24h or 2d, or off")
    return timedelta(seconds=float(match[1]) * _UNITS[match[2]]) or None


Deadline = Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(days=3650))]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]


class Settings(BaseSettings):
    """Oneread's settings; each comes from the variable of its name, in capitals, after `ONEREAD_`.

    An argument comes before the environment, and a variable that is set to nothing counts as not set.
    Raises pydantic's ValidationError, which names the settings at fault and keeps their values to itself.
    """

    model_config = SettingsConfigDict(
        env_prefix="ONEREAD_",
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        # Not in logs: an URL may hold a password.
        hide_input_in_errors=True,
    )

    postgres_url: Annotated[str, AfterValidator(_postgres)] | None = Field(default=None, repr=False)
    """Where the log is; None: the embedded PostgreSQL."""

    mongo_url: Annotated[str, AfterValidator(_mongo)] | None = Field(default=None, repr=False)
    """Where the documents are, a replica set; None: the embedded MongoDB."""

    mongo_database: str = Field(default="oneread", min_length=1, max_length=63, pattern=r"^[A-Za-z0-9_-]+$")
    """The MongoDB database that holds the documents."""

    mongo_driver: Driver = "motor"
    """What speaks to MongoDB: Motor, or PyMongo's own asyncio API, its successor."""

    data_dir: Path = Path(".oneread")
    """Where the embedded databases keep their data."""

    host: str = "127.0.0.1"
    """The address to listen on. There is no authentication of its own in front of it."""

    port: int = Field(default=8000, ge=0, le=65535)
    """The TCP port to listen on; 0: any that is free."""

    fresh_wait: Seconds = 2.0
    """How long a read that asked for freshness waits for its projection, in seconds."""

    command_queue: int = Field(default=2_000, gt=0, le=100_000)
    """How many commands one process has under way; more are answered at once that it is overloaded."""

    command_timeout: Annotated[float, Field(gt=0, le=600)] = 10.0
    """How long a command's client waits until it is told that the outcome is not known yet, in seconds."""

    lease: Annotated[float, Field(gt=0, le=600)] = LEASE
    """How long a projector that says nothing keeps its projections from others, in seconds."""

    payment_deadline: Annotated[Deadline | None, BeforeValidator(_span)] = CANCEL_UNPAID.after
    """How long an order may wait for its payment until it is cancelled: `24h`, or seconds. None, `off` or 0: for ever."""

    max_body_bytes: int = Field(default=16 * 1024 * 1024, gt=0)
    """The largest request that is read, in bytes. A WebSocket's messages have a limit of their own below it."""

    # Without NoDecode the environment would have to spell it as JSON.
    allowed_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_origins)] = ()
    """The origins of pages on other hosts that may open a WebSocket, parted by commas in the environment; `*`: any."""

    socket_init: Annotated[float, Field(gt=0, le=60)] = 3.0
    """How long a WebSocket's client may take to say hello, in seconds."""

    socket_operations: int = Field(default=100, gt=0, le=10_000)
    """How many operations one WebSocket may have under way."""

    socket_stalled: Annotated[float, Field(gt=0, le=600)] = 30.0
    """How long a client may take nothing of what it is sent, in seconds, until it is cut off."""

    log_level: LogLevel = "INFO"
    """The least severe messages that are logged."""
