"""Two real servers with names: found by clients, drained by an operator, losing nothing of what is said meanwhile."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.discovery.town import House
from tests.people import DEADLINE_SECONDS, Json, Online, Person, wait_until
from tests.serving import Server


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("two"))
    with house.a, house.b:
        yield house
    for server in (house.a, house.b):
        assert "Traceback" not in server.log


@pytest.fixture(scope="module")
def ann(house: House) -> Person:
    ann = Person(house.a, "ann")
    for at in (house.a, house.b):
        wait_until(lambda: house.names(ann, at) == {"a", "b"})  # noqa: B023
    return ann


@pytest.fixture
def drained(house: House, ann: Person) -> Iterator[str]:
    """The server a, while it takes nobody."""
    result = house.operate("drain", "a")
    assert (result.returncode, result.stderr) == (0, "")
    yield result.stdout
    result = house.operate("undrain", "a")
    assert (result.returncode, result.stdout) == (0, "a: It takes clients again.\n")


def test_both_are_listed_where_clients_find_them_and_at_sign_in_too(house: House, ann: Person) -> None:
    urls = {"a": f"{house.public}/s/a", "b": house.b.base_url}
    listed = house.listed(ann, house.b)["servers"]
    form = {**ann._form, "token": True}
    signed_in = requests.post(f"{house.a.api_url}/auth/login", json=form, timeout=DEADLINE_SECONDS).json()
    for servers in (listed, signed_in["servers"]):
        assert {entry["id"]: entry["url"] for entry in servers} == urls
        assert {entry["region"] for entry in servers} == {"seoul"}


def test_a_server_answers_below_its_own_path_by_every_transport(house: House, ann: Person) -> None:
    path = f"{house.a.base_url}/s/a/api/v1"
    headers = {"Authorization": f"Bearer {ann.token}"}
    assert (
        requests.get(f"{path}/me", headers=headers, timeout=DEADLINE_SECONDS).json()["user"]["id"] == ann.id
    )
    with connect(f"ws{path.removeprefix('http')}/ws", additional_headers=headers) as socket:
        Online(socket).say({"type": "hello", "cursor": None})
        assert Online(socket).until(lambda frame: frame["type"] == "live")
    elsewhere = requests.get(f"{house.a.base_url}/s/b/api/v1/me", headers=headers, timeout=DEADLINE_SECONDS)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (503, "unavailable")


def test_the_page_may_connect_to_the_host_of_the_other_server(house: House, ann: Person) -> None:
    policy = requests.get(f"{house.a.base_url}/api/v1/me", timeout=DEADLINE_SECONDS).headers[
        "Content-Security-Policy"
    ]
    (rule,) = (rule for rule in policy.split("; ") if rule.startswith("connect-src"))
    assert rule == f"connect-src 'self' {house.b.base_url} ws{house.b.base_url.removeprefix('http')}"


def test_asking_for_the_socket_without_a_handshake_is_told_what_it_takes(house: House) -> None:
    answer = requests.get(f"{house.a.api_url}/ws", timeout=DEADLINE_SECONDS)
    assert (answer.status_code, answer.headers["Upgrade"], answer.json()["status"]) == (426, "websocket", 426)


def test_a_proxy_is_believed_about_the_address_of_who_signs_in(house: House, ann: Person) -> None:
    form = {**ann._form, "token": True}
    hops = {"X-Forwarded-For": "192.0.2.66, 198.51.100.7, 127.0.0.9"}
    answer = requests.post(
        f"{house.a.api_url}/auth/login", json=form, headers=hops, timeout=DEADLINE_SECONDS
    ).json()
    sessions = ann.call(house.a, "GET", "/sessions", token=answer["token"]).json()["sessions"]
    assert [session["ip"] for session in sessions if session["current"]] == ["198.51.100.7"]


# --- tickets


def ring(house: House, **headers: str) -> Any:
    """A browser on a page of the public origin connects to b, which is another site to it."""
    return connect(
        house.b.ws_url,
        origin=house.public,
        additional_headers={"Sec-Fetch-Site": "cross-site", **headers},
        close_timeout=1,
    )  # type: ignore[arg-type]


def hello(ticket: str | None) -> Json:
    return {"type": "hello", "cursor": None, "ticket": ticket}


def test_a_ticket_opens_a_socket_on_another_host_once(house: House, ann: Person) -> None:
    ticket = house.listed(ann, house.a)["ticket"]
    channel = ann.direct(house.a, Person(house.a, "bob"))
    with ring(house) as socket:
        live = Online(socket)
        live.say(hello(ticket))
        live.say(
            {
                "type": "send",
                "id": 1,
                "channel_id": channel,
                "client_message_id": str(uuid.uuid4()),
                "text": "hi",
            }
        )
        event = live.until(lambda frame: frame["type"] == "ok")["event"]
        assert (event["text"], event["author_id"]) == ("hi", ann.id)
    with ring(house) as socket:
        Online(socket).say(hello(ticket))
        assert Online(socket).until_closed() == (4001, "unauthenticated")


def test_without_a_ticket_nobody_comes_in_whatever_cookie_the_host_has(house: House) -> None:
    bob = requests.Session()
    form = {
        "username": f"bob_{uuid.uuid4().hex[:8]}",
        "password": "lantern over the hall",
        "display_name": "Bob",
    }
    assert bob.post(f"{house.b.api_url}/auth/signup", json=form, timeout=DEADLINE_SECONDS).status_code == 201
    cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in bob.cookies)
    with ring(house, Cookie=cookie) as socket:
        Online(socket).say(hello(None))
        assert Online(socket).until_closed() == (4001, "unauthenticated")


@pytest.mark.parametrize("first", ['{"type":"typing","channel_id":"x"}', "no json"])
def test_a_stranger_who_does_not_greet_is_sent_away(house: House, first: str) -> None:
    with ring(house) as socket:
        socket.send(first)
        assert Online(socket).until_closed() == (1008, "policy")


def test_pages_of_other_sites_are_refused_before_the_101(house: House, ann: Person) -> None:
    for at, origin in ((house.b, "https://elsewhere.example"), (house.a, "https://elsewhere.example")):
        answer = handshake(at, Origin=origin)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")
    assert (
        handshake(house.a, Origin=house.public).status_code == 401
    )  # a is no host of its own: its cookies count


def handshake(server: Server, **headers: str) -> requests.Response:
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **headers,
    }
    return requests.get(f"{server.api_url}/ws", headers=asked, timeout=DEADLINE_SECONDS)


def test_ending_the_session_ends_what_came_in_by_its_ticket(house: House, ann: Person) -> None:
    token = ann.sign_in(house.a)
    ticket = ann.call(house.a, "GET", "/servers", token=token).json()["ticket"]
    late = ann.call(house.a, "GET", "/servers", token=token).json()["ticket"]
    with ring(house) as socket:
        live = Online(socket)
        live.say(hello(ticket))
        live.until(lambda frame: frame["type"] == "live")
        assert ann.call(house.a, "POST", "/auth/logout", token=token).status_code == 204
        assert live.until_closed() == (4003, "revoked")
    with ring(house) as socket:
        Online(socket).say(hello(late))
        assert Online(socket).until_closed() == (4001, "unauthenticated")


# --- an operator's hand


def test_an_operator_sees_who_is_there(house: House, ann: Person) -> None:
    with ann.online(house.a):
        lines = house.operate("servers").stdout.splitlines()
    assert [line.split()[:4] for line in lines[1:]] == [
        ["a", "/s/a", "seoul", "1/10000"],
        ["b", house.b.base_url, "seoul", "0/10000"],
    ]


def test_an_order_to_nobody_is_one_sentence(house: House, ann: Person) -> None:
    result = house.operate("drain", "c")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "No chat server is called c. There are: a, b.\n"


def test_draining_sends_clients_elsewhere_and_takes_no_new_ones_but_answers_requests(
    house: House, ann: Person, request: pytest.FixtureRequest
) -> None:
    cursor = ann.call(house.a, "GET", "/sync").json()["cursor"]
    answers: list[requests.Response] = []
    query = f"/sync?cursor={cursor}&wait=55"
    held = threading.Thread(target=lambda: answers.append(ann.call(house.a, "GET", query)))
    with ann.online(house.a) as live:
        held.start()
        assert ann.call(house.a, "GET", "/me").status_code == 200
        said = request.getfixturevalue("drained")
        assert said == "a: It sends its clients (2) to the other servers (1).\n"
        assert live.until_closed() == (1001, "drain")
    bye = live.heard[-1]
    assert (bye["type"], bye["code"], [entry["id"] for entry in bye["servers"]]) == ("bye", "drain", ["b"])
    held.join()
    for refused in (
        answers[0],
        ann.call(house.a, "GET", "/sync"),
        handshake(house.a, Authorization=f"Bearer {ann.token}"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (503, "draining")
        assert int(refused.headers["Retry-After"]) >= 1
    ready = requests.get(f"{house.a.base_url}/readyz", timeout=DEADLINE_SECONDS)
    assert (ready.status_code, ready.json()["code"]) == (503, "draining")
    assert house.names(ann, house.a) == {"b"}
    wait_until(lambda: house.names(ann, house.b) == {"b"})
    assert ann.call(house.a, "GET", "/me").status_code == 200


def test_a_drained_server_takes_clients_again_when_it_is_told_to(house: House, ann: Person) -> None:
    """The test before this one drained it, and took that back."""
    wait_until(lambda: house.names(ann, house.b) == {"a", "b"})
    with ann.online(house.a):
        assert requests.get(f"{house.a.base_url}/readyz", timeout=DEADLINE_SECONDS).status_code == 200


def test_a_drain_under_load_loses_and_fails_nothing(
    house: House, ann: Person, request: pytest.FixtureRequest
) -> None:
    """Every request is answered with success; every frame that was read is acknowledged: what was not is not stored."""
    bob = Person(house.a, "bob")
    channel = ann.direct(house.a, bob)
    done = threading.Event()
    posted: list[Json] = []
    posting = threading.Thread(target=lambda: post_until(house.a, bob, channel, done, posted))
    sockets = [Sending(house.a, ann, channel) for _ in range(8)]
    posting.start()
    for sending in sockets:
        sending.start()
    wait_until(lambda: all(sending.answered > 20 for sending in sockets) and len(posted) > 20)
    request.getfixturevalue("drained")
    for sending in sockets:
        sending.join(DEADLINE_SECONDS)
        assert sending.closed == (1001, "drain")
    before = len(posted)
    wait_until(lambda: len(posted) > before + 20)
    done.set()
    posting.join()
    stored = stored_ids(house.b, ann, channel)
    acknowledged = [one for sending in sockets for one in sending.acknowledged]
    assert sorted(stored) == sorted([*acknowledged, *(event["client_message_id"] for event in posted)])


def post_until(
    server: Server, person: Person, channel: str, done: threading.Event, posted: list[Json]
) -> None:
    """One request after the other on a link that is kept; none may fail."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {person.token}"
        while not done.is_set():
            body = {"client_message_id": str(uuid.uuid4()), "text": "by request"}
            answer = session.post(
                f"{server.api_url}/channels/{channel}/messages", json=body, timeout=DEADLINE_SECONDS
            )
            assert answer.status_code == 201, answer.text
            posted.append(answer.json()["event"])


