"""The demo: filled at its first start, kept from then on, and gone without a trace of a process when it ends."""

import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.embedded.account import account_for
from server.embedded.postgres import socket_folder
from server.graphiql.page import EXAMPLES
from tests.server.demo_process import END_PATIENCE, Demo, left_of, naming, oneread

STATUSES = ("PLACED", "PAID", "SHIPPED", "DELIVERED", "CANCELLED", "REFUNDED")
SHOP = f"""{{
  customers {{ totalCount }}
  products {{ totalCount }}
  orders {{ totalCount }}
  {" ".join(f"{status}: orders(filter: {{ status: {{ eq: {status} }} }}) {{ totalCount }}" for status in STATUSES)}
}}"""
PLACE, READ, PAGE = (path.read_text() for path in sorted(EXAMPLES.glob("*.graphql"))[:3])
"""GraphiQL's own examples: place an order, read it back, page through orders."""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that is not there yet, gone afterwards."""
    # Not pytest's own folder: that is kept for three runs, and databases are large.
    base = Path(tempfile.mkdtemp(prefix="oneread-demo-"))
    data_dir = base / "data"
    yield data_dir
    if data_dir.exists():
        # A killed server leaves the folder of its socket, for the next start on the same directory.
        shutil.rmtree(socket_folder(data_dir / "postgres", account_for(data_dir / "postgres")))
    shutil.rmtree(base)


def counts(shop: dict[str, dict[str, int]]) -> dict[str, int]:
    return {name: page["totalCount"] for name, page in shop.items()}


def test_it_fills_a_shop_keeps_it_and_leaves_no_process_behind(data_dir: Path) -> None:
    with Demo(data_dir) as interrupted:
        interrupted.wait_until((data_dir / "servers.json").exists)
        time.sleep(3)  # somewhere in the filling
        processes = interrupted.processes()
        assert interrupted.end(signal.SIGINT) == 0
        assert left_of(processes | naming(data_dir)) == []
        assert "Traceback" not in interrupted.printed
        assert "GraphiQL" not in interrupted.printed

    with Demo(data_dir) as demo:
        demo.url()
        processes = demo.processes()
        assert {process.name() for process in processes} >= {"mongod", "postgres"}
        health = demo.caught_up()
        assert (health["status"], health["log"], health["documents"]) == ("ok", "ok", "ok")

        shop = counts(demo.ask(SHOP))
        assert (shop["customers"], shop["products"], shop["orders"]) == (40, 60, 400)
        in_status = [shop[status] for status in STATUSES]
        assert min(in_status) > 0
        assert sum(in_status) == 400

        assert demo.ask(PLACE)["placeOrder"]["userErrors"] == []
        assert demo.ask(READ)["order"]["status"] == "PLACED"
        assert demo.ask(PAGE)["orders"]

        assert demo.end(signal.SIGINT) == 0
        assert left_of(processes | naming(data_dir)) == []
        assert "filling the example shop" in demo.printed
        assert "Traceback" not in demo.printed
        assert "CRITICAL" not in demo.printed

    with Demo(data_dir, payment_deadline="1") as again:
        again.url()
        assert "as you left it" in again.printed
        assert counts(again.ask(SHOP))["orders"] == 401
        # Orders of the example history wait for their money for ever: those that came later do not.
        again.wait_until(lambda: again.ask(READ)["order"]["status"] == "CANCELLED")
        assert counts(again.ask(SHOP))["PLACED"] == shop["PLACED"]
        # The same command once more: its first answer, and no second order.
        assert again.ask(PLACE)["placeOrder"]["version"] == 1
        processes = again.processes()

        again.end(signal.SIGKILL)

        assert left_of(processes | naming(data_dir), END_PATIENCE) == []


def test_a_port_that_is_taken_is_said_and_nothing_keeps_running(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taker:
        port = taker.getsockname()[1]

        ran = oneread("demo", "--port", str(port), "--data-dir", str(data_dir))

    assert ran.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ran.stderr
    assert "--port" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert left_of(naming(data_dir)) == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("demo", "--port", "70000"), "port"),
        (("demo", "--port", "eighty"), "--port"),
        (("demo", "--data-dir", "/dev/null"), "--data-dir"),
        (("dance",), "dance"),
    ],
)
def test_what_makes_no_sense_is_said_by_name(arguments: tuple[str, ...], named: str) -> None:
    ran = oneread(*arguments)

    assert ran.returncode != 0
    assert named in ran.stderr
    assert "Traceback" not in ran.stderr
