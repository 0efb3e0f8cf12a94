"""Status: how the read models' generations stand, as the root field `projections` answers it."""

from datetime import datetime
from typing import Any

from strawberry.types.field import StrawberryField

from projections.kernel.generations import State
from projections.kernel.status import GenerationStatus
from projections.kernel.texts import datetime_text
from schema.arguments import Given
from schema.ports import RequestContext
from schema.roots import Asked, Read, root
from schema.types import GraphQLType, enum_type, list_of, new_type, nullable, plain
from write_side.kernel.positions import Position, Positions

_STATES = {
    "SERVED": "Reads are answered from it.",
    "BUILDING": "It is being made, and is served once it is done.",
    "FORMER": "It was served before the one that is, and can be again.",
    "OTHER_LOG": "It was made for another log than this one.",
    "LEFT": "Nobody needs it any more.",
}


def statuses() -> StrawberryField:
    """The field of `Query`."""
    return root("projections", list_of(_status_type()), [], _prepare, "How every generation of every read model stands.")


def _prepare(_: Asked) -> Read:
    async def read(context: RequestContext, _: Given) -> Any:
        found = await context.services.statuses.look()
        return [_value(one, context.services.log.positions) for one in found.generations]

    return read


def _status_type() -> GraphQLType:
    state = enum_type(State, _STATES, "ProjectionState")
    return new_type(
        "ProjectionStatus",
        [
            plain("name", str, "Of the read model."),
            plain("version", str, "Of the read model: as declared, and a digest of its documents' shape."),
            plain("generation", int, "Counts the fillings of this version, from 1."),
            plain("state", state),
            plain("position", Position, "Everything up to it has been projected."),
            plain("behind", int, "How many events of the log are past it."),
            plain("oldestPendingSeconds", nullable(float), "The age of the first of these; null when there are none."),
            plain("eventsPerSecond", nullable(float), "As projected lately; null when that is not known."),
            plain("movedAt", nullable(datetime), "When its position last moved."),
            plain("deadLetters", int, "How many documents are parked, because an event could not be folded into them."),
            plain("workedOn", bool, "Whether a projector works on it."),
            plain("failure", nullable(str), "What keeps that projector, or kept the last one."),
            plain("problems", list_of(str), "What else an operator should look at. Only what is served has problems."),
        ],
        "One generation of a read model: a filling of its collection.",
    )


def _value(status: GenerationStatus, positions: Positions) -> dict[str, Any]:
    return {
        "name": status.projection,
        "version": status.version,
        "generation": status.generation,
        "state": status.state.name,
        "position": positions.token(status.position),
        "behind": status.behind,
        "oldestPendingSeconds": status.oldest_pending,
        "eventsPerSecond": status.rate,
        "movedAt": None if status.moved_at is None else datetime_text(status.moved_at),
        "deadLetters": status.dead_letters,
        "workedOn": status.worked_on,
        "failure": status.failure,
        "problems": list(status.problems),
    }
