"""How long after the answer of a command its document can be read, and how long until a subscriber has it."""

import asyncio
import gc
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

import orjson

from bench.arrivals import arrivals
from bench.lives import Lives, Step
from bench.load import BenchError, first_of
from bench.percentiles import Spread
from bench.requests import FIELDS, Document, document_of, place_of, read
from bench.sightings import Answered, Sighting, Sightings
from bench.wire.http import Pool
from bench.wire.subscriber import Subscriber, subscribe

DEMANDS, POLLS = 40.0, 10.0
"""After so many commands per second, at most, it is read at the command's position, or again and again without one."""
POLL_PAUSE = 0.002
"""Between two of these reads, in seconds: without it they would be most of the load when lags are long."""

MOST_UNDER_WAY = 4_000
"""Requests. A server that cannot keep up shows in the lags, until there are so many."""

LATE = 30.0
"""How long after the last command its frame may come, in seconds."""

_MILLI = 1000.0
_ORDERS = subscribe(
    "orders", f"subscription {{ ordersChanged {{ position document: order {{ {FIELDS['order']} }} }} }}", {}
)
_PRODUCTS = subscribe(
    "products", f"subscription {{ productsChanged {{ position document: product {{ {FIELDS['product']} }} }} }}", {}
)


@dataclass(frozen=True, slots=True)
class Lags:
    """What was measured at one rate, in milliseconds; lags count from the answer of the command.

    `answered`: a command, from its sending. `demanded`: until the answer to a read with `atLeast`, sent at once. `polled`:
    until the answer to the first of many reads without that shows it. `framed`: until the subscriber's frame. `after`: from
    that frame to the answer to the read with `atLeast`, where the document has the command's own position. `plain` and
    `covered`: the same read without `atLeast`, and with one that is long reached. `rate`: commands answered per second.
    """

    rate: float
    answered: Spread
    demanded: Spread
    polled: Spread
    framed: Spread
    after: Spread
    plain: Spread
    covered: Spread

    @property
    def readable(self) -> Spread:
        """Until the document can be read: a read with `atLeast`, less what a read costs anyway."""
        return self.demanded.less(self.plain.p50)


@dataclass(slots=True)
class _Samples:
    """Of the commands that count."""

    commands: list[tuple[Answered, float]] = field(default_factory=list)
    demanded: list[tuple[Answered, float]] = field(default_factory=list)
    polled: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    covered: list[float] = field(default_factory=list)


