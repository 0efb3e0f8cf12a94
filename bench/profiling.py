"""Where the API's time goes: Python's own profiler inside of the server process, and what it found as a table.

The profiler costs time at every call, so that what makes many small calls looks dearer than it is: for figures there is
the benchmark, this is for where to look. Only the thread of the event loop is seen: what motor's threads do is not.
"""

import cProfile
import pstats
import signal
import sysconfig
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.table import Table

TOP = 45
PACKAGES = 16
_ROOT = Path(__file__).parents[1]
_INSTALLED = Path(sysconfig.get_path("purelib"))
_STANDARD = Path(sysconfig.get_path("stdlib"))

Function = tuple[str, int, str]
"""File, line and name, as `pstats` has it."""


@contextmanager
def profiled_until_stopped(output: Path) -> Iterator[None]:
    """Profiles this thread from SIGUSR1 to SIGUSR2, and writes what was found when the block ends, by SIGTERM or else."""
    profiler = cProfile.Profile()

    def begin(_: int, __: FrameType | None) -> None:
        profiler.enable()

    def end(_: int, __: FrameType | None) -> None:
        profiler.disable()

    signal.signal(signal.SIGUSR1, begin)
    signal.signal(signal.SIGUSR2, end)
    try:
        yield
    finally:
        profiler.disable()
        profiler.dump_stats(output)


def profile_tables(stats_file: Path, count: int, unit: str = "request") -> list[Table]:
    """What is in a profile: the time of each package's own functions, and of the dearest functions.

    Per unit, of which there were `count`.
    """
    # pstats builds its attributes from the file.
    stats: dict[Function, tuple[int, int, float, float, object]] = pstats.Stats(str(stats_file)).stats  # type: ignore[attr-defined]
    total = sum(own for _, _, own, _, _ in stats.values())
    by_package: Counter[str] = Counter()
    for function, (_, _, own, _, _) in stats.items():
        by_package[_package(function)] += own  # type: ignore[assignment]  # a Counter adds up floats as well
    packages = Table("package", f"own µs per {unit}", "share", title="Profile by package, built-in functions apart")
    for package, own in by_package.most_common(PACKAGES):
        packages.add_row(package, f"{own / count * 1e6:.1f}", f"{own / total:.1%}")
    functions = Table("function", f"calls per {unit}", "own µs", "with callees µs", title=f"The {TOP} dearest functions")
    for function, (_, calls, own, cumulative, _) in sorted(stats.items(), key=lambda item: -item[1][2])[:TOP]:
        figures = (calls / count, own / count * 1e6, cumulative / count * 1e6)
        functions.add_row(_name(function), *(f"{figure:.1f}" for figure in figures))
    for table in (packages, functions):
        for column in table.columns[1:]:
            column.justify = "right"
    return [packages, functions]


def _package(function: Function) -> str:
    file = Path(function[0])
    for folder in (_INSTALLED, _ROOT):
        if file.is_relative_to(folder):
            return file.relative_to(folder).parts[0].removesuffix(".py")
    if file.is_relative_to(_STANDARD) or function[0].startswith("<frozen"):
        return "standard library"
    return "built-in" if function[0] == "~" else "generated code"


def _name(function: Function) -> str:
    file, line, name = function
    if file == "~":
        return name
    path = Path(file)
    for folder in (_INSTALLED, _ROOT, _STANDARD):
        if path.is_relative_to(folder):
            path = path.relative_to(folder)
            break
    return f"{path}:{line} {name}"
