"""Finding what a package of areas declares."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from write_side.kernel.domain import discover

HEAD = """
from write_side.kernel.commands import Command, Events
from write_side.kernel.events import Event
from write_side.kernel.ids import Id
from write_side.kernel.streams import Loaded, StreamKind
"""
LAMPS = """
class LampId(Id, prefix="lmp"):
    pass

class Hung(Event, name="hung"):
    pass

LAMP = StreamKind("lamp", LampId, Hung, initial=None, evolve=lambda state, event: state)
"""
SWITCH = """
from {package}.lamps.lamp import LAMP, LampId

class SwitchLamp(Command, target=LAMP):
    lamp_id: LampId
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> ModuleType:
    """An empty package of areas, in a folder of its own."""
    name = f"house_of_{request.node.name}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    __import__(name)
    return sys.modules[name]


def write(package: ModuleType, path: str, text: str) -> None:
    file = Path(package.__path__[0]) / path
    file.parent.mkdir(exist_ok=True)
    (file.parent / "__init__.py").touch()
    file.write_text(HEAD + text.replace("{package}", package.__name__))


def test_commands_and_kinds_are_found_by_their_being_there(package: ModuleType) -> None:
    write(package, "lamps/lamp.py", LAMPS)
    write(package, "lamps/switching.py", SWITCH)
    write(package, "lamps/hanging.py", SWITCH.replace("SwitchLamp", "HangLamp"))

    domain = discover(package)

    assert [command.__name__ for command in domain.commands] == ["HangLamp", "SwitchLamp"]
    assert [kind.name for kind in domain.kinds] == ["lamp"]
    assert [event.event_name for event in domain.codec().classes] == ["hung"]


def test_nothing_is_in_an_empty_package(package: ModuleType) -> None:
    assert discover(package).commands == ()
    assert discover(package).kinds == ()


def test_two_kinds_do_not_share_a_name(package: ModuleType) -> None:
    write(package, "lamps/lamp.py", LAMPS)
    write(package, "torches/torch.py", LAMPS)

    with pytest.raises(ValueError, match="two stream kinds are named lamp"):
        discover(package)


def test_two_commands_do_not_share_a_name(package: ModuleType) -> None:
    write(package, "lamps/lamp.py", LAMPS)
    write(package, "lamps/switching.py", SWITCH)
    write(package, "torches/switching.py", SWITCH)

    with pytest.raises(ValueError, match="two commands are named SwitchLamp"):
        discover(package)
