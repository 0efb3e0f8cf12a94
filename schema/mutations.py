"""The mutations: one per command class, from the input that a client sends to the payload that it reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from graphql import GraphQLError
from pydantic import ValidationError
from strawberry.types.field import StrawberryField

from projections.kernel.fields import fields_of
from projections.kernel.projection import AnyProjection, Key
from schema.arguments import Given
from schema.demands import Demand
from schema.inputs import InputTypes
from schema.names import described, lower_first
from schema.payloads import PayloadTypes, document_field, invalid, payload_name, refused
from schema.ports import RequestContext
from schema.reading import DocumentRead
from schema.roots import Asked, Read, root
from schema.types import argument
from write_side.kernel.commands import Command
from write_side.kernel.ids import new_command_id
from write_side.kernel.outcomes import Accepted, Refused

LONGEST_COMMAND_ID = 200
"""Characters of a command id that are repeated to the client: no valid one is longer."""


class Mutations:
    """Makes the fields of `Mutation`. A payload's document is the one whose ids have the prefix of the target's key."""

    def __init__(self, projections: Sequence[AnyProjection], inputs: InputTypes, payloads: PayloadTypes) -> None:
        self._documents = {projection.id_type.prefix: projection for projection in projections}
        self._inputs = inputs
        self._payloads = payloads

    def field(self, command: type[Command]) -> StrawberryField:
        """The mutation of a command."""
        document = self._documents.get(command.target_kind.key.prefix)

        def prepare(asked: Asked) -> Read:
            wanted = asked.wanted(payload_name(command))
            written = None
            if document is not None and (name := document_field(document)) in wanted:
                written = DocumentRead(asked.name, document, fields_of(document.document, wanted[name]))

            async def read(context: RequestContext, given: Given) -> Any:
                # Before the command: what cannot be read as the request demands is better not done at all.
                back = None if written is None else ReadBack(written, Demand.of_command(context))
                return await execute(context, command, given["input"], back)

            return read

        return root(
            lower_first(command.__name__),
            self._payloads.of(command, document),
            [argument("input", self._inputs.of(command))],
            prepare,
            described(command),
        )

    def fields(self, commands: Sequence[type[Command]]) -> Iterator[StrawberryField]:
        """The mutations of all commands."""
        return (self.field(command) for command in commands)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The read of a payload's document, and what the request demands of it beside being as fresh as the command."""

    read: DocumentRead
    demand: Demand

    async def document(self, context: RequestContext, outcome: Accepted) -> Any:
        """The document, or the error that takes its place: the command is accepted, and its client must hear that."""
        try:
            return await self.read.find(context, Key(outcome.key), self.demand.after(outcome.position))
        except Exception as error:  # whatever it is: that the command took effect must be said
            return GraphQLError(str(error), original_error=error)


async def execute(
    context: RequestContext, command: type[Command], given: dict[str, Any], back: ReadBack | None
) -> dict[str, Any]:
    """The payload of a command, with the document if it is wanted. Raises as `Commands.execute` does."""
    content = without_nulls(given)
    if "commandId" not in content and (command_id := next(context.command_ids, None)) is not None:
        content["commandId"] = command_id
    try:
        valid = command.model_validate(content)
    except ValidationError as error:
        named = content.get("commandId")
        return refused(new_command_id() if named is None else str(named)[:LONGEST_COMMAND_ID], invalid(error))
    outcome = await context.services.commands.execute(valid, context.caller)
    match outcome:
        case Refused():
            return refused(outcome.command_id, outcome.refusals)
        case Accepted():
            return await _accepted(context, outcome, back)
        case _:
            assert_never(outcome)


async def _accepted(context: RequestContext, outcome: Accepted, back: ReadBack | None) -> dict[str, Any]:
    position = context.services.log.positions.token(outcome.position)
    context.appended.append(position)
    payload: dict[str, Any] = {
        "commandId": outcome.command_id,
        "version": outcome.version,
        "position": position,
        "userErrors": [],
    }
    if back is not None:
        payload[document_field(back.read.projection)] = await back.document(context, outcome)
    return payload


def without_nulls(given: Any) -> Any:
    """A client's input without what is null: an explicit null for an optional field means its default."""
    if isinstance(given, dict):
        return {name: without_nulls(value) for name, value in given.items() if value is not None}
    return [without_nulls(item) for item in given] if isinstance(given, list) else given
