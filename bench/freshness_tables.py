"""What was measured of freshness, as tables, and whether it is enough."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.floor import Floor
from bench.lags import Lags
from bench.percentiles import Spread
from bench.tables import Grid, shares
from bench.targets import Outcome
from bench.usage import Usage

MOST = {50: Spread(15.0, 60.0, 0), 500: Spread(25.0, 100.0, 0)}
"""At so many commands per second a lag is to be at most that, in milliseconds."""

READ = 1.3
"""A read with `atLeast` right after its command may cost so many times one without, the lag apart."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """One rate on one arrangement of the processes."""

    layout: str
    rate: int
    lags: Lags
    usage: Usage


def freshness_grid(results: Sequence[Freshness], floor: Floor) -> Grid:
    """From the answer of a command on, in times of the floor too."""
    rows = []
    for one in results:
        lags = one.lags
        for words, spread in (
            ("readable: a read with atLeast, less a plain one", lags.readable),
            ("readable: plain reads until one shows it", lags.polled),
            ("the subscriber's frame", lags.framed),
        ):
            rows.append([one.layout, str(one.rate), words, *_ms(spread), f"{spread.p50 / floor.pushed.p50:.1f}"])
        rows.append([one.layout, str(one.rate), "the command itself, until its answer", *_ms(lags.answered), ""])
    columns = ["processes", "commands/s", "from the answer of a command", "p50 ms", "p99 ms", "p50 to the floor's"]
    return Grid("From a command's answer to its document", columns, rows, numbers=3)


def costs_grid(results: Sequence[Freshness]) -> Grid:
    """What reads of one document cost."""
    rows = []
    for one in results:
        lags = one.lags
        for words, spread in (
            ("plain", lags.plain),
            ("atLeast, long reached", lags.covered),
            ("atLeast right after, its wait included", lags.demanded),
            ("the same, from the subscriber's frame on", lags.after),
        ):
            rows.append([one.layout, str(one.rate), words, *_ms(spread), f"{spread.p50 / lags.plain.p50:.2f}"])
    return Grid(
        "A read by id", ["processes", "commands/s", "read", "p50 ms", "p99 ms", "p50 to the plain one's"], rows, numbers=3
    )


def floor_grid(floor: Floor) -> Grid:
    """The baselines."""
    rows = [
        ["4 KiB on the disk (fdatasync)", *_ms(floor.disk)],
        ["MongoDB: one document in a transaction, majority", *_ms(floor.transaction)],
        ["MongoDB: from there to the change stream's answer", *_ms(floor.delivery)],
        ["both together: the floor", *_ms(floor.pushed)],
    ]
    return Grid("Alone, before all else", ["what", "p50 ms", "p99 ms"], rows, numbers=1)


def usage_grid(results: Sequence[Freshness]) -> Grid:
    """Who used the processors."""
    rows = [
        [one.layout, str(one.rate), f"{one.lags.rate:.1f}", shares(one.usage.shares), f"{one.usage.load:.1f}"]
        for one in results
    ]
    columns = ["processes", "commands/s", "reached", "of one processor", "load before"]
    return Grid("Processors", columns, rows, numbers=4)


def freshness_outcomes(results: Sequence[Freshness]) -> Iterator[Outcome]:
    """The targets, as far as they were measured."""
    for one in results:
        name = f"{one.rate}/s"
        if (most := MOST.get(one.rate)) is not None:
            for words, spread in (("readable", one.lags.readable), ("frame", one.lags.framed)):
                for which, reached, bound in (("p50", spread.p50, most.p50), ("p99", spread.p99, most.p99)):
                    target = f"{words}: {which} at most {bound:.0f} ms"
                    yield Outcome(name, one.layout, target, reached, reached <= bound)
        for words, spread in (("right after its command", one.lags.after), ("long reached", one.lags.covered)):
            ratio = spread.p50 / one.lags.plain.p50
            yield Outcome(name, one.layout, f"atLeast {words}: at most {READ} times a plain read", ratio, ratio <= READ)


def _ms(spread: Spread) -> tuple[str, str]:
    return f"{spread.p50:.2f}", f"{spread.p99:.2f}"
