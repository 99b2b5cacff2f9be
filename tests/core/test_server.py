"""The WSGI server: how it listens, lets go of the silent, and ends."""

import logging
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import gevent
import gevent.socket
import pytest
from gevent.event import Event

from app.core import server as server_module
from app.core.listening import listen
from app.core.server import Handler, Server

DEADLINE_SECONDS = 20.0


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        gevent.sleep(0.001)


class Application:
    """Answers its path; `/held` when it is let go."""

    def __init__(self) -> None:
        self.let_go = Event()
        self.asked: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        if path == "/held":
            self.let_go.wait(DEADLINE_SECONDS)
        body = path.encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


class Link:
    """A client's connection."""

    def __init__(self, port: int) -> None:
        self._end = gevent.socket.create_connection(("127.0.0.1", port))
        self._end.settimeout(DEADLINE_SECONDS)

    def ask(self, path: str) -> None:
        self._end.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())

    def say(self, text: bytes) -> None:
        self._end.sendall(text)

    def answer(self) -> str:
        """Until the other side waits for the next request, or ends."""
        return bytes(self._end.recv(65_536)).decode()

    def remainder(self) -> bytes:
        """Everything up to the end, for which it waits."""
        heard = b""
        with suppress(ConnectionResetError):
            while chunk := self._end.recv(65_536):
                heard += chunk
        return heard

    def has_ended(self) -> bool:
        """Waits for it."""
        self.remainder()
        return True

    def close(self) -> None:
        self._end.close()


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def server(application: Application) -> Iterator[Server]:
    listener = listen("127.0.0.1", 0)
    server = Server(listener, application, Handler)
    server.start()
    yield server
    server.stop(timeout=0)
    listener.close()


@pytest.fixture
def link(server: Server) -> Iterator[Callable[[], Link]]:
    made: list[Link] = []

    def connect() -> Link:
        made.append(Link(server.server_port))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def test_a_connection_carries_several_requests(link: Callable[[], Link]) -> None:
    one = link()
    for path in ("/first", "/second"):
        one.ask(path)
        assert one.answer().endswith(path)


def test_what_it_accepts_sends_at_once_and_finds_peers_that_vanished(
    server: Server, link: Callable[[], Link]
) -> None:
    seen: list[socket.socket] = []

    class Looking(Handler):
        def handle(self) -> None:
            seen.append(self.socket)
            super().handle()

    server.handler_class = Looking
    link()
    until(lambda: seen)
    assert seen[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert seen[0].getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert seen[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60


@pytest.mark.parametrize("begun", [b"", b"GET /half HTTP/1.1\r\nHo"])
def test_a_client_that_says_nothing_more_is_let_go(
    link: Callable[[], Link], monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(server_module, "IDLE_SECONDS", 0.05)
    one = link()
    one.say(begun)
    assert one.has_ended()


def test_a_request_that_is_held_is_not_a_silent_client(
    link: Callable[[], Link], application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "IDLE_SECONDS", 0.05)
    one, other = link(), link()
    one.ask("/held")
    until(lambda: application.asked)
    assert other.has_ended()
    application.let_go.set()
    assert one.answer().endswith("/held")


def test_ending_waits_for_answers_and_not_for_idle_connections(
    server: Server, application: Application, link: Callable[[], Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "ANSWER_SECONDS", 10 * DEADLINE_SECONDS)
    held, idle = link(), link()
    idle.ask("/once")
    assert idle.answer()
    held.ask("/held")
    until(lambda: "/held" in application.asked)
    server.close()
    ending = gevent.spawn(server.end)
    for _ in range(10):
        gevent.sleep(0.001)  # turns of the loop, timers included
    assert (server.answering, ending.ready()) == (1, False)
    application.let_go.set()
    answer = held.answer()
    assert answer.endswith("/held")
    assert "Connection: close" in answer
    ending.get(timeout=DEADLINE_SECONDS)
    assert held.has_ended()
    assert idle.has_ended()


def test_ending_gives_a_link_that_is_in_use_one_more_request(
    server: Server, link: Callable[[], Link]
) -> None:
    one, other = link(), link()
    one.ask("/first")
    assert "Connection: close" not in one.answer()
    server.close()
    ending = gevent.spawn(server.end)
    gevent.sleep(0.01)
    one.ask("/last")
    answer = one.answer()
    assert answer.endswith("/last")
    assert "Connection: close" in answer
    ending.get(timeout=DEADLINE_SECONDS)
    assert one.has_ended()
    assert other.has_ended()


def test_ending_waits_for_no_link_that_has_cooled(
    server: Server, link: Callable[[], Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "LAST_REQUEST_SECONDS", 10 * DEADLINE_SECONDS)
    monkeypatch.setattr(server_module, "WARM_SECONDS", 0.05)
    one = link()
    one.ask("/once")
    assert one.answer()
    server.close()
    server.end()
    assert one.has_ended()


def test_ending_answers_what_came_while_the_whole_process_paused(
    server: Server, application: Application, link: Callable[[], Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "WARM_SECONDS", 0.0)  # the pause was longer
    one = link()
    one.ask("/once")
    assert one.answer()
    one.ask("/held")
    server.close()
    ending = gevent.spawn(server.end)
    until(lambda: "/held" in application.asked)
    gevent.sleep(0.001)
    application.let_go.set()
    assert one.answer().endswith("/held")
    ending.get(timeout=DEADLINE_SECONDS)


def test_ending_waits_only_so_long_and_says_nothing_of_what_it_does_not_know(
    server: Server, application: Application, link: Callable[[], Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "ANSWER_SECONDS", 0.05)
    held = link()
    held.ask("/held")
    until(lambda: application.asked)
    server.close()
    server.end()
    assert held.remainder() == b""


def test_ending_waits_longer_for_answers_than_for_links_in_use(
    server: Server, application: Application, link: Callable[[], Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "ANSWER_SECONDS", 10 * DEADLINE_SECONDS)
    monkeypatch.setattr(server_module, "LAST_REQUEST_SECONDS", 0.0)
    monkeypatch.setattr(server_module, "WARM_SECONDS", 10 * DEADLINE_SECONDS)
    held, warm = link(), link()
    warm.ask("/once")
    assert warm.answer()
    held.ask("/held")
    until(lambda: "/held" in application.asked)
    server.close()
    ending = gevent.spawn(server.end)
    for _ in range(10):
        gevent.sleep(0.001)  # turns of the loop, timers included
    assert not ending.ready()
    application.let_go.set()
    assert held.answer().endswith("/held")
    ending.get(timeout=DEADLINE_SECONDS)
    assert warm.has_ended()


def test_ending_in_a_hurry_waits_for_nothing(
    server: Server, application: Application, link: Callable[[], Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "ANSWER_SECONDS", 10 * DEADLINE_SECONDS)
    held = link()
    held.ask("/held")
    until(lambda: application.asked)
    server.close()
    ending = gevent.spawn(server.end)
    server.hurry()
    ending.get(timeout=DEADLINE_SECONDS)
    assert held.has_ended()


def test_a_closed_server_takes_no_connections(server: Server, link: Callable[[], Link]) -> None:
    server.close()
    with pytest.raises(ConnectionRefusedError):
        link()


def test_requests_are_not_written_down(link: Callable[[], Link], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    one = link()
    one.ask("/secret-invitation")
    one.answer()
    assert "secret-invitation" not in caplog.text
