"""The mutations: one per command class. Nobody writes one."""

from collections.abc import Iterable
from typing import Any, Optional

import strawberry
from graphql import GraphQLResolveInfo

from projections.kernel.projection import AnyProjection, Key
from schema.fields import RootField, declare
from schema.inputs import Inputs, command_of
from schema.objects import Objects, enum_of, list_of, public
from schema.ports import RequestContext
from schema.reads import fresh
from schema.selection import selects
from write_side.kernel.commands import Command
from write_side.kernel.errors import OnereadError
from write_side.kernel.ids import new_command_id
from write_side.kernel.outcomes import Accepted, Refused
from write_side.kernel.positions import Position
from write_side.kernel.refusals import Refusal


class Mutations:
    """Makes the mutation fields."""

    def __init__(self, objects: Objects, inputs: Inputs, projections: Iterable[AnyProjection]) -> None:
        self._objects = objects
        self._inputs = inputs
        self._by_prefix = {projection.id_type.prefix: projection for projection in projections}
        self._user_error = public(
            "UserError",
            {"code": _error_codes(), "message": str, "path": Optional[list[str]]},  # noqa: UP045
            "Why a command was refused.",
        )

    def fields(self, commands: Iterable[type[Command]]) -> dict[str, RootField]:
        """Every mutation by its name."""
        return {f"{cls.__name__[:1].lower()}{cls.__name__[1:]}": self._field(cls) for cls in commands}

    def _field(self, cls: type[Command]) -> RootField:
        projection = self._by_prefix[cls.target_kind.key.prefix]
        document = projection.spec.name[:1].lower() + projection.spec.name[1:]
        payload = public(
            f"{cls.__name__}Payload",
            {
                "commandId": strawberry.ID,
                "version": Optional[int],  # noqa: UP045
                "position": Optional[Position],  # noqa: UP045
                document: Optional[self._objects.document(projection)],  # noqa: UP045
                "userErrors": list_of(self._user_error),
            },
        )

        async def resolve(_: object, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
            context: RequestContext = info.context
            command = command_of(cls, given["input"])
            if isinstance(command, list):
                return _refused(given["input"].get("commandId") or new_command_id(), document, command)
            outcome = await context.services.commands.execute(command, context.caller)
            if isinstance(outcome, Refused):
                return _refused(outcome.command_id, document, outcome.refusals)
            position = context.services.log.positions.token(outcome.position)
            context.appended.append(position)
            return {
                "commandId": outcome.command_id,
                "version": outcome.version,
                "position": position,
                document: await _document(context, projection, outcome) if selects(info, document) else None,
                "userErrors": [],
            }

        about = " ".join((cls.__doc__ or "").split())
        return RootField(declare({"input": self._inputs.of(cls)}, payload, about), resolve)


async def _document(context: RequestContext, projection: AnyProjection, outcome: Accepted) -> Any:
    """The document, at least as fresh as the command. An error that it cannot be read is its value: the command is done."""
    try:
        await fresh(context, projection, outcome.position)
        key = Key(projection.id_type.of(outcome.key))
        return await context.services.documents.find(projection, key)
    except OnereadError as error:
        return error


def _refused(command_id: str, document: str, refusals: Iterable[Refusal]) -> dict[str, Any]:
    errors = [
        {"code": one.code, "message": one.message, "path": None if one.path is None else list(one.path)} for one in refusals
    ]
    return {"commandId": command_id, "version": None, "position": None, document: None, "userErrors": errors}


def _error_codes() -> Any:
    """Every code that a refusal may have: those of the kernel, and those that the areas add."""
    codes = sorted({refusal.code for refusal in _subclasses(Refusal)})
    return enum_of("UserErrorCode", codes)


def _subclasses(cls: type[Refusal]) -> Iterable[type[Refusal]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)
