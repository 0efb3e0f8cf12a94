"""A domain: the stream kinds, commands and reactions that the areas of a package declare, found by importing them.

Adding a command is therefore one class in one area: nothing else lists it.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from write_side.kernel.codec import Codec
from write_side.kernel.commands import Command
from write_side.kernel.reactions import Reaction
from write_side.kernel.streams import StreamKind


@dataclass(frozen=True, slots=True)
class Domain:
    """What one package of areas declares, in the order of names."""

    commands: tuple[type[Command], ...]
    kinds: tuple[StreamKind[Any], ...]
    reactions: tuple[Reaction, ...] = ()

    def codec(self) -> Codec:
        """The codec of every event that the domain's streams hold."""
        return Codec(event for kind in self.kinds for event in kind.events)


def discover(package: ModuleType) -> Domain:
    """The domain that the modules of `package` declare: its `Command` classes, `StreamKind` and `Reaction` objects.

    Raises `ValueError` when two kinds, two commands or two reactions share a name.
    """
    commands: dict[str, type[Command]] = {}
    kinds: dict[str, StreamKind[Any]] = {}
    reactions: dict[str, Reaction] = {}
    for module in modules(package):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Command) and value is not Command:
                if commands.setdefault(value.__name__, value) is not value:
                    raise ValueError(f"two commands are named {value.__name__}")
            elif isinstance(value, StreamKind) and kinds.setdefault(value.name, value) is not value:
                raise ValueError(f"two stream kinds are named {value.name}")
            elif isinstance(value, Reaction) and reactions.setdefault(value.name, value) is not value:
                raise ValueError(f"two reactions are named {value.name}")
    return Domain(
        tuple(commands[name] for name in sorted(commands)),
        tuple(kinds[name] for name in sorted(kinds)),
        tuple(reactions[name] for name in sorted(reactions)),
    )


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """Imports and yields every module below `package`."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)
