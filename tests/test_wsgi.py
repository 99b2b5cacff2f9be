"""The life of the process: it ends in order whatever goes on, at once when it only begins, and loses nothing."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.people import Json, Online, Person, wait_until
from tests.serving import PROJECT, Server, listens

ENDS_WITHIN_SECONDS = 5.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path) as server:
        yield server


def end(server: Server, number: int) -> int:
    """The exit status, in time; and nothing else may be left of it."""
    process = server._process
    assert process is not None
    began = time.monotonic()
    process.send_signal(number)
    status = process.wait(20)
    took = time.monotonic() - began
    assert took < ENDS_WITHIN_SECONDS, f"it took {took:.1f} s"
    assert "Traceback" not in server.log
    assert not (server.folder / "data" / "valkey.sock").exists()
    return status


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_while_people_are_connected_in_every_way_it_says_goodbye_to_each_and_ends(
    server: Server, number: int
) -> None:
    ann = Person(server, "ann")
    cursor = ann.call(server, "GET", "/sync").json()["cursor"]
    answers: list[Any] = []
    query = f"/sync?cursor={cursor}&wait=55"
    held = threading.Thread(target=lambda: answers.append(ann.call(server, "GET", query)))
    held.start()
    idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    idle.request("GET", "/healthz")
    idle.getresponse().read()
    half = socket.create_connection(("127.0.0.1", server.port))
    half.sendall(b"GET /half HTTP/1.1\r\n")
    with ann.online(server) as live:
        # The held request came before: when this is answered, it waits.
        assert ann.call(server, "GET", "/me").status_code == 200
        assert end(server, number) == 0
        assert live.until_closed() == (1001, "drain")
        bye = live.heard[-1]
        assert (bye["type"], bye["code"]) == ("bye", "drain")
        assert 0 <= bye["after_ms"] <= 2_000
    held.join()
    idle.close()
    half.close()
    assert (answers[0].status_code, answers[0].json()["code"]) == (503, "draining")


def test_clients_that_do_not_answer_hold_nothing_up(server: Server) -> None:
    """They neither read nor close."""
    ann = Person(server, "ann")
    deaf = [open_websocket(server, ann) for _ in range(5)]
    assert end(server, signal.SIGTERM) == 0
    for connection in deaf:
        connection.close()


def open_websocket(server: Server, person: Person) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.sendall(
        f"GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {person.token}\r\n\r\n".encode()
    )
    assert connection.recv(12) == b"HTTP/1.1 101"
    return connection


def test_while_it_goes_away_it_says_so_on_connections_that_are_left(server: Server) -> None:
    ann = Person(server, "ann")
    deaf = open_websocket(server, ann)  # so that saying goodbye takes a while
    kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    kept.request("GET", "/readyz")
    assert kept.getresponse().read()
    server.signal(signal.SIGTERM)
    wait_until(lambda: not listens(server.port))
    kept.request("GET", "/readyz")
    answer = kept.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (503, "draining")
    assert answer.headers["Connection"] == "close"
    kept.close()
    assert server.stop() == 0
    deaf.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_acknowledged_while_it_ended_is_there_once_afterwards(server: Server, number: int) -> None:
    ann, bob = Person(server, "ann"), Person(server, "bob")
    channel = ann.direct(server, bob)
    acknowledged: dict[str, int] = {}
    sent: dict[int, Json] = {}
    with ann.online(server) as live, suppress(ConnectionClosed):
        for place in range(2_000):
            sent[place] = {"channel_id": channel, "client_message_id": str(uuid.uuid4()), "text": f"{place}"}
            live.say({"type": "send", "id": place, **sent[place]})
            if place == 500:
                note_answers(live, sent, acknowledged, 100)
                server.signal(number)
        note_answers(live, sent, acknowledged, 1 << 30)
    assert server._process is not None
    assert server._process.wait(20) == (0 if number == signal.SIGTERM else -number)
    server.start()
    assert acknowledged
    assert stored(server, bob, channel).items() >= acknowledged.items()
    if number == signal.SIGTERM:
        assert "Traceback" not in server.log


def note_answers(live: Online, sent: dict[int, Json], acknowledged: dict[str, int], enough: int) -> None:
    """Until so many have come. Raises ConnectionClosed."""
    while len(acknowledged) < enough:
        frame = live.until(lambda frame: frame["type"] == "ok")
        acknowledged[sent[frame["id"]]["client_message_id"]] = frame["event"]["seq"]


def stored(server: Server, person: Person, channel: str) -> dict[str, int]:
    """Every message of the channel by its client's id; none may be there twice."""
    found: dict[str, int] = {}
    after = 0
    while True:
        page = person.call(server, "GET", f"/channels/{channel}/events?after={after}&limit=200").json()
        for event in page["events"]:
            if event["kind"] == "message":
                assert event["client_message_id"] not in found
                found[event["client_message_id"]] = event["seq"]
            after = event["seq"]
        if not page["has_after"]:
            return found


@pytest.mark.parametrize("moment", ["gevent", "lmdb", "maru.db", "valkey.sock"])
def test_ctrl_c_while_it_is_starting_is_no_traceback(tmp_path: Path, moment: str) -> None:
    """It has nothing to lose yet. The moments: a library is loaded, a file is made."""
    environment = {**os.environ, "MARU_DATA": str(tmp_path), "PORT": "0"}
    process = subprocess.Popen(
        [sys.executable, "wsgi.py", "serve"], cwd=PROJECT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    maps = Path(f"/proc/{process.pid}/maps")
    wait_until(lambda: (tmp_path / moment).exists() or f"/{moment}/" in maps.read_text())
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=20)[0]
    assert "Traceback" not in said
    assert process.returncode in (0, -signal.SIGINT)


@pytest.mark.parametrize("file", ["maru.db", "store/data.mdb"])
def test_a_store_that_cannot_be_used_is_one_sentence(tmp_path: Path, file: str) -> None:
    """And nothing is made of it: it may be somebody's last copy."""
    broken = tmp_path / file
    broken.parent.mkdir(exist_ok=True)
    broken.write_bytes(b"this was a store once" * 1_000)
    result = subprocess.run(
        [sys.executable, "wsgi.py", "serve"], cwd=PROJECT, env={**os.environ, "MARU_DATA": str(tmp_path), "PORT": "0"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    (sentence,) = result.stderr.splitlines()
    assert (result.returncode, result.stdout) == (1, "")
    assert str(broken if file == "maru.db" else broken.parent) in sentence
    assert broken.read_bytes() == b"this was a store once" * 1_000


def test_it_takes_as_many_connections_as_the_machine_allows(tmp_path: Path) -> None:
    few = ["bash", "-c", f"ulimit -Sn 256; exec {sys.executable} wsgi.py serve"]
    with Server(tmp_path, command=few) as server:
        limits = Path(f"/proc/{server.pid}/limits").read_text()
    (line,) = (line for line in limits.splitlines() if line.startswith("Max open files"))
    soft, hard = line.split()[3:5]
    assert soft == hard


def test_a_second_signal_changes_nothing(server: Server) -> None:
    ann = Person(server, "ann")
    deaf = open_websocket(server, ann)
    server.signal(signal.SIGTERM)
    wait_until(lambda: not listens(server.port))
    assert end(server, signal.SIGINT) == 0
    deaf.close()
