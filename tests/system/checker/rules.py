"""The rules that what clients saw is held against. Pure: records and the log's histories in, findings out.

A document that was shown is always one that the log has had. A read has all that it was demanded to have. What is
pushed goes on from where it was, nothing twice and nothing backwards, and says rightly where to resume. In the end whoever
watches holds what the log folds to; that the API answers the same is found by reads that demand the whole log.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.system.checker.histories import Histories, History
from tests.system.checker.records import Accepted, DocumentRead, PageRead, Records, Stale
from tests.system.checker.sightings import fits, true
from tests.system.checker.watched import watched


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that was broken, and before whose eyes."""

    rule: str
    client: str
    what: str


def findings(records: Records, histories: Histories, commands: Mapping[str, Sequence[int]]) -> Iterator[Finding]:
    """Everything that is wrong. `commands` has the positions of each command's events."""
    for surprise in records.surprises:
        yield Finding("an answer that nobody should get", "", surprise)
    for accepted in records.accepted:
        yield from _named(accepted.client, "a command takes effect once", _command(accepted, commands))
    for read in records.reads:
        yield from _named(read.client, "a read is as fresh as demanded", read_document(read, histories[read.model.name]))
    for page in records.pages:
        yield from _named(page.client, "a page is as fresh as it says", read_page(page, histories[page.listing.model.name]))
    for watch in records.watches:
        for rule, what in watched(watch, histories[watch.subject.model.name]):
            yield Finding(rule, watch.client, what)


def read_document(read: DocumentRead, history: History) -> Iterator[str]:
    """What is wrong with a read of one document."""
    if read.stale is not None:
        yield from _lacks(read.stale, read.demand)
    due = history.at(read.key, read.demand if read.stale is None else read.stale.position)
    if read.seen is not None:
        yield from true(read.seen, history)
    shown = -1 if read.seen is None else read.seen.position
    if due is not None and shown < due.position:
        yield f"{read.key} at {shown}, but {due.position} was due when {read.demand} was demanded"


def read_page(page: PageRead, history: History) -> Iterator[str]:
    """What is wrong with a list that was read."""
    if page.stale is not None:
        yield from _lacks(page.stale, page.demand)
        if page.stale.position != page.position:
            yield f"it is of {page.position} and says to be of {page.stale.position}"
    elif page.position < page.demand:
        yield f"it is of {page.position}, short of {page.demand}, and does not say so"
    shown = {seen.key: seen.position for seen in page.seen}
    for seen in page.seen:
        yield from true(seen, history)
        yield from fits(seen, page.listing)
    for key in history.listed(page.listing):
        due = history.at(key, page.position)
        if due is None or not page.listing.matches(due.content):
            continue
        if key in shown and shown[key] < due.position:
            yield f"{key} at {shown[key]}, but {due.position} was due in a page of {page.position}"
        if key not in shown and all(page.listing.matches(state.content) for state in history.since(key, page.position)):
            yield f"{key} is missing in a page of {page.position}"


def _lacks(stale: Stale, demand: int) -> Iterator[str]:
    if stale.position >= demand or stale.behind != demand - stale.position:
        yield f"it says to be {stale.behind} behind {demand}, being of {stale.position}"


def _command(accepted: Accepted, commands: Mapping[str, Sequence[int]]) -> Iterator[str]:
    found = list(commands.get(accepted.command_id, ()))
    if not found or found != list(range(found[0], accepted.position + 1)):
        yield f"{accepted.command_id} was accepted at {accepted.position}, and has events at {found}"


def _named(client: str, rule: str, found: Iterator[str]) -> Iterator[Finding]:
    return (Finding(rule, client, what) for what in found)
