"""deploy/nginx.conf in front of a real Maru with two chat servers, and of servers that behave badly."""

import gzip
import http.client
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.sync.client import connect

from tests.flows.nginx import Nginx
from tests.people import Online, Person
from tests.serving import PROJECT, Server, free_port

MESSAGES = "/api/v1/channels/1/messages"


@pytest.fixture(scope="module")
def maru(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"MARU_WORKERS": "2", "MARU_SERVER_ID": "a"}
    with Server(tmp_path_factory.mktemp("maru"), settings) as server:
        yield server
    assert "Traceback" not in server.log


@pytest.fixture(scope="module")
def nginx(maru: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    names = {"a-1": maru.port + 1, "a-2": maru.port + 2}
    with Nginx(tmp_path_factory.mktemp("nginx") / "here", [maru.port], names) as nginx:
        yield nginx


@pytest.fixture(scope="module")
def ask(nginx: Nginx) -> Iterator[Callable[..., requests.Response]]:
    """A request to nginx by path."""
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(nginx.certificate)

        def ask(method: str, path: str, **options: Any) -> requests.Response:
            return session.request(method, nginx.url + path, timeout=60, allow_redirects=False, **options)

        yield ask


@pytest.fixture(scope="module")
def ann(maru: Server) -> Person:
    return Person(maru, "ann")


def authorised(person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.token}"}


@pytest.mark.parametrize("prefix", ["", "/s/a-1", "/s/a-2"])
def test_what_is_sent_by_rest_is_heard_on_a_websocket(
    ask: Callable[..., requests.Response], nginx: Nginx, maru: Server, ann: Person, prefix: str
) -> None:
    channel = ann.direct(maru, Person(maru, "bob"))
    url = f"wss://127.0.0.1:{nginx.port}{prefix}/api/v1/ws"
    with connect(url, additional_headers=authorised(ann), ssl=nginx.trust, close_timeout=1) as socket:
        live = Online(socket)
        live.say({"type": "hello", "cursor": None})
        live.until(lambda frame: frame["type"] == "live")
        body = {"client_message_id": str(uuid.uuid4()), "text": f"by {prefix}"}
        path = f"{prefix}/api/v1/channels/{channel}/messages"
        assert ask("POST", path, json=body, headers=authorised(ann)).status_code == 201
        live.until_text(f"by {prefix}")


def test_the_path_of_a_chat_server_leads_to_that_one(nginx: Nginx, ann: Person) -> None:
    def welcomed(name: str) -> str:
        url = f"wss://127.0.0.1:{nginx.port}/s/{name}/api/v1/ws"
        with connect(url, additional_headers=authorised(ann), ssl=nginx.trust, close_timeout=1) as socket:
            live = Online(socket)
            live.say({"type": "hello", "cursor": None})
            return str(live.until(lambda frame: frame["type"] == "welcome")["server"])

    first, second = welcomed("a-1"), welcomed("a-2")
    assert first != second
    assert [welcomed("a-1"), welcomed("a-2")] == [first, second]


def test_a_held_poll_is_answered_when_something_comes(
    ask: Callable[..., requests.Response], nginx: Nginx, maru: Server, ann: Person
) -> None:
    channel = ann.direct(maru, Person(maru, "bob"))
    start = ask("GET", "/api/v1/sync", headers=authorised(ann)).json()["cursor"]
    with ThreadPoolExecutor() as pool:
        path = f"/api/v1/sync?wait=55&cursor={start}"
        held = pool.submit(
            requests.get, nginx.url + path, headers=authorised(ann), verify=str(nginx.certificate), timeout=60
        )
        ann.say(maru, channel, "at last")
        assert [event["text"] for event in held.result().json()["events"]] == ["at last"]


def test_a_server_nobody_knows_is_away(ask: Callable[..., requests.Response], ann: Person) -> None:
    assert ask("GET", "/s/b-7/api/v1/sync", headers=authorised(ann)).status_code == 503


def test_measurements_are_not_for_the_outside(ask: Callable[..., requests.Response]) -> None:
    assert ask("GET", "/metrics").status_code == 404


def test_plain_http_is_sent_to_tls(nginx: Nginx) -> None:
    answer = requests.get(f"http://127.0.0.1:{nginx.plain_port}/join/x", allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://127.0.0.1/join/x")


def test_too_much_is_refused_in_the_words_of_maru_and_far_too_much_by_nginx(
    ask: Callable[..., requests.Response], ann: Person
) -> None:
    headers = {**authorised(ann), "Content-Type": "application/json"}
    much = ask("POST", MESSAGES, data=b" " * 300_000, headers=headers)
    assert (much.status_code, much.json()["code"]) == (413, "too_big")
    far_too_much = ask("POST", MESSAGES, data=b" " * 600_000, headers=headers)
    assert (far_too_much.status_code, "nginx" in far_too_much.text) == (413, True)


@pytest.mark.parametrize("path", ["/", "/assets/{asset}"])
def test_page_and_assets_have_the_headers_of_maru_and_strict_transport(
    ask: Callable[..., requests.Response], maru: Server, path: str
) -> None:
    path = path.format(asset=asset().name)
    direct = requests.get(maru.base_url + path, timeout=10).headers
    proxied = ask("GET", path).headers
    assert proxied["Strict-Transport-Security"] == "max-age=31536000"
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"):
        assert proxied[name] == direct[name]


def asset() -> Path:
    """The page's script."""
    return max((PROJECT / "app/static/dist/assets").glob("*.js"), key=lambda path: path.stat().st_size)


# Servers that behave badly.


@dataclass
class Upstream:
    """A server that remembers what it was asked, and answers, or hangs up."""

    hangs_up: bool = False
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def __enter__(self) -> "Upstream":
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                upstream.asked.append((self.command, self.path, dict(self.headers)))
                if upstream.hangs_up:
                    self.close_connection = True
                    return
                body = asset().read_bytes() if self.path.startswith("/assets/") else b"{}"
                self.send_response(200)
                self.send_header("Content-Type", "text/javascript")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer  # noqa: N815  # the library's names

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_port)


@dataclass
class Bad:
    """nginx before one server that hangs up when it was asked, and one that answers."""

    nginx: Nginx
    bad: Upstream
    good: Upstream

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
        link = http.client.HTTPSConnection("127.0.0.1", self.nginx.port, context=self.nginx.trust, timeout=30)
        link.request(method, path, b"{}" if method == "POST" else None, headers or {})
        answer = link.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        link.close()
        return answer

    def tried(self) -> tuple[int, int]:
        """How often each was asked since the last time."""
        counts = len(self.bad.asked), len(self.good.asked)
        self.bad.asked.clear()
        self.good.asked.clear()
        return counts


@pytest.fixture
def bad(tmp_path: Path) -> Iterator[Bad]:
    with Upstream(hangs_up=True) as bad, Upstream() as good:
        ports = [bad.port, good.port, free_port()]  # the last is not even there
        with Nginx(tmp_path / "nginx", ports, {"a-1": bad.port}) as nginx:
            yield Bad(nginx, bad, good)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1/me"), ("GET", "/api/v1/sync"), ("POST", MESSAGES)]
)
def test_what_is_safe_to_repeat_is_asked_of_another_server(bad: Bad, method: str, path: str) -> None:
    statuses = [bad.ask(method, path).status for _ in range(3)]
    assert statuses == [200, 200, 200]
    assert bad.tried()[0] > 0


def test_what_may_have_been_done_is_not_done_again(bad: Bad) -> None:
    statuses = [bad.ask("POST", "/api/v1/channels").status for _ in range(3)]
    asked_bad, asked_good = bad.tried()
    assert (asked_bad, asked_good) == (statuses.count(502), statuses.count(200))
    assert asked_bad > 0


def test_what_a_stranger_claims_to_be_is_dropped(bad: Bad) -> None:
    claims = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "gopher"}
    bad.ask("GET", "/api/v1/me", claims)
    ((_, _, headers),) = bad.good.asked
    assert (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"]) == ("127.0.0.1", "https")
    assert headers["Host"] == f"127.0.0.1:{bad.nginx.port}"


def test_assets_are_kept_and_compressed(bad: Bad) -> None:
    """Even while no server is there."""
    path, encoding = f"/assets/{asset().name}", {"Accept-Encoding": "gzip"}
    bodies = [bad.ask("GET", path, encoding).body for _ in range(3)]  # type: ignore[attr-defined]
    assert [gzip.decompress(body) for body in bodies] == [asset().read_bytes()] * 3
    assert bad.tried()[1] == 1
