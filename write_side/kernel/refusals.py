"""Refusals: why a command is not accepted. A decision raises one; the bus collects them; the edge makes text of them.

Refusal
├── InvalidInput          INVALID_INPUT          the input breaks a rule that needs no state
├── NotFound              NOT_FOUND              something that the command names does not exist
├── AlreadyExists         ALREADY_EXISTS         an id or a unique value is taken
├── VersionConflict       VERSION_CONFLICT       the target stream is not at the version the client expected
├── CommandIdReused       COMMAND_ID_REUSED      the command id is bound to another input
├── Forbidden             FORBIDDEN              the actor may not do this
└── ...                                          the areas add their own

class OrderEmpty(Refusal, code="ORDER_EMPTY"): ...
"""

from typing import ClassVar

from write_side.kernel.errors import OnereadError

Path = tuple[str, ...]
"""Path into the input as the client wrote it, in camel case: `("items", "0", "quantity")`."""


class Refusal(OnereadError):
    """A command is refused for a reason with a code. `path` points at the part of the input to blame, if one is."""

    code: ClassVar[str]
    path: Path | None

    def __init_subclass__(cls, *, code: str) -> None:
        cls.code = code

    def __init__(self, message: str, *path: str) -> None:
        super().__init__(message)
        self.message = message
        self.path = path or None


class InvalidInput(Refusal, code="INVALID_INPUT"):
    """The input breaks a rule that needs no state."""


class NotFound(Refusal, code="NOT_FOUND"):
    """Something that the command names does not exist."""


class AlreadyExists(Refusal, code="ALREADY_EXISTS"):
    """An id, or a value that is unique in the shop, is taken."""


class VersionConflict(Refusal, code="VERSION_CONFLICT"):
    """The target stream is not at the version that the client expected."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(f"expected version {expected}, but it is at version {actual}", "expectedVersion")
        self.expected = expected
        self.actual = actual


class CommandIdReused(Refusal, code="COMMAND_ID_REUSED"):
    """The command id is bound to another input."""

    def __init__(self) -> None:
        super().__init__("this command id was accepted before with another input", "commandId")


class Forbidden(Refusal, code="FORBIDDEN"):
    """The actor may not do this."""
