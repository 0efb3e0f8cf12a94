"""Orders placed over HTTP by many clients at once. Each has one line: four streams are read, and two of them written."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from bench.lives import CUSTOMERS, customer_id, opening, product_id, stocked, stocking
from bench.load import BenchError, Load, run_load
from bench.opening import carry_out
from bench.percentiles import Spread
from bench.processes import Running
from bench.sales import Sales
from bench.writes_tables import MANY
from bench.written import Written

QUERY = "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { commandId position userErrors { code } } }"
ACCEPTED = '"userErrors":[]'
SOLD_OUT = '"userErrors":[{"code":"INSUFFICIENT_STOCK"}]'

FEW = 1_000
"""Units of the product of which there is little."""

BODIES = 10_000
"""So many different requests are sent, in random order."""


@dataclass(frozen=True, slots=True)
class Shoppers:
    """Clients of the APIs of one shop, `MANY` of each, for so many seconds at a time after those of a warm-up.

    The shop has plenty of so many `products`, and a few units of one more.
    """

    folder: Path
    seconds: int
    warm_up: int
    products: int
    sales: Sales = field(default_factory=Sales, init=False)

    async def open_shop(self, api: Running) -> None:
        """Has the API open the shop, which is empty. Raises `BenchError`."""
        stocked_all = [*stocking(self.products), stocked(self.products, FEW)]
        await carry_out(api.url, opening(products=self.products + 1), stocked_all)

    def buy_any(self, *apis: Running) -> Written:
        """Orders spread over all products. Raises `BenchError` for one that is not accepted."""
        return self._bought(apis, range(self.products))

    def buy_the_same(self, api: Running) -> Written:
        """Orders of one product of which there is plenty. Raises `BenchError` for one that is not accepted."""
        return self._bought([api], [0])

    def buy_what_runs_out(self, api: Running) -> Written:
        """Orders of one product of which there is little. Raises `BenchError` for one refused for another reason."""
        return self._bought([api], [self.products])

    def _bought(self, apis: Sequence[Running], products: Sequence[int]) -> Written:
        """Of several APIs the rates added up, and the longest times."""
        bodies = self.folder / "orders.requests"
        bodies.write_bytes(b"\n".join(_bodies(products)))
        may_be_sold_out = self.products in products
        if self.warm_up:
            self._load(apis, bodies, self.warm_up, may_be_sold_out)
        loads = self._load(apis, bodies, self.seconds, may_be_sold_out)
        took = Spread(max(one.p50 for one in loads), max(one.p99 for one in loads), sum(one.answers for one in loads))
        return Written(sum(one.rate for one in loads), took)

    def _load(self, apis: Sequence[Running], bodies: Path, seconds: int, may_be_sold_out: bool) -> list[Load]:
        def load(api: Running) -> Load:
            return run_load(f"{api.url}/graphql", bodies, connections=MANY, seconds=seconds, counted=ACCEPTED)

        with ThreadPoolExecutor(len(apis)) as at_once:
            loads = list(at_once.map(load, apis))
        for api, one in zip(apis, loads, strict=True):
            api.wait_until_idle()
            if one.counted < one.answers and not (may_be_sold_out and SOLD_OUT in one.other):
                raise BenchError(f"of {one.answers} orders {one.counted} were accepted: {one.other}")
            self.sales.add(accepted=one.counted, refused=one.answers - one.counted, cut_off=MANY)
        return loads


def _bodies(products: Sequence[int]) -> list[bytes]:
    dice = random.Random(1)
    return [_body(dice.randrange(CUSTOMERS), dice.choice(products)) for _ in range(BODIES)]


def _body(customer: int, product: int) -> bytes:
    items = [{"productId": product_id(product), "quantity": 1}]
    given = {"customerId": customer_id(customer), "items": items}
    return orjson.dumps({"query": QUERY, "variables": {"input": given}})
