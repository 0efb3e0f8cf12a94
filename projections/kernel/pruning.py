"""Pruning: which generations may be dropped. Pure."""

from collections.abc import Sequence

from projections.kernel.generations import Standing, State


def unneeded(standings: Sequence[Standing], *, unfinished: bool = False) -> list[Standing]:
    """Those that nobody needs, but to go back to; with `unfinished` also what is not built to the end.

    Whether somebody works on one just now is found out by who drops it.
    """
    states = {State.FORMER, State.LEFT} | ({State.BUILDING} if unfinished else set())
    return [standing for standing in standings if standing.state in states]
