"""How often somebody may do something, on a server as it comes: so much at once, then as fast as it is regained."""

import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.flows.conftest import make_people
from tests.flows.crowd import Person
from tests.serving import Server

MOST = 2_000  # calls that a limit would have stopped
Answer = tuple[int, dict[str, Any]]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[Person]]]:
    with Server(tmp_path_factory.mktemp("rates"), {"MARU_RATE_LIMITS": "on"}) as server:
        yield server, make_people(server, 3)


class Caller:
    """One person's calls over one connection."""

    def __init__(self, server: Server, person: Person) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=15)
        self._headers = {**person.headers, "Content-Type": "application/json"}

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        self._connection.request("POST", f"/api/v1{path}", json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


def allowed(call: Callable[[], Answer]) -> tuple[int, float, dict[str, Any]]:
    """How many calls were let through before one was not, in how many seconds, and the refusal."""
    began = time.monotonic()
    for count in range(MOST):
        status, content = call()
        if status == 429:
            return count, time.monotonic() - began, content
        assert status == 201
    raise AssertionError(f"{MOST} calls were let through")


def test_sixty_messages_may_be_sent_at_once_and_ten_a_second(people: tuple[Server, list[Person]]) -> None:
    server, (speaker, listener, _) = people
    with Caller(server, speaker) as caller:
        _, made = caller.post("/channels", {"kind": "direct", "member_ids": [listener.user_id]})
        path = f"/channels/{made['channel']['id']}/messages"
        count, seconds, refusal = allowed(
            lambda: caller.post(path, {"client_message_id": str(uuid.uuid4()), "text": "말"})
        )
    assert 60 <= count <= 60 + 10 * seconds
    assert refusal["code"] == "rate_limited"
    assert 0 < refusal["retry_after"] <= 0.1


def test_three_hundred_conversations_may_be_begun_at_once_and_one_a_second(
    people: tuple[Server, list[Person]],
) -> None:
    server, (_, _, founder) = people
    with Caller(server, founder) as caller:
        count, seconds, refusal = allowed(
            lambda: caller.post("/channels", {"kind": "group", "name": "새 모임", "member_ids": []})
        )
    assert 300 <= count <= 300 + seconds
    assert refusal["code"] == "rate_limited"
    assert 0 < refusal["retry_after"] <= 1
