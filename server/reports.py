"""Reports: what operators are shown of dead letters and of differences. Pure.

Keys are there to be copied: they are never broken.
"""

from collections.abc import Sequence
from typing import assert_never

import orjson
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from projections.kernel.dead_letters import DeadLetter, Remedy
from projections.kernel.differences import ABSENT, Difference, Kind
from projections.kernel.explaining import WHOLE, Maker, Makers
from projections.kernel.generations import Generation
from server.layouts import WIDE, blocks, empty_table

LONGEST = 60
"""The longest value that is shown of a field, in characters."""


def letters_report(letters: Sequence[tuple[Generation, DeadLetter]], width: int) -> RenderableType:
    """A line, or some, for each dead letter, within so many columns of text."""
    return _letters_table(letters) if width >= WIDE else blocks(_letter_block(*each) for each in letters)


def _letters_table(letters: Sequence[tuple[Generation, DeadLetter]]) -> Table:
    table = empty_table("read model", "document", "parked at event", "error", "since (UTC)", "tries", "asked for", whole=1)
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


def _letter_block(generation: Generation, letter: DeadLetter) -> list[str]:
    asked = "" if letter.asked is None else f", asked for: {letter.asked.value.lower()}"
    return [
        letter.key,
        f"{generation.projection.name} g{generation.number}, parked at event {letter.position:,} {letter.event}",
        letter.error,
        f"since {letter.parked_at:%Y-%m-%d %H:%M:%S} UTC, {letter.attempts} tries{asked}",
    ]


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
        discard = f"`oneread dead-letters discard {letter.key} --event {letter.position}`"
        lines.append(f"  to do without that event until it is rebuilt: {discard}")
    else:
        lines.append(f"  `oneread rebuild {name}` makes the generation anew, once the cause is mended")
    return lines


def outcome_text(letter: DeadLetter, remedy: Remedy) -> str:
    """What has become of a document that is parked no more."""
    match remedy:
        case Remedy.RETRY:
            return "is whole again"
        case Remedy.DISCARD:
            return f"does without event {letter.position:,} ({letter.event}) until it is rebuilt"
    assert_never(remedy)


def differences_report(name: str, explained: Sequence[tuple[Difference, Makers]], width: int) -> RenderableType:
    """Each field that differs, with the event that should have made it, within so many columns of text."""
    if width >= WIDE:
        return _differences_table(name, explained)
    return blocks([f"{one.key} of {name}", *_fields(one, makers)] for one, makers in explained)


def _differences_table(name: str, explained: Sequence[tuple[Difference, Makers]]) -> Table:
    table = empty_table("document", "field", "stored", "expected", "made by event", "of (UTC)", whole=0, title=name)
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


def _fields(difference: Difference, makers: Makers) -> list[str]:
    return [
        f"{path or 'the whole document'}: {stored}, expected {expected}{_made_by(makers, path)}"
        for path, stored, expected in _lines(difference)
    ]


def _made_by(makers: Makers, path: str) -> str:
    maker: Maker | None = makers.get(path)
    return "" if maker is None else f", by event {maker.position:,} {maker.event} of {maker.occurred_at:%Y-%m-%d %H:%M:%S}"


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
