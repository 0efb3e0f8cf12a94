"""Reports: what operators are shown of generations, dead letters and differences, as tables and as JSON. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from pydantic.alias_generators import to_camel
from rich.markup import escape
from rich.table import Table

from projections.kernel.dead_letters import DeadLetter
from projections.kernel.differences import ABSENT, Difference, Kind
from projections.kernel.explaining import WHOLE, Makers
from projections.kernel.generations import Generation, State
from projections.kernel.status import GenerationStatus, Status

LONGEST = 60
"""The longest value that is shown of a field, in characters."""


def status_json(status: Status) -> str:
    """A status as one line of JSON, its names as GraphQL has them."""
    return orjson.dumps(_camel(asdict(status))).decode()


def status_table(status: Status) -> Table:
    """A line for each generation."""
    table = Table(caption=f"log: {status.head:,} events, {status.at:%Y-%m-%d %H:%M:%S} UTC", caption_justify="left")
    for name in ("read model", "generation", "state", "worked on"):
        table.add_column(name)
    for name in ("position", "behind", "oldest pending", "events/s", "dead letters"):
        table.add_column(name, justify="right")
    table.add_column("to look at", overflow="fold")
    for one in status.generations:
        table.add_row(
            one.projection,
            f"{one.version.partition('.')[2]}.g{one.generation}",
            state_text(one, status.head),
            "yes" if one.worked_on else "no",
            f"{one.position:,}",
            f"{one.behind:,}",
            "" if one.oldest_pending is None else duration(one.oldest_pending),
            "" if one.rate is None else f"{one.rate:,.0f}",
            str(one.dead_letters or ""),
            escape("; ".join([*one.problems, *([one.failure] if one.failure else [])])),
            style="red" if one.problems else "" if one.state is State.SERVED else "dim",
        )
    for name in status.unserved:
        table.add_row(name, "", "not served yet", *[""] * 6, "a projector builds it: `oneread project`", style="yellow")
    return table


def state_text(one: GenerationStatus, head: int) -> str:
    """What a generation is, and of one that is being built how far it is."""
    if one.state is not State.BUILDING:
        return one.state.name.lower()
    done = f"building, {one.position / head:.0%}" if head else "building"
    if not one.rate or not one.behind:
        return done
    return f"{done}, {duration(one.behind / one.rate)} left"


def letters_table(letters: Sequence[tuple[Generation, DeadLetter]]) -> Table:
    """A line for each dead letter."""
    table = Table()
    for name in ("read model", "document", "parked at event", "error", "since (UTC)", "tries", "asked for"):
        table.add_column(name, overflow="fold")
    for generation, letter in letters:
        table.add_row(
            f"{generation.projection.name} g{generation.number}",
            escape(letter.key),
            f"{letter.position:,} {letter.event}",
            escape(letter.error),
            f"{letter.parked_at:%Y-%m-%d %H:%M:%S}",
            str(letter.attempts),
            "" if letter.asked is None else letter.asked.value.lower(),
        )
    return table


def letter_lines(generation: Generation, letter: DeadLetter, *, served: bool) -> list[str]:
    """All that is known of a dead letter, and what can be done."""
    name = generation.projection.name
    lines = [
        f"{letter.key} of {name}, in its generation {generation.id}{'' if served else ', which is not served'}",
        f"  lacks everything from event {letter.position:,} ({letter.event}) on",
        f"  {letter.error}" + (f", at {letter.place}" if letter.place else ""),
        f"  parked {letter.parked_at:%Y-%m-%d %H:%M:%S} UTC, {letter.attempts} tries"
        + ("" if letter.tried_at is None else f", the last {letter.tried_at:%Y-%m-%d %H:%M:%S} UTC"),
    ]
    if letter.asked is not None:
        lines.append(f"  asked for: {letter.asked.value.lower()}; its projector has not done it yet")
    elif served:
        lines.append(f"  once the cause is mended and deployed: `oneread dead-letters retry {letter.key}`")
        lines.append(
            f"  to do without that event for good: `oneread dead-letters discard {letter.key} --event {letter.position}`"
        )
    else:
        lines.append(f"  `oneread rebuild {name}` makes the generation anew, once the cause is mended")
    return lines


def differences_table(name: str, explained: Sequence[tuple[Difference, Makers]]) -> Table:
    """A line for each field that differs, with the event that should have made it."""
    table = Table(title=name, title_justify="left")
    for column in ("document", "field", "stored", "expected", "made by event", "of (UTC)"):
        table.add_column(column, overflow="fold")
    for difference, makers in explained:
        for path, stored, expected in _lines(difference):
            maker = makers.get(path)
            table.add_row(
                escape(difference.key),
                path or "the whole document",
                escape(stored),
                escape(expected),
                "" if maker is None else f"{maker.position:,} {maker.event}",
                "" if maker is None else f"{maker.occurred_at:%Y-%m-%d %H:%M:%S}",
            )
    return table


def duration(seconds: float) -> str:
    """A span of time for people, to its two greatest units at most."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def _lines(difference: Difference) -> list[tuple[str, str, str]]:
    """Path, stored and expected value, as texts."""
    match difference.kind:
        case Kind.MISSING:
            return [(WHOLE, "missing", "there")]
        case Kind.EXTRA:
            return [(WHOLE, "there", "none")]
        case Kind.DIFFERENT:
            return [(one.path, _value(one.stored), _value(one.expected)) for one in difference.fields]


def _value(value: object) -> str:
    text = "absent" if value is ABSENT else orjson.dumps(value, default=str).decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _camel(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {to_camel(name): _camel(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_camel(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value
