"""Dead letters from the command line: listed, shown, retried, discarded; and how what was asked for comes out."""

import asyncio
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from projections.kernel.dead_letters import DeadLetter, Remedy
from projections.kernel.generations import Generation, State
from projections.kernel.projection import AnyProjection, Key
from server.reports import letter_lines, letters_report, outcome_text
from server.wiring import Stores
from write_side.kernel.errors import OnereadError
from write_side.kernel.positions import LogPosition

LOOK = 0.2
"""How often it is looked whether a projector has done what it was asked for, in seconds."""

NOT_AS_BEFORE = "it is not parked at that event any more, nothing was asked: `oneread dead-letters list` has what is"

NOTHING = "no document is parked"

Letters = Sequence[tuple[Generation, DeadLetter]]


class NoDeadLetter(OnereadError):
    """The document is not parked. Carries its key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no dead letter has the key {key}: `oneread dead-letters list` lists all")
        self.key = key


async def list_all(stores: Stores, projections: Sequence[AnyProjection], console: Console, paper: Console) -> None:
    """All dead letters, oldest first."""
    if letters := await stores.dead_letters.find(projections):
        paper.print(letters_report(letters, paper.width))
        console.print("`oneread dead-letters show KEY` says what can be done")
    else:
        console.print(NOTHING)


async def show(stores: Stores, projections: Sequence[AnyProjection], key: Key, paper: Console) -> None:
    """All about one document's dead letters. Raises `NoDeadLetter`."""
    served = await _served(stores, projections)
    for generation, letter in await _found(stores, projections, key):
        for line in letter_lines(generation, letter, served=generation in served):
            paper.print(escape(line), soft_wrap=True, highlight=False)


async def ask(
    stores: Stores,
    projections: Sequence[AnyProjection],
    key: Key | None,
    remedy: Remedy,
    console: Console,
    *,
    patience: float,
    event: LogPosition | None = None,
) -> bool:
    """Asks the projectors to see to one document, or to all; waits up to `patience` seconds for how it comes out.

    With `event` only of what is parked at that one: it may have been tried again since somebody looked.
    Returns whether all that was waited for is well. Raises `NoDeadLetter`.
    """
    letters = await _found(stores, projections, key)
    if not letters:
        console.print(NOTHING)
        return True
    workers = await _served(stores, projections)
    asked: dict[tuple[Generation, Key], DeadLetter] = {}
    well = True
    for generation, letter in letters:
        if generation not in workers:
            name = generation.projection.name
            console.print(f"{escape(letter.key)}: {generation.id} is not served; `oneread rebuild {name}` makes it anew")
        elif event in (None, letter.position) and await stores.dead_letters.ask(generation, letter, remedy):
            asked[generation, letter.key] = letter
        else:
            console.print(f"[yellow]{escape(letter.key)}: {NOT_AS_BEFORE}[/]")
            well = False
    idle = sorted({generation.projection.name for generation, _ in asked if workers[generation] is None})
    if idle:
        console.print(f"no projector works on {', '.join(idle)}: it is done once `oneread project` runs")
    awaited = {one: letter for one, letter in asked.items() if workers[one[0]] is not None}
    if not patience or not awaited:
        console.print(f"asked for: {len(asked)}")
        return bool(asked) and not idle and well
    return await _come_out(stores, projections, awaited, remedy, console, patience) and not idle and well


async def _come_out(
    stores: Stores,
    projections: Sequence[AnyProjection],
    asked: dict[tuple[Generation, Key], DeadLetter],
    remedy: Remedy,
    console: Console,
    patience: float,
) -> bool:
    """Waits until each that was asked for is gone, or is parked again."""
    well = True
    deadline = asyncio.get_running_loop().time() + patience
    while asked:
        found = await stores.dead_letters.find(projections)
        now = {(generation, letter.key): letter for generation, letter in found}
        for one in list(asked):
            if one not in now:
                told = outcome_text(asked[one], remedy)
                console.print(f"[green]{escape(one[1])} of {one[0].projection.name} {told}[/]")
            elif now[one].asked is None:
                console.print(
                    f"[red]{escape(one[1])} of {one[0].projection.name} stays parked: {escape(now[one].error)}[/]"
                )
                well = False
            else:
                continue
            del asked[one]
        if asked and asyncio.get_running_loop().time() > deadline:
            console.print(f"{len(asked)} not done yet: `oneread dead-letters list` shows how it comes out")
            return False
        if asked:
            await asyncio.sleep(LOOK)
    return well


async def _found(stores: Stores, projections: Sequence[AnyProjection], key: Key | None) -> Letters:
    letters = await stores.dead_letters.find(projections, key)
    if key is not None and not letters:
        raise NoDeadLetter(key)
    return letters


async def _served(stores: Stores, projections: Sequence[AnyProjection]) -> dict[Generation, str | None]:
    """The served generations, and who works on each."""
    standings = await stores.generations.standings(projections)
    return {one.generation: one.owner for one in standings if one.state is State.SERVED}
