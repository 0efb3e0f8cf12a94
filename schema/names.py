"""Names and descriptions, taken from classes."""

import inspect
from typing import Any


def lower_first(name: str) -> str:
    """`OrderHistory` as a field's name: `orderHistory`."""
    return name[:1].lower() + name[1:]


def described(cls: type[Any]) -> str | None:
    """A class's own docstring. None for a class without one, also where `dataclass` made one up."""
    text = cls.__dict__.get("__doc__")
    if not text or text.startswith(f"{cls.__name__}("):
        return None
    return inspect.cleandoc(text)


def documented(metadata: list[Any] | tuple[Any, ...]) -> str | None:
    """What a `Doc` among an annotation's metadata says."""
    return next((item.documentation for item in metadata if hasattr(item, "documentation")), None)
