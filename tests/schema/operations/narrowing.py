"""What a store sends of a document when only some fields are asked for: no more than it must."""

from typing import Any

from projections.kernel.fields import EVERYTHING, Fields
from projections.kernel.shapes import Stored


def narrowed(stored: Stored, fields: Fields) -> Stored:
    """The part of a document that `fields` name, and its `_id`. An object that is null, and wanted in part, is left out."""
    if fields == EVERYTHING:
        return stored
    return {name: _part(value, below) for name, value, below in _wanted(stored, fields | {"_id"})}


def _wanted(holder: dict[str, Any], fields: Fields) -> list[tuple[str, Any, Fields]]:
    found = []
    for name, value in holder.items():
        below = frozenset(path.removeprefix(name)[1:] for path in fields if path == name or path.startswith(f"{name}."))
        if below and (value is not None or "" in below):
            found.append((name, value, below))
    return found


def _part(value: Any, below: Fields) -> Any:
    if "" in below:
        return value
    if isinstance(value, list):
        return [_part(item, below) for item in value]
    if isinstance(value, dict):
        return {name: _part(item, further) for name, item, further in _wanted(value, below)}
    return value
