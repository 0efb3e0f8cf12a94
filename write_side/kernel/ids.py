"""Ids: a prefix that names the type, an underscore, and 32 hexadecimal digits. The class of an id is its type.

class CustomerId(Id, prefix="cus"): ...

CustomerId.parse("cus_0190...")   validated, digits in lower case
CustomerId.new()                  a new one, from a UUID version 7: ids made later sort later
HistoryId.of(order_id)            derived: the same digits under another prefix
"""

import re
from typing import Any, ClassVar, NewType, Self
from uuid import UUID

import uuid_utils
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

CommandId = NewType("CommandId", str)
"""Idempotency key of a command, unique in the whole shop."""

EventId = NewType("EventId", UUID)
"""Id of one event, made before the append."""


class MalformedId(ValueError):
    """A text that has not the form of the id asked for. Carries `text` and the id class's `prefix`."""

    def __init__(self, text: str, prefix: str, shape: str) -> None:
        super().__init__(f"must be {prefix}_ and {shape}")
        self.text = text
        self.prefix = prefix


class Id(str):
    """Base of all ids. A subclass names its prefix and, where the rest is not 32 hexadecimal digits, its form."""

    prefix: ClassVar[str] = ""
    shape: ClassVar[str] = "32 hexadecimal digits"
    pattern: ClassVar[re.Pattern[str]] = re.compile(r"[0-9a-fA-F]{32}")
    __slots__ = ()

    def __init_subclass__(cls, *, prefix: str, form: str | None = None, shape: str | None = None) -> None:
        cls.prefix = prefix
        if form is not None:
            cls.pattern = re.compile(form)
            cls.shape = shape or form

    @classmethod
    def parse(cls, text: str) -> Self:
        """The id that `text` spells. Hexadecimal digits may come in either case and are kept in lower case.

        Raises `MalformedId`.
        """
        head, _, rest = text.partition("_")
        if head != cls.prefix or cls.pattern.fullmatch(rest) is None:
            raise MalformedId(text[:80], cls.prefix, cls.shape)
        return cls(f"{head}_{rest.lower()}" if cls.pattern is Id.pattern else text)

    @classmethod
    def new(cls) -> Self:
        """A fresh id from a UUID version 7."""
        return cls(f"{cls.prefix}_{uuid_utils.uuid7().hex}")

    @classmethod
    def of(cls, other: "Id") -> Self:
        """The id of this type with the same digits as `other`."""
        return cls(f"{cls.prefix}_{other.rest}")

    @property
    def rest(self) -> str:
        """What stands after the prefix."""
        return self.partition("_")[2]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(text: str) -> Id:
            try:
                return cls.parse(text)
            except MalformedId as error:
                raise PydanticCustomError("malformed_id", "{problem}", {"problem": str(error)}) from None

        parsed = core_schema.no_info_after_validator_function(validate, core_schema.str_schema())
        if cls.pattern is not Id.pattern:
            return parsed
        # All that the log holds, and most of what clients send, is as it is kept: that is seen without Python, and sooner.
        digits = core_schema.str_schema(pattern=rf"^{cls.prefix}_[0-9a-f]{{32}}$")
        as_kept = core_schema.no_info_after_validator_function(cls, digits)
        return core_schema.union_schema(
            [as_kept, parsed],
            mode="left_to_right",
            custom_error_type="malformed_id",
            custom_error_message=f"must be {cls.prefix}_ and {cls.shape}",
        )


def new_event_id() -> EventId:
    """A fresh event id: a UUID version 7."""
    return EventId(UUID(int=uuid_utils.uuid7().int))


def new_command_id() -> CommandId:
    """A fresh command id, for a client that gave none."""
    return CommandId(uuid_utils.uuid7().hex)
