"""Load by wrk (https://github.com/wg/wrk): so many connections, each sending its next request once it has its answer."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field

SCRIPT = Path(__file__).with_name("load.lua")
MARK = "MEASURED "
GOOD_ANSWER = '{"data":{'
GRACE_SECONDS = 30
"""How much longer than asked wrk may take."""


class BenchError(Exception):
    """The benchmark cannot go on, or its figures would mean nothing. The message is for whoever started it."""


def first_of(group: ExceptionGroup[Exception]) -> Exception:
    """What several tasks have failed by: the first that says why the benchmark cannot go on, else whatever came first."""
    told = group.subgroup(BenchError) or group
    error = told.exceptions[0]
    return first_of(error) if isinstance(error, ExceptionGroup) else error


class Report(BaseModel):
    """What wrk's script prints. Latencies are in microseconds; `wrong` answers came, but were not what they should be.

    `timed` is how many requests the latencies are of; `with_text` how many answers held the text that is counted.
    """

    requests: int
    timed: int
    microseconds: int
    p50: int
    p99: int
    failed: int
    timeouts: int
    wrong: int
    first_wrong: str
    with_text: int = Field(alias="with")
    first_without: str


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured: requests per second, and the latencies that half and 99 of 100 requests kept, in milliseconds.

    All zero when nothing was answered in time. Of so many `answers` so many held the text that was to be `counted`;
    `other` is the beginning of the first that did not.
    """

    rate: float
    p50: float
    p99: float
    answers: int = 0
    counted: int = 0
    other: str = ""


def find_wrk() -> str:
    """The program. Raises `BenchError` when it is not installed."""
    if (found := shutil.which("wrk")) is None:
        raise BenchError("wrk is not installed: `apt-get install wrk` on Debian and Ubuntu, `brew install wrk` on macOS")
    return found


def run_load(url: str, bodies: Path, *, connections: int, seconds: int, timeout: int = 30, counted: str = "") -> Load:
    """Sends the bodies in a file, one per line, to `url` for so long; a request may take `timeout` seconds.

    Answers with the text `counted` are counted.

    Raises `BenchError` when a single request fails, is late, or is answered with anything but data.
    """
    command = [find_wrk(), "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    command += [
        "--timeout",
        f"{timeout}s",
        "--script",
        str(SCRIPT),
        url,
        "--",
        str(bodies),
        GOOD_ANSWER,
        str(connections),
        counted,
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=seconds + timeout + GRACE_SECONDS, check=False)
    told = [line.removeprefix(MARK) for line in run.stdout.splitlines() if line.startswith(MARK)]
    if run.returncode or not told:
        raise BenchError(f"wrk on {url} ended with code {run.returncode}:\n{run.stdout}{run.stderr}")
    report = Report.model_validate_json(told[0])
    if report.failed or report.timeouts or report.wrong:
        raise BenchError(
            f"{url} with {connections} connections: of {report.requests} requests {report.failed} failed, "
            f"{report.timeouts} were late, {report.wrong} had a wrong answer. {report.first_wrong}".rstrip()
        )
    if report.timed != report.requests:
        raise BenchError(f"this wrk counts latencies in a way unknown here: {report.timed} of {report.requests} requests")
    rate = report.requests / report.microseconds * 1e6
    return Load(rate, report.p50 / 1000, report.p99 / 1000, report.requests, report.with_text, report.first_without)
