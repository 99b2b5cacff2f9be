"""Maru as a plain WSGI application under gunicorn's gevent worker: the same chat, which goes away in order too."""

import base64
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.flows.raw import RawSocket, framed
from tests.people import Person, wait_until
from tests.serving import PROJECT, Server

GUNICORN = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--worker-class", "gevent"]
TWO = [*GUNICORN, "--workers", "2", "--bind", "127.0.0.1:{port}", "wsgi:app"]
WORKERS_UP = 2


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("hosted"), command=TWO) as server:
        yield server
    require_peace(server)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """To be told to go."""
    with Server(tmp_path, command=TWO) as server:
        yield server
    require_peace(server)


def require_peace(server: Server) -> None:
    assert "Traceback" not in server.log
    assert "ERROR" not in server.log


def bearer(person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.token}"}


def test_what_is_said_in_one_worker_is_heard_in_the_other(server: Server) -> None:
    ann, bob = Person(server, "ann"), Person(server, "bob")
    channel = ann.direct(server, bob)
    with ExitStack() as stack:
        raws: list[RawSocket] = []
        homes: set[str] = set()

        def are_in_both() -> bool:
            """The system gives a connection to whoever is awake, and a worker may still be starting."""
            raws.append(stack.enter_context(RawSocket(server.port, bearer(bob))))
            homes.add(raws[-1].hello()["server"])
            return len(homes) == WORKERS_UP

        wait_until(are_in_both)
        for raw in raws:
            raw.hear("live")
        ann.say(server, channel, "to all of bob's devices")
        for raw in raws:
            assert raw.hear("events")["events"][-1]["text"] == "to all of bob's devices"


def test_a_frame_in_the_packet_of_the_handshake_is_not_lost(server: Server) -> None:
    ann = Person(server, "ann")
    key = base64.b64encode(os.urandom(16)).decode()
    handshake = (
        f"GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {ann.token}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        raw.sendall(handshake.encode() + framed(b'{"type":"hello","cursor":null,"active":true}'))
        heard = b""
        while b'"welcome"' not in heard:
            chunk = raw.recv(65536)
            assert chunk, heard
            heard += chunk
    assert heard.startswith(b"HTTP/1.1 101 ")


def test_who_is_not_signed_in_is_refused_before_the_handshake(server: Server) -> None:
    answer = requests.get(
        f"{server.api_url}/ws", headers={"Upgrade": "websocket", "Connection": "Upgrade"}, timeout=20
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_held_request_is_answered_when_something_comes(server: Server) -> None:
    ann, bob = Person(server, "ann"), Person(server, "bob")
    channel = ann.direct(server, bob)
    cursor = bob.call(server, "GET", "/sync").json()["cursor"]
    answers: list[requests.Response] = []
    held = threading.Thread(
        target=lambda: answers.append(bob.call(server, "GET", f"/sync?cursor={cursor}&wait=50"))
    )
    held.start()
    ann.say(server, channel, "wake up")
    held.join(20)
    assert [event["text"] for event in answers[0].json()["events"]] == ["wake up"]


def test_told_to_go_it_says_goodbye_to_everybody(own: Server) -> None:
    ann = Person(own, "ann")
    cursor = ann.call(own, "GET", "/sync").json()["cursor"]
    answers: list[requests.Response] = []
    held = threading.Thread(
        target=lambda: answers.append(ann.call(own, "GET", f"/sync?cursor={cursor}&wait=50"))
    )
    with ExitStack() as stack:
        lives = [stack.enter_context(ann.online(own)) for _ in range(6)]
        held.start()
        wait_until(lambda: holding(own) == len(lives) + 1)
        own.signal(signal.SIGTERM)
        assert [live.until_closed() for live in lives] == [(1001, "drain")] * len(lives)
    held.join(20)
    assert (answers[0].status_code, answers[0].json()["code"]) == (503, "draining")
    assert own.stop() == 0


def test_told_once_more_while_it_goes_it_still_ends_in_order() -> None:
    """Gunicorn's handle_quit sleeps 0.1 s in a greenlet of its own, and says SystemExit when the worker has left."""
    going = """
import sys, gevent
from app.hosted import _Departure
class Slow:
    def say_goodbye(self): gevent.sleep(0.1)
    def close(self): gevent.sleep(0.1); print("closed")
_Departure(Slow()).arrange()
for seconds in (0.05, 0.15): gevent.spawn_later(seconds, sys.exit, 0)
"""
    result = subprocess.run(
        [sys.executable, "-c", going], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (result.stdout, result.stderr) == ("closed\n", "")


def holding(server: Server) -> int:
    """Connections from the tests that are established just now, one of which asks."""
    local = f"0100007F:{server.port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for row in rows if row[1] == local and row[3] == "01")


@pytest.mark.parametrize("arguments", [["--worker-class", "sync"], ["--preload"]])
def test_a_worker_that_cannot_carry_it_is_one_sentence(tmp_path: Path, arguments: list[str]) -> None:
    result = subprocess.run(
        [*GUNICORN, *arguments, "--bind", "127.0.0.1:0", "wsgi:app"],
        cwd=PROJECT, env={**os.environ, "MARU_DATA": str(tmp_path)}, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert result.returncode != 0
    assert "CannotServe: Maru needs a worker of gevent's that loads it itself" in result.stderr
