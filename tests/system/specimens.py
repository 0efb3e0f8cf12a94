"""Documents of any read model, made from its field types: so many that MongoDB has plans to choose from."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from projections.kernel.documents import FieldType, field_types
from projections.kernel.projection import AnyProjection
from projections.kernel.scenario import POSITIONS
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogPosition, Position

WORDS = ("teapot", "kettle", "saucer", "spoon", "samovar", "Tea cosy", "Bowl")
FEW = 40
"""So many values each field has, so that a condition on it is met by several documents, and by far not by all."""


def specimens(projection: AnyProjection, count: int) -> list[Stored]:
    """So many stored documents, the same ones each time."""
    chance = Random(count)
    made = [_instance(chance, projection.document) for _ in range(count)]
    return [{**projection.shape.encode(one), **_own_id(projection, number)} for number, one in enumerate(made)]


def _own_id(projection: AnyProjection, number: int) -> Stored:
    forms = f"{number:032x}", f"{date.fromordinal(738_000 + number)}_EUR"
    rest = next(form for form in forms if projection.id_type.pattern.fullmatch(form))
    own = f"{projection.id_type.prefix}_{rest}"
    return {"_id": own, "id": own}


def _instance(chance: Random, cls: type[Any]) -> Any:
    return cls(**{name: _value(chance, found) for name, found in field_types(cls).items()})


def _value(chance: Random, found: FieldType) -> Any:
    if found.optional and chance.random() < 0.3:
        return None
    if found.many:
        return tuple(_one(chance, found) for _ in range(chance.randrange(4)))
    return _one(chance, found)


def _one(chance: Random, found: FieldType) -> Any:
    number = chance.randrange(FEW)
    if found.is_part:
        return _instance(chance, found.base)
    if found.is_enum:
        return chance.choice(list(found.base))
    if found.is_id:
        return found.base(f"{found.base.prefix}_{number:032x}")
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
    made: dict[Any, Any] = {
        str: f"{WORDS[number % len(WORDS)]} {number}",
        int: number,
        bool: number % 2 == 0,
        Decimal: Decimal(number),
        datetime: at,
        date: at.date(),
        Position: POSITIONS.token(LogPosition(number)),
    }
    return made[found.base]
