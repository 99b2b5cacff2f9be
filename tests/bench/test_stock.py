"""What Maru is measured beside must be worth comparing: the same conversation on stock flask-sock."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from simple_websocket import Client

from bench.population import Population
from tests.serving import PROJECT, Server

PATH = "/api/v1/ws-as-it-comes"
MESSAGE = "01970000-0000-7000-8000-000000000001"
WAIT_SECONDS = 10


@pytest.fixture
def population(tmp_path: Path) -> Population:
    """Four people, made as for a measurement."""
    folder = tmp_path / "data"
    subprocess.run([sys.executable, "-m", "bench.populate", folder, "4"], cwd=PROJECT, check=True, timeout=60)
    return msgspec.json.decode((folder / "people.json").read_bytes(), type=Population)


@pytest.fixture
def server(population: Population, tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, command=[sys.executable, "-m", "bench.stock"]) as server:
        yield server


def test_the_stock_server_carries_the_same_conversation(server: Server, population: Population) -> None:
    speaker, listener = (connect(server, person.token) for person in population.people[:2])
    send = {"type": "send", "id": 1, "channel_id": population.people[0].direct, "client_message_id": MESSAGE}
    speaker.send(json.dumps(send | {"text": "안녕"}))

    heard = next_of(listener, "events")["events"][0]
    answered = next_of(speaker, "ok")["event"]

    assert heard == answered
    assert heard["text"] == "안녕"
    for client in (speaker, listener):
        client.close()


def connect(server: Server, token: str) -> Client:
    """A live connection."""
    url = f"ws://127.0.0.1:{server.port}{PATH}"
    client = Client.connect(url, headers={"Authorization": f"Bearer {token}"})
    client.send(json.dumps({"type": "hello", "cursor": None}))
    next_of(client, "live")
    return client


def next_of(client: Client, kind: str) -> dict[str, Any]:
    """The next frame of a kind; others are passed over."""
    while (text := client.receive(timeout=WAIT_SECONDS)) is not None:
        frame: dict[str, Any] = json.loads(text)
        if frame["type"] == kind:
            return frame
    raise AssertionError(f"no {kind} came")
