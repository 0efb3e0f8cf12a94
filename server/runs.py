"""Runs: rebuild, verify and prune, on open stores. Each says on the console what it does; it returns whether all is well"""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from projections.kernel.blame import kind_of, place_of
from projections.kernel.comparing import Comparing, Comparison
from projections.kernel.errors import HasDeadLetters, InUse, NoFormer, TooFarBehind
from projections.kernel.explaining import Explaining
from projections.kernel.projection import AnyProjection
from projections.kernel.pruning import unneeded
from projections.kernel.rebuilding import Builds, Rebuilding, goes_on
from projections.kernel.texts import counted
from projections.kernel.verifying import MOST_EXPLAINED, Verified, Verifying
from server.progress import bars
from server.reports import differences_report
from server.shop import PROJECTIONS
from server.wiring import Stores, now
from write_side.kernel.errors import OnereadError


class UnknownProjection(OnereadError):
    """There is no read model of that name. Carries the name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no read model {name!r}: there are {', '.join(known)}")
        self.name = name


def named(names: Sequence[str], projections: Sequence[AnyProjection]) -> list[AnyProjection]:
    """The projections of those names, each once: that of the collection, or of the document class, in any case.

    Raises `UnknownProjection`.
    """
    by_name = {one.name.lower(): one for one in projections} | {one.spec.name.lower(): one for one in projections}
    found: dict[AnyProjection, None] = {}
    for name in names:
        if name.lower() not in by_name:
            raise UnknownProjection(name, [one.name for one in projections])
        found[by_name[name.lower()]] = None
    return list(found)


async def rebuild(
    stores: Stores, projections: Sequence[AnyProjection], console: Console, *, back: bool, force: bool
) -> bool:
    """Rebuilds read models beside what is served, or goes back to what was. Raises as `Rebuilding` does.

    After a switch to another log, or of a new version, projectors may be quicker to begin with it: that is well, too.
    """
    if not back:
        await _tell_what_was_begun(stores, projections, console, force=force)
    builds = Builds(stores.log, stores.store, now, stores.store.lease)
    rebuilding = Rebuilding(stores.generations, builds, Comparing(stores.excerpts, stores.log))
    with bars(console, "caught up" if back else "built") as observer:
        work = rebuilding.go_back if back else rebuilding.rebuild
        outcomes = await work(projections, observer, force=force)
    well = True
    for projection, outcome in outcomes.items():
        if isinstance(outcome, InUse) and not back and await _is_first(stores, projection):
            console.print(f"{projection.name}: a projector builds it already: `oneread status` tells how far it is")
        elif isinstance(outcome, Exception):
            console.print(await _failed(stores, projection, outcome))
            well = False
        else:
            number = outcome.generation.number
            console.print(f"[green]{projection.name}: generation {number} is served[/]{_compared(outcome.comparison)}")
    switched = [projection for projection, outcome in outcomes.items() if not isinstance(outcome, Exception)]
    if returnable := [one.name for one in switched if await _has_former(stores, one)]:
        names = " ".join(returnable)
        console.print(
            f"what was served before is kept: `oneread rebuild {names} --back` returns to it, `oneread prune` drops it"
        )
    return well


async def verify(stores: Stores, projections: Sequence[AnyProjection], console: Console, paper: Console) -> bool:
    """Compares what is served with the log; `paper` gets the differences. Raises as `Verifying` does."""
    builds = Builds(stores.log, stores.store, now, stores.store.lease)
    verifying = Verifying(
        stores.generations,
        builds,
        Comparing(stores.excerpts, stores.log),
        Explaining(stores.log, stores.log.created_at),
        stores.log.positions.log_id,
    )
    with bars(console, "folded") as observer:
        found = await verifying.verify(projections, observer)
    for projection, outcome in found.items():
        if isinstance(outcome, Exception):
            console.print(await _failed(stores, projection, outcome))
            continue
        if outcome.explained:
            paper.print(differences_report(projection.name, outcome.explained, paper.width))
        for key in outcome.comparison.apart[:MOST_EXPLAINED]:
            paper.print(f"{escape(key)} of {projection.name}: parked on one side only", soft_wrap=True, highlight=False)
        color = "green" if outcome.comparison.is_clean else "red"
        console.print(f"[{color}]{projection.name}[/]: {_counted(outcome.comparison)}")
    compared = {one.name: outcome.comparison for one, outcome in found.items() if isinstance(outcome, Verified)}
    if differing := [name for name, one in compared.items() if one.differing]:
        console.print(f"once the cause is mended, `oneread rebuild {' '.join(differing)}` makes them anew")
    if parked := [name for name, one in compared.items() if one.parked_in_stored]:
        console.print(f"what can be folded now: `oneread dead-letters retry --all` sees to it ({', '.join(parked)})")
    return len(compared) == len(found) and all(one.is_clean for one in compared.values())


async def prune(
    stores: Stores,
    projections: Sequence[AnyProjection],
    console: Console,
    *,
    unfinished: bool = False,
    other_versions: bool = False,
) -> bool:
    """Drops the generations that nobody needs; on demand also those that were not built to the end, and other versions."""
    dropped = kept = 0
    standings = await stores.generations.standings(projections)
    for standing in unneeded(standings, unfinished=unfinished):
        try:
            await stores.generations.drop(standing.generation)
        except InUse as error:
            console.print(f"[yellow]kept {standing.generation.id}: {escape(str(error))}[/]")
            kept += 1
        else:
            console.print(f"dropped {standing.generation.id}, which stood at {standing.checkpoint.position:,}")
            dropped += 1
    names = {projection.name for projection in projections}
    for version in await stores.other_versions.find(PROJECTIONS):
        # With all of those that there are go those that there are no more.
        if version.projection not in names and len(projections) < len(PROJECTIONS):
            continue
        if version.worked_on:
            console.print(f"kept {version.id}: a projector of that version works on it")
        elif not other_versions:
            console.print(f"kept {version.id}, another version that nobody works on: --other-versions drops it")
        else:
            await stores.other_versions.drop(version)
            console.print(f"dropped {version.id}, which stood at {version.position:,}")
            dropped += 1
    if not dropped and not kept:
        console.print("there was nothing to drop")
    return not kept


async def _tell_what_was_begun(
    stores: Stores, projections: Sequence[AnyProjection], console: Console, *, force: bool
) -> None:
    """Says what is gone on with: code that has changed since, without a new version, would be in a half of it only."""
    found = [one for one in await stores.generations.standings(projections) if goes_on(one, force=force)]
    for one in found:
        since = "" if one.moved_at is None else f" on {one.moved_at:%Y-%m-%d %H:%M:%S} UTC"
        console.print(f"{one.generation.id} is gone on with: it was left{since}, at event {one.checkpoint.position:,}")
    if found:
        names = " ".join(one.generation.projection.name for one in found)
        console.print(f"to begin anew, as with code that has changed: `oneread prune --unfinished {names}` first")


async def _is_first(stores: Stores, projection: AnyProjection) -> bool:
    """Whether no generation is served that a rebuild could replace: projectors build the first one by themselves."""
    alias = await stores.generations.alias(projection)
    if alias is None or alias.log != stores.log.positions.log_id:
        return False
    return alias.serving is None or alias.building is None


async def _has_former(stores: Stores, projection: AnyProjection) -> bool:
    alias = await stores.generations.alias(projection)
    return alias is not None and alias.former is not None


def _compared(comparison: Comparison | None) -> str:
    return "" if comparison is None else f"; compared with the one before: {_counted(comparison)}"


def _counted(one: Comparison) -> str:
    told = [f"{counted(one.documents, 'document')} at {one.position:,}"]
    told.append(f"{one.differing:,} {'differs' if one.differing == 1 else 'differ'}" if one.differing else "no difference")
    if one.left_out:
        told.append(f"{one.left_out:,} left out, parked on both sides")
    if one.parked_in_stored:
        told.append(f"{one.parked_in_stored:,} parked, but not when folded afresh")
    if one.parked_in_expected:
        told.append(f"{one.parked_in_expected:,} that cannot be folded afresh")
    return ", ".join(told)


async def _failed(stores: Stores, projection: AnyProjection, error: Exception) -> str:
    why = await _why(stores, projection, error)
    # Some errors begin with the name, or with a generation's, themselves.
    return f"[red]{escape(why if why.startswith(projection.name) else f'{projection.name}: {why}')}[/]"


async def _why(stores: Stores, projection: AnyProjection, error: Exception) -> str:
    """What went wrong, and what to do. The text of an error that is not ours may quote a document."""
    match error:
        case NoFormer():
            others = [
                version.id
                for version in await stores.other_versions.find(PROJECTIONS)
                if version.projection == projection.name
            ]
            if not others:
                return str(error)
            return f"{error}; code of another version serves its own, once it is deployed again: {', '.join(others)}"
        case TooFarBehind():
            return f"{error}: try again once its projector has caught up"
        case HasDeadLetters():
            return f"{error}; once the cause is mended, run the same again"
        case OnereadError():
            return str(error)
        case _:
            where = place_of(error)
            return f"stopped at what it cannot do ({kind_of(error)}{f', at {where}' if where else ''})"
