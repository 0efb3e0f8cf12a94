"""How a command that runs until it is told to stop is told so, also one that a script has put into the background."""

import signal
import subprocess
import sys

import pytest

from tests.server.demo_process import ROOT, environment

PROGRAM = """
import asyncio
import threading
import time
from contextlib import suppress

from server.cli import app, main
from server.terminal import run


async def wait() -> None:
    print("waits", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("put away", flush=True)


@app.command()
def idle() -> None:
    with suppress(KeyboardInterrupt):
        run(wait())


@app.command()
def quick() -> None:
    # As a driver's thread is, the interpreter waits for it.
    threading.Thread(target=lambda: (threading.main_thread().join(), print("done", flush=True), time.sleep(0.5))).start()


main()
"""
IN_FRONT = "exec"
IN_THE_BACKGROUND = 'trap "" INT; exec'
"""What a shell without a terminal does to a command with `&` behind it."""


@pytest.mark.parametrize("start", [IN_FRONT, IN_THE_BACKGROUND])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_order(start: str, how: signal.Signals) -> None:
    command = ["sh", "-c", f'{start} "$@"', "sh", sys.executable, "-c", PROGRAM, "idle"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "waits\n"

            process.send_signal(how)

            assert (process.wait(20), process.stdout.read()) == (0, "put away\n")
        finally:
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_one_that_is_done_is_not_interrupted(how: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM, "quick"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"

        process.send_signal(how)

        assert (process.communicate(timeout=20)[1], process.returncode) == ("", 0)
