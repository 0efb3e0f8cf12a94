"""Snapshots: states saved every so many events, so that a long stream loads as fast as a short one.

A snapshot belongs to the code that made it: the digest covers the modules of the stream kind's `evolve` and events, what
these import of their package outside of the kernel, the upcasters of these events, and the state's shape. Code that differs
folds from the beginning. Nothing rests on a snapshot: it may be lost, or never come to be.
"""

import ast
import asyncio
import hashlib
import inspect
import logging
import sys
from collections.abc import Iterator
from functools import cached_property
from importlib.util import resolve_name
from types import ModuleType
from typing import Any, Generic, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from write_side.kernel.append import EventLog, Head, Snapshot
from write_side.kernel.codec import upcasters_of
from write_side.kernel.errors import LogUnavailable, OnereadError
from write_side.kernel.events import StreamName
from write_side.kernel.streams import Stream, StreamKind

S = TypeVar("S")
EVERY = 100
"""Events between two snapshots of a stream."""

_KERNEL = __name__.rpartition(".")[0]
_log = logging.getLogger(__name__)


class UnsoundSnapshot(OnereadError):
    """A snapshot holds no state, though its digest is that of the code here."""


class Form(Generic[S]):
    """How the states of one kind of stream are saved: as JSON, after the type that `evolve` returns."""

    def __init__(self, kind: StreamKind[S]) -> None:
        self._kind = kind

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change with what makes the states."""
        made_by = [inspect.getsource(module) for module in _modules(self._kind)]
        made_by += [inspect.getsource(upcaster) for event in self._kind.events for upcaster in upcasters_of(event)]
        made_by.append(repr(self._adapter.json_schema(mode="serialization")))
        return hashlib.sha256("\0".join(made_by).encode()).hexdigest()[:16]

    @cached_property
    def _adapter(self) -> TypeAdapter[S]:
        return TypeAdapter(get_type_hints(self._kind.evolve)["return"])

    def saved(self, state: S) -> str:
        """The state as JSON."""
        return self._adapter.dump_json(state).decode()

    def restored(self, saved: str) -> S:
        """The state that was saved. Raises pydantic's `ValidationError` for what is none."""
        return self._adapter.validate_json(saved)


class Snapshots:
    """Saves states beside what else goes on: whoever moves a stream on does not wait for it."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._forms: dict[StreamKind[Any], Form[Any]] = {}
        self._unsaved: dict[StreamName, tuple[Stream[Any], Head, Any]] = {}
        self._forgone: set[StreamKind[Any]] = set()
        self._saving: asyncio.Task[None] | None = None

    def digest(self, kind: StreamKind[Any]) -> str:
        """The digest of what makes the states of a kind here; that of no snapshot, once there was an unsound one."""
        return "" if kind in self._forgone else self._form(kind).digest

    def restored(self, kind: StreamKind[S], snapshot: Snapshot) -> S:
        """The state in a snapshot that was made by the same code.

        Raises `UnsoundSnapshot`. From then on there are no snapshots of this kind: streams are folded from the beginning.
        """
        try:
            state: S = self._form(kind).restored(snapshot.state)
        except ValidationError as error:
            _log.exception("a snapshot of %s cannot be read: there are none of its kind any more", snapshot.stream)
            self._forgone.add(kind)
            raise UnsoundSnapshot(snapshot.stream) from error
        return state

    def save(self, stream: Stream[S], head: Head, state: S) -> None:
        """Has a state saved that is in the log. Only the last one of a stream that waits for it is."""
        if stream.kind in self._forgone:
            return
        self._unsaved[stream.name] = stream, head, state
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save())

    async def _save(self) -> None:
        while self._unsaved:
            unsaved, self._unsaved = self._unsaved, {}
            snapshots = [
                Snapshot(name, self.digest(stream.kind), head, self._form(stream.kind).saved(state))
                for name, (stream, head, state) in unsaved.items()
            ]
            try:
                await self._log.save(snapshots)
            except LogUnavailable:
                _log.info("snapshots were not saved: the log does not answer", extra={"snapshots": len(snapshots)})

    def _form(self, kind: StreamKind[S]) -> Form[S]:
        return self._forms.setdefault(kind, Form(kind))


def _modules(kind: StreamKind[Any]) -> Iterator[ModuleType]:
    """The modules of a kind's code, in the order of names: its own, and those of its package that they import."""
    package = kind.evolve.__module__.partition(".")[0]
    names = {kind.evolve.__module__, *(event.__module__ for event in kind.events)}
    found: set[str] = set()
    while names:
        found |= names
        imported = {name for each in names for name in _imported(sys.modules[each])}
        names = {name for name in imported - found if name.partition(".")[0] == package and not name.startswith(_KERNEL)}
    return (sys.modules[name] for name in sorted(found))


def _imported(module: ModuleType) -> Iterator[str]:
    """The modules that a module's source names in its imports, of what has been imported."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), module.__package__)
            names = [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
        yield from (name for name in names if name in sys.modules)