class Sending(threading.Thread):
    """Says one thing after the other on a socket, several under way at once, until it is closed."""

    def __init__(self, server: Server, person: Person, channel: str) -> None:
        super().__init__()
        self._server, self._person, self._channel = server, person, channel
        self.acknowledged: list[str] = []
        self.closed: tuple[int, str] | None = None

    @property
    def answered(self) -> int:
        return len(self.acknowledged)

    def run(self) -> None:
        with self._person.online(self._server) as live:
            with suppress(ConnectionClosed):
                for _ in range(4):
                    self._say(live)
                while True:
                    frame = live.until(lambda frame: frame["type"] == "ok")
                    self.acknowledged.append(frame["event"]["client_message_id"])
                    self._say(live)
            self.closed = live.until_closed()
            oks = [frame for frame in live.heard if frame["type"] == "ok"]
            self.acknowledged = [frame["event"]["client_message_id"] for frame in oks]

    def _say(self, live: Online) -> None:
        body = {"channel_id": self._channel, "client_message_id": str(uuid.uuid4()), "text": "by socket"}
        live.say({"type": "send", "id": 1, **body})


def stored_ids(server: Server, person: Person, channel: str) -> list[str]:
    found: list[str] = []
    after = 0
    while True:
        page = person.call(server, "GET", f"/channels/{channel}/events?after={after}&limit=200").json()
        found += [event["client_message_id"] for event in page["events"] if event["kind"] == "message"]
        if not page["has_after"]:
            return found
        after = page["events"][-1]["seq"]
