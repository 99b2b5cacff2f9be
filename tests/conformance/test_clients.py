"""npm's `ws` and Python's `websockets` as clients of Maru, as they come."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.conformance.octets import message
from tests.conformance.rows.limits import LIMIT
from tests.conformance.subjects import PEERS
from tests.people import Person
from tests.serving import Server

CLIENTS = {
    "ws": [str(PEERS / "node.sh"), "ws_client.mjs"],
    "websockets": [sys.executable, str(PEERS / "websockets_client.py")],
}

EXPECTED = {
    "extensions when compression is offered": "",
    "extensions when it is not": "",
    "a text when compression is offered": "Invalid value '안녕'",
    "a text in many fragments": "Invalid value '조각조각'",
    "a pong": "여기요",
    "an empty pong": "",
    "how much of the longest message": LIMIT - len(message("")),
    "closed with a code and a reason": [4000, ""],
    "closed for a binary message": [1003, "binary"],
}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_as_it_comes_is_at_home(server: Server, name: str) -> None:
    assert account_of(server, name) == EXPECTED


def account_of(server: Server, name: str) -> dict[str, Any]:
    """What the client says came of what it did."""
    token = Person(server, name).token
    command = [*CLIENTS[name], server.ws_url, token, str(LIMIT)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))
