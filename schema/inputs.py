"""Input types from pydantic models: commands and the inputs that they nest, nullable exactly where these are optional."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import strawberry
from pydantic.fields import FieldInfo

from schema.names import described, documented
from schema.objects import ObjectTypes
from schema.types import GraphQLType, list_of, new_type, nullable, plain
from write_side.kernel.commands import Command, Input
from write_side.kernel.ids import Id

_PLAIN = (str, int, bool, float, Decimal, datetime, date)


@dataclass(frozen=True, slots=True)
class _Annotation:
    """A field's annotation taken apart: `base` inside of `many` and `optional`, and what it says of itself."""

    base: Any
    optional: bool
    many: bool
    description: str | None


class InputTypes:
    """The input types of commands and of what they nest: one type per class."""

    def __init__(self, objects: ObjectTypes) -> None:
        self._objects = objects
        self._made: dict[type[Input], GraphQLType] = {}

    def of(self, cls: type[Input]) -> GraphQLType:
        """The input type of a command, named after it, or of a nested input. Raises `TypeError` for a field that cannot."""
        if cls not in self._made:
            is_command = issubclass(cls, Command)
            own = list(cls.model_fields.items())
            # What all commands have comes last: the contract reads from what differs to what does not.
            own.sort(key=lambda item: is_command and item[0] in Command.model_fields)
            self._made[cls] = new_type(
                f"{cls.__name__}Input" if is_command else cls.__name__,
                [self._field(cls, name, field) for name, field in own],
                f"Input of {cls.__name__}." if is_command else described(cls),
                kind="input",
            )
        return self._made[cls]

    def _field(self, cls: type[Input], name: str, field: FieldInfo) -> Any:
        found = _taken_apart(field.annotation)
        is_command_id = issubclass(cls, Command) and name == "command_id"
        type_ = strawberry.ID if is_command_id else self._one(found.base)
        if type_ is None:
            raise TypeError(f"{cls.__name__}.{name} is of {found.base}, which has no input type")
        if found.many:
            type_ = list_of(type_)
        if found.optional or not field.is_required():
            type_ = nullable(type_)
        return plain(field.alias or name, type_, documented(field.metadata) or found.description)

    def _one(self, base: Any) -> GraphQLType | None:
        if not isinstance(base, type):
            return None
        if issubclass(base, Input):
            return self.of(base)
        if issubclass(base, Enum):
            return self._objects.enum(base)
        if issubclass(base, Id):
            return strawberry.ID
        return base if base in _PLAIN else None


def _taken_apart(hint: Any) -> _Annotation:
    optional = many = False
    description: str | None = None
    while True:
        origin, args = get_origin(hint), get_args(hint)
        if origin is Annotated:
            description = description or documented(args[1:])
            hint = args[0]
        elif origin in (Union, UnionType):
            inner = [arg for arg in args if arg is not NoneType]
            if len(inner) != 1:
                return _Annotation(hint, optional, many, description)
            optional, hint = True, inner[0]
        elif origin in (tuple, list):
            many, hint = True, args[0]
        else:
            return _Annotation(hint, optional, many, description)
