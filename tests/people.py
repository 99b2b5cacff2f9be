"""People who use a real server from outside the process, by what any program may use: requests and websockets."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.serving import Server

PASSWORD = "lantern over the quiet hall"
DEADLINE_SECONDS = 20.0

Json = dict[str, Any]


def wait_until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.01)


class Person:
    """Signed in with a token; each call names the server it goes to, since several may share the data."""

    def __init__(self, server: Server, name: str) -> None:
        form = {"username": f"{name}_{uuid.uuid4().hex[:8]}", "password": PASSWORD, "display_name": name}
        answer = requests.post(f"{server.api_url}/auth/signup", json=form, timeout=DEADLINE_SECONDS)
        assert answer.status_code == 201, answer.text
        self.id = str(answer.json()["user"]["id"])
        self._form = form
        self.username = form["username"]
        self.token = self.sign_in(server)

    def sign_in(self, server: Server) -> str:
        """A further session's token."""
        form = {**self._form, "token": True}
        answer = requests.post(f"{server.api_url}/auth/login", json=form, timeout=DEADLINE_SECONDS)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def call(
        self, server: Server, method: str, path: str, body: Any = None, token: str | None = None
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return requests.request(method, server.api_url + path, json=body, headers=headers, timeout=90)

    def direct(self, server: Server, other: "Person") -> str:
        answer = self.call(server, "POST", "/channels", {"kind": "direct", "member_ids": [other.id]})
        return str(answer.json()["channel"]["id"])

    def say(self, server: Server, channel_id: str, text: str) -> Json:
        body = {"client_message_id": str(uuid.uuid4()), "text": text}
        answer = self.call(server, "POST", f"/channels/{channel_id}/messages", body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json()["event"])

    @contextmanager
    def online(
        self, server: Server, cursor: str | None = None, token: str | None = None
    ) -> Iterator["Online"]:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        with connect(server.ws_url, additional_headers=headers, close_timeout=1) as socket:
            live = Online(socket)
            live.say({"type": "hello", "cursor": cursor})
            live.until(lambda frame: frame["type"] == "live")
            yield live


class Online:
    """A live WebSocket, and all it heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Json] = []

    def say(self, frame: Json) -> None:
        self.socket.send(json.dumps(frame))

    def until(self, wanted: Callable[[Json], Any]) -> Json:
        """The next frame that is wanted; the others are kept in `heard`."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            frame = json.loads(self.socket.recv(timeout=deadline - time.monotonic()))
            self.heard.append(frame)
            if wanted(frame):
                return dict(frame)

    def until_text(self, text: str) -> Json:
        return self.until(lambda frame: text in [event.get("text") for event in frame.get("events", [])])

    def until_closed(self) -> tuple[int, str]:
        """The code and reason, once the server has closed it."""
        with suppress(ConnectionClosed):
            while True:
                self.heard.append(json.loads(self.socket.recv(timeout=DEADLINE_SECONDS)))
        assert self.socket.close_code is not None
        return self.socket.close_code, self.socket.close_reason or ""
