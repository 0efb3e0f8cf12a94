"""`replace` for documents and parts: what `dataclasses.replace` does, in a fifth of the time. Folds do little else.

A frozen class sets each field through a call. So a copy is made as an instance of a twin, a class with the same slots that
is not frozen, and becomes one of the class itself when all its fields are set.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import replace as replace  # type checkers know which fields it takes
else:

    def replace(document: Any, /, **changes: Any) -> Any:
        """A copy with other values in some fields. Raises `AttributeError` for a field that the class has not."""
        return _copier(type(document))(document, changes)


@cache
def _copier(cls: type[Any]) -> Callable[[Any, dict[str, Any]], Any]:
    """What copies an instance of a frozen dataclass with slots, with changes."""
    thawed = {"__slots__": cls.__dict__["__slots__"], "__setattr__": object.__setattr__}
    lines = ["def copied(document, changes):", "    copy = new(twin)"]
    lines += [f"    copy.{field.name} = document.{field.name}" for field in fields(cls)]
    lines += ["    for name, value in changes.items():", "        setattr(copy, name, value)"]
    lines += ["    copy.__class__ = cls", "    return copy"]
    made: dict[str, Any] = {"new": object.__new__, "twin": type(cls.__name__, cls.__bases__, thawed), "cls": cls}
    exec(compile("\n".join(lines), f"<copy {cls.__name__}>", "exec"), made)  # noqa: S102 (of names of fields only)
    copier: Callable[[Any, dict[str, Any]], Any] = made["copied"]
    return copier
