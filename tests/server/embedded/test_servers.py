import asyncio
import os
import signal
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server.embedded import DatabaseUrls, EmbeddedServerError, EmbeddedServers, embedded_servers
from server.embedded.ownership import Ownership
from tests.server.embedded.databases import count, write
from tests.server.embedded.owner import Owner


async def test_a_restart_keeps_the_data_and_the_addresses(data_dir: Path) -> None:
    with embedded_servers(data_dir) as first:
        await write(first)
    with embedded_servers(data_dir) as second:
        assert await count(second) == (1, 1)
        assert second == first
        await write(second)


async def test_mongo_moves_when_its_last_port_is_taken(data_dir: Path) -> None:
    with embedded_servers(data_dir) as first:
        await write(first)
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", urlsplit(first.mongo).port or 0))
        with embedded_servers(data_dir) as second:
            assert second.mongo != first.mongo
            await write(second)
            assert await count(second) == (2, 2)


async def test_who_comes_later_joins_and_leaves_the_servers_running(data_dir: Path) -> None:
    with embedded_servers(data_dir) as urls:
        later = embedded_servers(data_dir)
        with later as joined:
            assert later.joined
            assert joined == urls
        await write(urls)


async def test_after_the_owner_has_left_the_next_one_owns(data_dir: Path) -> None:
    with Owner.begin(data_dir) as owner:
        first = owner.urls()
        with embedded_servers(data_dir) as joined:
            assert joined == first
            owner.end(signal.SIGINT)
    successor = embedded_servers(data_dir)
    with successor as urls:
        assert not successor.joined
        await write(urls)


def test_ctrl_c_ends_everything_and_the_exit_is_clean(data_dir: Path) -> None:
    with Owner.begin(data_dir) as owner:
        owner.urls()
        assert {child.name() for child in owner.look()} >= {"mongod", "postgres"}
        assert owner.end(signal.SIGINT) == 0
        assert owner.left_behind() == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_killed_owner_leaves_no_process_behind_and_its_data_is_whole(data_dir: Path, how: signal.Signals) -> None:
    with Owner.begin(data_dir) as owner:
        await write(owner.urls())
        owner.end(how)
        # Not waiting for the old servers: whoever starts next has to.
        with embedded_servers(data_dir) as urls:
            assert owner.left_behind() == []
            assert await count(urls) == (1, 1)


def test_a_killed_owners_servers_end_though_nobody_comes_after(data_dir: Path) -> None:
    with Owner.begin(data_dir) as owner:
        owner.urls()
        owner.end(signal.SIGKILL)
        assert owner.left_behind(patience=30) == []


@pytest.mark.parametrize("moment", [0.25, 0.5, 0.75])
async def test_an_owner_killed_while_it_starts_leaves_nothing_that_stops_the_next(data_dir: Path, moment: float) -> None:
    with Owner.begin(data_dir) as owner:
        await asyncio.sleep(moment)
        owner.look()
        owner.end(signal.SIGKILL)
        with embedded_servers(data_dir) as urls:
            assert owner.left_behind() == []
            await write(urls)


async def test_servers_that_were_killed_recover_at_the_next_start(data_dir: Path) -> None:
    with Owner.begin(data_dir) as owner:
        await write(owner.urls())
        owner.kill_servers()
        owner.end(signal.SIGKILL)
    # What the system may have done since: given the dead server's number to another process.
    pid_file = data_dir / "postgres" / "postmaster.pid"
    _, *rest = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *rest]) + "\n")
    with embedded_servers(data_dir) as urls:
        assert await count(urls) == (1, 1)


async def test_a_database_of_ones_own_takes_the_place_of_an_embedded_one(data_dir: Path) -> None:
    given = "postgresql://shop@db.example/oneread"
    with embedded_servers(data_dir, postgres_url=given) as urls:
        assert urls.postgres == given
        assert urls.mongo.startswith("mongodb://127.0.0.1:")
        assert not (data_dir / "postgres").exists()


def test_with_both_of_ones_own_nothing_is_started(data_dir: Path) -> None:
    given = DatabaseUrls(postgres="postgresql://db.example/oneread", mongo="mongodb://db.example/")
    with embedded_servers(data_dir, postgres_url=given.postgres, mongo_url=given.mongo) as urls:
        assert urls == given
    assert not data_dir.exists()


def test_a_directory_that_cannot_be_one_is_refused_with_what_to_do(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("")
    with pytest.raises(EmbeddedServerError, match="cannot be used") as refusal, embedded_servers(occupied):
        pass
    assert "--data-dir" in refusal.value.advice


def test_an_owner_that_never_comes_up_is_not_waited_for_without_end(tmp_path: Path) -> None:
    assert Ownership(tmp_path).claim()
    with pytest.raises(EmbeddedServerError, match="did not come up"):
        EmbeddedServers(tmp_path, start_patience=0.1).__enter__()


def test_a_server_that_will_not_start_shows_the_end_of_its_log(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    with pytest.raises(EmbeddedServerError, match="PostgreSQL ended") as failure, embedded_servers(data_dir):
        pass
    assert "configuration file" in failure.value.log_tail
    assert failure.value.log_tail in str(failure.value)


def test_servers_start_in_the_main_thread_only(tmp_path: Path) -> None:
    refusals: list[EmbeddedServerError] = []

    def start() -> None:
        try:
            with embedded_servers(tmp_path):
                pass
        except EmbeddedServerError as error:
            refusals.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert [refusal.problem for refusal in refusals] == ["Embedded servers were started outside the main thread."]
