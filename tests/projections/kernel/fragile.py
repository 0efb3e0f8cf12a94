"""A read model that cannot fold what it is told it cannot: jars, what is put into them, and whose they are."""

from collections.abc import Container, Sequence
from dataclasses import replace
from typing import cast

from projections.kernel.conditions import Condition
from projections.kernel.documents import ASC, OrderBy, StreamDocument, document
from projections.kernel.projection import Key, Projection
from projections.kernel.scenario import OPENED, POSITIONS, Recorder, fold_all
from projections.kernel.shapes import Stored
from write_side.kernel.events import Event, Recorded
from write_side.kernel.ids import Id


class JarId(Id, prefix="jar"):
    """A jar."""


class OwnerId(Id, prefix="own"):
    """Whose it is."""


class JarMade(Event, name="jar-made"):
    owner: OwnerId


class JarFilled(Event, name="jar-filled"):
    with_what: str


class OwnerRenamed(Event, name="owner-renamed"):
    name: str


@document(many="jars", stream="jar", orders=(OrderBy("owner_name", ASC),), watch=("one", "many"))
class Jar(StreamDocument):
    """A jar, all that was put into it, and its owner's latest name."""

    id: JarId
    owner: OwnerId
    owner_name: str
    contents: tuple[str, ...]


class Cracked(Exception):
    """The fold cannot do it."""


def jars(
    poison: Container[tuple[str, int]] = (),
    spoilt: Container[tuple[str, int]] = (),
    unfit: Container[tuple[str, int]] = (),
    emptied: Container[tuple[str, int]] = (),
) -> Projection[Jar]:
    """The projection. It raises where the document and the event's position are in `poison`, looked at each time.

    Where they are in `spoilt` it fills into the jar what no database takes that has the validator, and where they are in
    `unfit` it leaves a jar that cannot even be encoded. Where they are in `emptied` it leaves an empty one.
    """
    projection = Projection(Jar, version=1)

    def suffer(jar: str, event: Recorded[Event]) -> None:
        if (jar, event.position) in poison:
            raise Cracked("with what a customer typed")

    @projection.starts(JarMade)
    def made(event: Recorded[JarMade]) -> Jar:
        suffer(event.key, event)
        return Jar(id=JarId(event.key), owner=event.event.owner, owner_name="?", contents=())

    @projection.on(JarFilled)
    def filled(jar: Jar, event: Recorded[JarFilled]) -> Jar:
        suffer(jar.id, event)
        if (jar.id, event.position) in unfit:
            return replace(jar, contents=cast("tuple[str, ...]", None))
        if (jar.id, event.position) in emptied:
            return replace(jar, contents=())
        content = cast("str", 0) if (jar.id, event.position) in spoilt else event.event.with_what
        return replace(jar, contents=(*jar.contents, content))

    @projection.on(OwnerRenamed, where=lambda event: Condition.equal("owner", event.key))
    def renamed(jar: Jar, event: Recorded[OwnerRenamed]) -> Jar:
        suffer(jar.id, event)
        return replace(jar, owner_name=event.event.name)

    return projection


def jar(number: int) -> JarId:
    """A jar's id."""
    return JarId(f"jar_{number:032x}")


def owner(number: int) -> OwnerId:
    """An owner's id."""
    return OwnerId(f"own_{number:032x}")


def story(steps: Sequence[str]) -> list[Recorded]:
    """A log. `m1` makes jar 1 of owner 1, `M1` one of owner 2; `f1` fills it; `n1` renames owner 1."""
    log = Recorder()
    for number, step in enumerate(steps, 1):
        which = int(step[1:])
        match step[0]:
            case "m":
                log.record("jar", jar(which), JarMade(owner=owner(1)))
            case "M":
                log.record("jar", jar(which), JarMade(owner=owner(2)))
            case "f":
                log.record("jar", jar(which), JarFilled(with_what=f"plum {number}"))
            case _:
                log.record("owner", owner(which), OwnerRenamed(name=f"Name {number}"))
    return log.events


def folded(events: Sequence[Recorded]) -> dict[Key, Stored]:
    """What the log folds to when nothing is poison."""
    projection = jars()
    documents = fold_all(projection, events, POSITIONS, OPENED)
    return {key: projection.shape.encode(one) for key, one in documents.items()}
