"""Payloads: what a mutation answers, and the errors of a command as its client reads them."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import strawberry
from pydantic import ValidationError

from projections.kernel.projection import AnyProjection
from schema.names import described, lower_first
from schema.objects import ObjectTypes
from schema.types import GraphQLType, enum_type, list_of, new_type, nullable, plain
from write_side.kernel.commands import Command
from write_side.kernel.ids import CommandId
from write_side.kernel.positions import Position
from write_side.kernel.refusals import InvalidInput, Refusal

MOST_ERRORS = 20
"""Errors that one refused command answers."""

LONGEST_MESSAGE = 300


class PayloadTypes:
    """The payload of each command. `commands` say, by where they live, which refusals there are."""

    def __init__(self, objects: ObjectTypes, commands: Sequence[type[Command]]) -> None:
        self._objects = objects
        descriptions = {refusal.code: described(refusal) for refusal in _refusals(commands)}
        codes = Enum("UserErrorCode", {code: code for code in descriptions})  # type: ignore[misc]  # members are data
        codes.__doc__ = "Why a command is refused."
        self._user_error = new_type(
            "UserError",
            [
                plain("code", enum_type(codes, descriptions)),
                plain("message", str, "For people. Programs go by the code."),
                plain(
                    "path",
                    nullable(list_of(str)),
                    'Path into the input, where one part of it is to blame: ["items", "0", "quantity"].',
                ),
            ],
            "One reason why a command was refused.",
        )

    def of(self, command: type[Command], document: AnyProjection | None) -> GraphQLType:
        """The payload of a command that answers `document`."""
        return new_type(
            payload_name(command),
            [
                plain("commandId", strawberry.ID, "The key given, or the one made."),
                plain("version", nullable(int), "The target stream's version after the command; null when refused."),
                plain("position", nullable(Position), "Place in the log of the command's last event; null when refused."),
                *([self._document(document)] if document is not None else []),
                plain("userErrors", list_of(self._user_error), "Why it was refused; empty when it was not."),
            ],
            f"What {command.__name__} answers.",
        )

    def _document(self, document: AnyProjection) -> Any:
        return plain(
            document_field(document),
            nullable(self._objects.of(document.document)),
            "At least as fresh as this command; null when refused.",
        )


def payload_name(command: type[Command]) -> str:
    """The name of a command's payload."""
    return f"{command.__name__}Payload"


def document_field(document: AnyProjection) -> str:
    """The name of the payload's field for a document."""
    return lower_first(document.spec.name)


def refused(command_id: CommandId | str, refusals: Iterable[Refusal]) -> dict[str, Any]:
    """The payload of a command that was refused."""
    errors = [
        {"code": refusal.code, "message": refusal.message, "path": None if refusal.path is None else list(refusal.path)}
        for refusal in refusals
    ]
    return {"commandId": command_id, "version": None, "position": None, "userErrors": errors}


def invalid(error: ValidationError) -> list[Refusal]:
    """What the command's model found wrong with the input, part by part."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [_invalid(problem["msg"], tuple(str(part) for part in problem["loc"])) for problem in found[:MOST_ERRORS]]


def _invalid(problem: str, path: tuple[str, ...]) -> InvalidInput:
    message = f"{'.'.join(path)}: {problem}" if path else problem
    return InvalidInput(message[:LONGEST_MESSAGE], *path)


def _refusals(commands: Sequence[type[Command]]) -> list[type[Refusal]]:
    """The refusals of the kernel and of the packages that the commands live in, by code."""
    packages = {command.__module__.partition(".")[0] for command in commands}
    found: dict[str, type[Refusal]] = {}
    waiting = list(Refusal.__subclasses__())
    while waiting:
        cls = waiting.pop()
        waiting.extend(cls.__subclasses__())
        if cls.__module__ == Refusal.__module__ or cls.__module__.partition(".")[0] in packages:
            found.setdefault(cls.code, cls)
    return [found[code] for code in sorted(found)]