class Shoppers:
    """Clients of one API: they send commands at a rate, whatever becomes of the ones before, and look at what they did."""

    def __init__(self, url: str, lives: Lives) -> None:
        self._url = url
        self._lives = lives
        self._pool = Pool(url, MOST_UNDER_WAY)
        self._dice = random.Random(1)
        self._sightings = Sightings()
        self._samples = _Samples()
        self._lost: BenchError | None = None
        self._news = asyncio.Event()

    async def measure(self, rate: float, seconds: float, warm_up: float) -> Lags:
        """Lags at so many commands per second, which come at random moments. The warm-up's do not count.

        Raises `BenchError` for a command that is refused, an answer that is wrong, and a frame that does not come.
        """
        subscriber = await Subscriber.open(self._url, [_ORDERS, _PRODUCTS], self._heard, self._disconnected)
        await asyncio.sleep(0.2)  # until it is subscribed: nobody says so
        gc.collect()
        gc.disable()
        try:
            await self._send(rate, warm_up, counts=False)
            began = perf_counter()
            await self._send(rate, seconds, counts=True)
            await self._see_all()
        except ExceptionGroup as group:
            raise first_of(group) from None
        finally:
            gc.enable()
            subscriber.close()
            self._pool.close()
        return self._lags(began)

    async def _send(self, rate: float, seconds: float, *, counts: bool) -> None:
        demand = min(DEMANDS / rate, DEMANDS / (DEMANDS + POLLS))
        poll = min(POLLS / rate, POLLS / (DEMANDS + POLLS))
        async with asyncio.TaskGroup() as tasks:
            async for _ in arrivals(rate, seconds, self._dice):
                (chosen,) = self._dice.choices(
                    (self._demand, self._poll, self._leave), (demand, poll, max(0.0, 1 - demand - poll))
                )
                tasks.create_task(self._command(self._lives.next(), chosen if counts else self._leave, counts))

    async def _command(self, step: Step, look: Callable[[Answered], Awaitable[None]], counts: bool) -> None:
        sent = perf_counter()
        answer = await self._pool.ask(step.request)
        answered = Answered(step, place_of(answer), answer.at)
        self._lives.accepted(step)
        self._sightings.answered(answered)
        if counts:
            self._samples.commands.append((answered, answer.at - sent))
            await look(answered)

    async def _leave(self, answered: Answered) -> None:
        """Most do not look."""

    async def _demand(self, answered: Answered) -> None:
        step, place = answered.step, answered.place
        demanding = read(step.document, step.key, place.position)
        answer = await self._pool.ask(demanding)
        found = document_of(answer)
        if found is None or not answered.is_shown_by(found):
            raise BenchError(f"{step.key} is {found} when it is asked for at {place}")
        self._samples.demanded.append((answered, answer.at - answered.at))
        again = [(demanding, self._samples.covered), (read(step.document, step.key), self._samples.plain)]
        self._dice.shuffle(again)
        for request, took in again:
            sent = perf_counter()
            took.append((await self._pool.ask(request)).at - sent)

    async def _poll(self, answered: Answered) -> None:
        request = read(answered.step.document, answered.step.key)
        while True:
            answer = await self._pool.ask(request)
            found = document_of(answer)
            if found is not None and answered.is_shown_by(found):
                self._samples.polled.append(answer.at - answered.at)
                return
            await asyncio.sleep(POLL_PAUSE)

    def _heard(self, buffer: bytearray, begin: int, end: int) -> None:
        at = perf_counter()
        payload = orjson.loads(memoryview(buffer)[begin:end])["payload"]
        if "data" not in payload or payload.get("errors"):
            self._disconnected(BenchError(f"a subscriber was told {payload}"))
            return
        (change,) = payload["data"].values()
        if (document := change["document"]) is not None:
            seen = Document(document["id"], document["position"], document["version"])
            self._sightings.framed(Sighting(seen, at))
            self._news.set()

    def _disconnected(self, error: BenchError) -> None:
        self._lost = error
        self._news.set()

    async def _see_all(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LATE):
                while self._sightings.missing and self._lost is None:
                    self._news.clear()
                    await self._news.wait()
        if self._lost is not None:
            raise self._lost
        if missing := self._sightings.missing:
            raise BenchError(
                f"{len(missing)} commands were never pushed, {missing[0].step.name} at {missing[0].place} first"
            )

    def _lags(self, began: float) -> Lags:
        samples = self._samples
        if not (samples.demanded and samples.polled):
            raise BenchError("too few commands were looked at: measure for longer")
        seen = {answered: self._sightings.of(answered) for answered, _ in samples.commands}
        after = [
            took - (seen[answered].at - answered.at)
            for answered, took in samples.demanded
            if seen[answered].document.position == answered.place.position
        ]
        return Lags(
            rate=len(samples.commands) / (max(answered.at for answered, _ in samples.commands) - began),
            answered=_spread([took for _, took in samples.commands]),
            demanded=_spread([took for _, took in samples.demanded]),
            polled=_spread(samples.polled),
            framed=_spread([sighting.at - answered.at for answered, sighting in seen.items()]),
            after=_spread(after),
            plain=_spread(samples.plain),
            covered=_spread(samples.covered),
        )


def _spread(seconds: Sequence[float]) -> Spread:
    return Spread.of([one * _MILLI for one in seconds])
