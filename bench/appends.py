"""What is appended to measure a log: two more items of an order, 459 bytes of JSON, as the next events of a stream."""

import hashlib
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

import orjson

from write_side.kernel.append import EMPTY, Append, Head, NewEvent
from write_side.kernel.codec import encode
from write_side.kernel.events import Metadata
from write_side.kernel.ids import new_command_id, new_event_id
from write_side.orders.events import OrderItemAdded, OrderLine
from write_side.orders.order import ORDER
from write_side.terms.ids import CustomerId, OrderId, ProductId
from write_side.terms.money import Money

BYTES = 459
"""Of both events, as the log is given them."""

ACTOR = "bench"
DIGEST = hashlib.sha256(b"what the client sent").digest()
AT = datetime(2026, 1, 1, tzinfo=UTC)


def _added(product: int, name: str, price: str) -> OrderItemAdded:
    line = OrderLine(
        product_id=ProductId(f"prd_be{product:030x}"),
        sku=f"BENCH-{product:03d}",
        name=name,
        quantity=1,
        unit_price=Money(amount=Decimal(price), currency_code="EUR"),
    )
    return OrderItemAdded(customer_id=CustomerId(f"cus_be{0:030x}"), line=line)


EVENTS = (_added(1, "Beeswax candle, 20 hours", "12.50"), _added(2, "Felt slippers, grey, 42", "39.50"))


class Stored(NamedTuple):
    """What a log holds of such an append, as text: the type of both events, the data of each, the metadata."""

    type: str
    first: str
    second: str
    metadata: str


def stored() -> Stored:
    """The same for those who go to the database without the event store."""
    command = new_command_id()
    metadata = orjson.dumps(Metadata(command, command, command, ACTOR)._asdict()).decode()
    first, second = EVENTS
    return Stored(first.event_name, encode(first), encode(second), metadata)


class Growing:
    """A stream that nobody else appends to, and which grows by two events with every request."""

    def __init__(self) -> None:
        self._stream = ORDER.of(OrderId(f"ord_{uuid.uuid4().hex}")).name
        self._head = EMPTY

    def request(self) -> Append:
        """The next append, as the bus makes it for an accepted command. It counts on the one before."""
        before, version = self._head, self._head.version
        events = tuple(NewEvent(new_event_id(), self._stream, version + nth, event) for nth, event in enumerate(EVENTS, 1))
        self._head = Head(events[-1].version, events[-1].event_id)
        command = new_command_id()
        metadata = Metadata(command, command, command, ACTOR)
        return Append(self._stream, {self._stream: before}, events, DIGEST, binds=True, metadata=metadata, occurred_at=AT)
