"""What clients were told of their orders, held against the log."""

from dataclasses import dataclass

import asyncpg

from bench.load import BenchError

_ORDERS = "select count(*) from oneread.events where type = 'order-placed'"
_SHELVES = """
select stream, max((data ->> 'onHand')::integer) filter (where type = 'stock-corrected') as on_hand,
    coalesce(sum((data ->> 'quantity')::integer) filter (where type = 'stock-reserved'), 0) as reserved
from oneread.events where stream like 'stock-%' group by stream
"""


@dataclass(slots=True)
class Sales:
    """Orders of one unit each, over several loads.

    At most so many were `cut_off`: they were under way when their load ended, and nobody heard what became of them.
    """

    accepted: int = 0
    refused: int = 0
    cut_off: int = 0

    def add(self, *, accepted: int, refused: int, cut_off: int) -> None:
        """One more load."""
        self.accepted += accepted
        self.refused += refused
        self.cut_off += cut_off

    async def check(self, postgres_url: str) -> None:
        """Raises `BenchError` unless the log has what was accepted, and of no product more was sold than there was."""
        connection = await asyncpg.connect(postgres_url)
        try:
            orders = await connection.fetchval(_ORDERS)
            shelves = await connection.fetch(_SHELVES)
        finally:
            await connection.close()
        if not self.accepted <= orders <= self.accepted + self.cut_off:
            raise BenchError(f"{self.accepted} orders were accepted, {self.cut_off} at most cut off, the log has {orders}")
        if (reserved := sum(shelf["reserved"] for shelf in shelves)) != orders:
            raise BenchError(f"{orders} orders of one unit each have reserved {reserved}")
        for shelf in shelves:
            if shelf["reserved"] > shelf["on_hand"]:
                raise BenchError(f"{shelf['stream']} is oversold: {shelf['reserved']} of {shelf['on_hand']}")
        if self.refused and all(shelf["reserved"] < shelf["on_hand"] for shelf in shelves):
            raise BenchError(f"{self.refused} orders were refused, and nothing is sold out")
