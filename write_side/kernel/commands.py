"""Commands: the input, the streams it depends on, and its decision, in one class.

    class RenameProduct(Command, target=PRODUCT):
        '''Give a product another name.'''            # becomes the mutation's description

        product_id: ProductId                         # the target's key: `<name of the key's class, less Id>_id`
        name: Name

        def decide(self, loaded: Loaded) -> Events:
            product = existing(loaded, PRODUCT.of(self.product_id), "productId")
            return [] if product.name == self.name else [(self.target, ProductRenamed(name=self.name))]

A command whose class says `starts=PRODUCT` begins a stream: its target's key is the optional input field `id`, made by the
bus when the client gives none, before the command decides. From the class alone come the mutation, its input type, its
payload, their validation and their documentation.

A decision is pure: no I/O, no clock, no new ids. It returns the events with the streams they go to, in order, or raises
a `Refusal`. An empty list means that the command is accepted and changes nothing.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from typing_extensions import Doc

from write_side.kernel.events import Event
from write_side.kernel.ids import CommandId, Id
from write_side.kernel.streams import Loaded, Stream, StreamKind

Events = Sequence[tuple[Stream[Any], Event]]
"""What a decision returns: events and the streams they are appended to, in order."""


class Input(BaseModel):
    """Base of what a client sends: immutable, camel-case names, nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Command(Input):
    """Base of all commands. `target_kind` is the kind of the stream whose version is answered and may be expected."""

    command_id: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")] | None,
        Doc("Idempotency key, one for the whole shop, for ever. Made by the server when absent."),
    ] = None
    expected_version: Annotated[
        Annotated[int, Field(ge=0)] | None,
        Doc("Refuse with VERSION_CONFLICT unless the target stream is at this version."),
    ] = None

    target_kind: ClassVar[StreamKind[Any]]
    starts_stream: ClassVar[bool]
    target_field: ClassVar[str]

    def __init_subclass__(
        cls, *, target: StreamKind[Any] | None = None, starts: StreamKind[Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if (kind := starts or target) is None:
            raise TypeError(f"{cls.__name__} names neither the stream that it starts nor its target")
        cls.target_kind = kind
        cls.starts_stream = starts is not None
        cls.target_field = "id" if cls.starts_stream else f"{_snake(kind.key.__name__.removesuffix('Id'))}_id"

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if cls.target_field not in cls.model_fields:
            raise TypeError(f"{cls.__name__} has no field {cls.target_field}, the key of its target")

    @property
    def key(self) -> Id:
        """The key of the target stream. Set once `with_id` has run on a command that starts a stream."""
        key = getattr(self, self.target_field)
        if not isinstance(key, Id):
            raise TypeError("the command's id has not been made yet")
        return key

    @property
    def target(self) -> Stream[Any]:
        """The stream whose version is answered, and which `expected_version` is about."""
        return self.target_kind.of(self.key)

    def with_id(self) -> Self:
        """The command with the id of the stream that it starts, made now when the client gave none."""
        if not self.starts_stream or getattr(self, "id", None) is not None:
            return self
        return self.model_copy(update={"id": self.target_kind.key.new()})

    def digest(self) -> bytes:
        """SHA-256 of the command's name and the client's validated input, the command id left out. 32 bytes."""
        content = self.model_dump_json(exclude={"command_id"}, exclude_defaults=True, by_alias=True)
        return hashlib.sha256(f"{type(self).__name__}:{content}".encode()).digest()

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        """The streams that the decision reads beside its target, as far as `loaded` lets them be known.

        Asked before anything is loaded, and again after each load until nothing new is named: what is not here yet is
        asked for by `get`. All of them are checked at the append.
        """
        return ()

    def decide(self, loaded: Loaded) -> Events:
        """The events that the command causes. Raises `Refusal`."""
        raise NotImplementedError(f"{type(self).__name__} has no decision")


def bound_id(command: Command) -> CommandId | None:
    """The command id that the client gave, if it gave one."""
    return None if command.command_id is None else CommandId(command.command_id)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
