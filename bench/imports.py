"""How fast `oneread import` is: customers who register, each of whom appends two events to two streams."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

import orjson

from bench.lives import ADDRESS
from bench.load import BenchError
from bench.processes import run_oneread
from bench.written import Written


def run_import(folder: Path, lines: int, variables: Mapping[str, str]) -> Written:
    """Commands per second of so many lines, the start of the process not counted: that is what a single line takes.

    They must not have been imported before. Raises `BenchError` for a line that is refused.
    """
    started = _took(folder / "first.ndjson", range(1), variables)
    took = _took(folder / "others.ndjson", range(1, lines + 1), variables) - started
    if took <= 0:
        raise BenchError(f"{lines} lines are imported before it can be measured: import more")
    return Written(lines / took, None)


def line(customer: int) -> bytes:
    """The command by which a customer registers, numbered from 0."""
    person = {"name": f"Robin Weaver {customer}", "email": f"imported.{customer}@bench.example", "address": ADDRESS}
    return orjson.dumps({"type": "RegisterCustomer", "input": person})


def _took(path: Path, customers: range, variables: Mapping[str, str]) -> float:
    path.write_bytes(b"\n".join(map(line, customers)))
    began = perf_counter()
    run_oneread("import", str(path), variables=variables)
    return perf_counter() - began
