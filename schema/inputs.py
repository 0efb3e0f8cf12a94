"""Input types from command classes, and a command from what a client sent."""

import enum
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Optional, Union, get_args, get_origin, get_type_hints

import strawberry
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from schema.objects import Objects, list_of
from write_side.kernel.commands import Command, Input
from write_side.kernel.ids import Id
from write_side.kernel.refusals import InvalidInput

MOST_PROBLEMS = 20
"""So many problems of one input are named at the most."""


class Inputs:
    """The input types of a schema, each made once."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._made: dict[type[Input], Any] = {}

    def of(self, cls: type[Input]) -> Any:
        """The input type of a command class, or of an input nested in one."""
        if cls not in self._made:
            name = f"{cls.__name__}Input" if issubclass(cls, Command) else cls.__name__
            namespace: dict[str, Any] = {"__annotations__": {}}
            fields = sorted(cls.model_fields.items(), key=lambda item: item[0] in Command.model_fields)
            for field_name, field in fields:
                public, hint = to_camel(field_name), _hint(cls, field_name)
                namespace["__annotations__"][public] = self._annotation(hint, field_name)
                required = field.is_required()
                namespace[public] = strawberry.field(
                    name=public,
                    description=_description(hint),
                    **({} if required else {"default": strawberry.UNSET}),
                )
            self._made[cls] = strawberry.input(type(name, (), namespace), name=name, description=_about(cls))
        return self._made[cls]

    def _annotation(self, hint: Any, name: str) -> Any:
        origin, args = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return self._annotation(args[0], name)
        if origin in (Union, UnionType):
            [inner] = [arg for arg in args if arg is not NoneType]
            return Optional[self._annotation(inner, name)]  # noqa: UP045
        if origin is tuple:
            return list_of(self._annotation(args[0], name))
        if isinstance(hint, type) and issubclass(hint, Input):
            return self.of(hint)
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return self._objects.enum(hint)
        if name == "command_id" or (isinstance(hint, type) and issubclass(hint, Id)):
            return strawberry.ID
        return hint


def command_of(cls: type[Command], given: Mapping[str, Any]) -> Command | list[InvalidInput]:
    """The command that a client's input makes, or what is wrong with it, each with its path."""
    try:
        return cls.model_validate(_plain(given))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        return [
            InvalidInput(problem["msg"][:500], *(str(part) for part in problem["loc"]))
            for problem in problems[:MOST_PROBLEMS]
        ]


def _plain(value: Any) -> Any:
    """Coerced values as pydantic reads them: enums by their values."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _hint(cls: type[Input], name: str) -> Any:
    return get_type_hints(cls, include_extras=True)[name]


def _description(hint: Any) -> str | None:
    if get_origin(hint) is not Annotated:
        return None
    return next((one.documentation for one in get_args(hint)[1:] if hasattr(one, "documentation")), None)


def _about(cls: type[Input]) -> str | None:
    return " ".join(cls.__doc__.split()) if cls.__doc__ and not issubclass(cls, Command) else None
