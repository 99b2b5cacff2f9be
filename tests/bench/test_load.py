"""The load generator must see what a server does wrong, or no figure of it is worth anything."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from bench.peer import Target
from bench.peers import all_peers
from bench.scenarios import PROOF, write_people
from bench.servers import Ceiling, build, load

DIALECT = "path /\nawait live\nmessage m{id} {text}\nacked ok\nheard m\n"
STALL_SECONDS = 0.5
QUICK = {"warm": 0.1, "settle": 0.05, "measure": 0.4}

Answer = Callable[[ServerConnection, str], None]


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """The generator is made with gcc. Under CI its absence is a failure; elsewhere its tests are left out."""
    if shutil.which("gcc") is None and not os.environ.get("CI"):
        pytest.skip("gcc is not installed: deploy/setup/services.sh")
    build()


@contextmanager
def answering(answer: Answer) -> Iterator[Target]:
    """A server that greets, and then leaves it to `answer`."""

    def talk(connection: ServerConnection) -> None:
        connection.send("live")
        for message in connection:
            answer(connection, str(message))

    with serve(talk, "127.0.0.1", 0, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Target(server.socket.getsockname()[1], ())
        finally:
            server.shutdown()
            thread.join()


def measure(folder: Path, answer: Answer, mode: str = "closed", **options: float) -> dict[str, Any]:
    """What the generator says of one person who talks to themselves."""
    (folder / "dialect").write_text(DIALECT)
    (folder / "people").write_text("marie token channel 1\n")
    with answering(answer) as target:
        return load(target, folder / "dialect", folder / "people", mode, **(QUICK | options))


def echo(connection: ServerConnection, message: str) -> None:
    connection.send(message)
    acknowledge(connection, message)


def acknowledge(connection: ServerConnection, message: str) -> None:
    connection.send(f"ok{number_of(message)}")


def number_of(message: str) -> int:
    return int(message[1 : message.index(" ")])


def test_a_server_that_does_its_work_is_clean(tmp_path: Path) -> None:
    result = measure(tmp_path, echo)
    assert "unclean" not in result
    assert result["delivered"] > 0
    assert result["acked"] > 0


def lost(connection: ServerConnection, message: str) -> None:
    (acknowledge if number_of(message) == 5 else echo)(connection, message)


def doubled(connection: ServerConnection, message: str) -> None:
    if number_of(message) == 5:
        connection.send(message)
    echo(connection, message)


@pytest.mark.parametrize("answer", [lost, doubled])
def test_a_message_that_is_lost_or_doubled_is_told(tmp_path: Path, answer: Answer) -> None:
    result = measure(tmp_path, answer, warm=0, measure=1.5)
    assert result["gaps"] == 1
    assert "marie heard message" in result["unclean"]


def test_what_a_stalled_server_kept_us_from_sending_counts_as_late(tmp_path: Path) -> None:
    """A closed loop would have sent one message during the stall, and called all others quick."""

    def stall(connection: ServerConnection, message: str) -> None:
        if number_of(message) == 40:
            time.sleep(STALL_SECONDS)
        echo(connection, message)

    result = measure(tmp_path, stall, "paced", rate=200, warm=0, measure=2)
    late = result["ack_ms"]
    assert late["max"] >= 1000 * STALL_SECONDS
    assert late["p90"] >= 100 * STALL_SECONDS


def test_it_bears_the_program_in_c_and_understands_maru(tmp_path: Path) -> None:
    """The dialect of the ceiling is Maru's: its seqs are looked at too."""
    ceiling = Ceiling()
    for scenario in PROOF:
        people = write_people(scenario, ceiling, tmp_path)
        (tmp_path / "dialect").write_text(ceiling.dialect(scenario.kind))
        with ceiling.serve(tmp_path) as target:
            result = load(target, tmp_path / "dialect", people, "closed", **QUICK)
        assert "unclean" not in result
        assert result["acked"] > 0


def test_a_storm_says_when_each_was_live(tmp_path: Path) -> None:
    result = measure(tmp_path, echo, "storm")
    assert result["live_ms"]["count"] == 1
    assert result["live_ms"]["max"] >= result["handshake_ms"]["max"] > 0


def test_every_peer_says_what_it_is_and_what_it_does_not_do() -> None:
    peers = all_peers()
    assert next(iter(peers)) == "maru"
    assert all(peer.title and peer.lacks and name == peer.name for name, peer in peers.items())
