"""Several workers of one supervisor: they share the port and the people, come back, and go together."""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.flows.raw import RawSocket
from tests.people import Person, wait_until
from tests.serving import Server, free_port, listens
from tests.setup.test_serve import complaint

CONNECTIONS = 500
FEWEST = 100  # of these, on each of two workers
SETTINGS = {"MARU_WORKERS": "2", "MARU_SERVER_ID": "a", "MARU_HANDSHAKES": "100000"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Left in good health by each test."""
    with Server(tmp_path_factory.mktemp("workers"), SETTINGS) as server:
        wait_until(lambda: server.log.count(" serves as process ") == 2)
        yield server
    assert "Traceback" not in server.log


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """To be treated badly."""
    with Server(tmp_path, SETTINGS) as server:
        wait_until(lambda: server.log.count(" serves as process ") == 2)
        yield server
    assert "Traceback" not in server.log


def welcomed(port: int, person: Person) -> str:
    """Which process answers there."""
    with RawSocket(port, {"Authorization": f"Bearer {person.token}"}) as raw:
        return str(raw.hello()["server"])


def test_many_connections_spread_over_the_workers(server: Server) -> None:
    headers = {"Authorization": f"Bearer {Person(server, 'ann').token}"}
    with ExitStack() as stack:
        raws = [stack.enter_context(RawSocket(server.port, headers)) for _ in range(CONNECTIONS)]
        counts = Counter(raw.hello()["server"] for raw in raws)
    assert len(counts) == 2
    assert min(counts.values()) >= FEWEST


def test_each_worker_of_a_named_server_listens_on_a_port_of_its_own(server: Server) -> None:
    ann = Person(server, "ann")
    instances = [welcomed(server.port + place, ann) for place in (1, 2, 1, 2)]
    assert instances[0] != instances[1]
    assert instances[:2] == instances[2:]


def test_what_is_said_to_one_worker_is_heard_at_the_other(server: Server) -> None:
    ann, bob = Person(server, "ann"), Person(server, "bob")
    channel = ann.direct(server, bob)
    with ann.online(server) as first, bob.online(server) as second:
        for number in range(5):
            ann.say(server, channel, f"line {number}")
        for live in (first, second):
            live.until_text("line 4")


def test_it_says_once_where_it_is(server: Server) -> None:
    said = [line for line in server.log.splitlines() if line.startswith("Maru is at")]
    assert said == [f"Maru is at {server.base_url} with 2 workers  (Ctrl-C stops it)"]


def test_a_killed_worker_comes_back_on_its_port(server: Server) -> None:
    ann = Person(server, "ann")
    before = [welcomed(server.port + place, ann) for place in (1, 2)]
    os.kill(server.children()[0], signal.SIGKILL)
    wait_until(lambda: server.log.count(" serves as process ") == 3)
    after = [welcomed(server.port + place, ann) for place in (1, 2)]
    assert sum(first == second for first, second in zip(before, after, strict=True)) == 1


def test_a_killed_valkey_comes_back(server: Server) -> None:
    ann, bob = Person(server, "ann"), Person(server, "bob")
    channel = ann.direct(server, bob)
    (pid,) = set(all_children(server)) - set(server.children())
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: set(all_children(server)) - set(server.children()) - {pid})
    with bob.online(server) as live:
        ann.say(server, channel, "still here")
        live.until_text("still here")


def all_children(server: Server) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]


def test_all_go_together(own: Server) -> None:
    ann = Person(own, "ann")
    pids = own.children()
    with ann.online(own) as live:
        own.signal(signal.SIGTERM)
        assert live.until_closed() == (1001, "drain")
        assert own.stop() == 0  # waits, and says nothing more: it is on its way
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not (own.folder / "data" / "valkey.sock").exists()
    assert not any(listens(own.port + place) for place in range(3))


def test_workers_without_a_supervisor_go_in_order(own: Server) -> None:
    ann = Person(own, "ann")
    pids = own.children()
    with ann.online(own) as live:
        own.kill9()
        assert live.until_closed() == (1001, "drain")
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    assert own.log.count("Traceback") == 0


def test_what_is_wrong_is_one_sentence_once(tmp_path: Path) -> None:
    data = tmp_path / "maru.db"
    data.write_bytes(b"this was a database once" * 1_000)
    assert str(data) in complaint(tmp_path, MARU_WORKERS="3")


def test_a_port_of_a_worker_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    port = free_port(2)
    with socket.create_server(("127.0.0.1", port + 2)):
        sentence = complaint(tmp_path, MARU_WORKERS="2", MARU_SERVER_ID="a", PORT=str(port))
    assert sentence == (
        f"Cannot listen on 127.0.0.1 port {port + 2}: Address already in use. Choose another with PORT=."
    )


@pytest.mark.parametrize("number", ["0", "many", "-1"])
def test_a_number_of_workers_that_makes_no_sense_is_one_sentence(number: str) -> None:
    result = subprocess.run(
        [sys.executable, "wsgi.py", "serve", "--workers", number],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"MARU_WORKERS must be a whole number from 1 to 64, not {number!r}.\n"
