"""Which server to use, and whether it is well."""

from collections.abc import Callable
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient

from app.bus.local_broker import LocalBroker
from app.bus.local_leases import LocalLeases
from app.core.errors import Unavailable
from app.core.problems import install_problems
from app.discovery.readiness import Readiness
from app.discovery.registry import Entry, Registry
from app.discovery.routes import asked_at, discovery_api, operations_api, ranked_here
from app.discovery.servers import Servers
from app.discovery.tickets import Tickets
from tests.accounts.house import SetClock
from tests.rest import MINJI, Rest

Check = Callable[[], str | None]


def client_of(readiness: Readiness) -> FlaskClient:
    app = flask.Flask(__name__)
    install_problems(app)
    app.register_blueprint(operations_api(readiness, "1.2.3").blueprint)
    return app.test_client()


class Asked:
    """The call of a process with an entry of its own, and others that it has heard of."""

    def __init__(self, *addresses: str, public_origin: str | None = None) -> None:
        broker, clock = LocalBroker(), SetClock()
        broker.start()
        own, *others = [
            Registry(
                broker, clock, Entry(instance=f"s-{number}", id=f"{number}", address=address, region="seoul")
            )
            for number, address in enumerate(addresses)
        ]
        for other in others:
            other.announce()
        self.tickets = Tickets(LocalLeases(clock), lambda _: set())
        self.servers = Servers(own, public_origin)
        self.rest = Rest()
        self.rest.app.register_blueprint(discovery_api(self.servers, self.tickets).blueprint)

    def answer(self, query: str = "") -> Any:
        return self.rest.by(MINJI).get(f"/servers{query}").json


def test_the_server_is_itself_under_the_address_it_was_asked_at() -> None:
    asked = Asked("")
    assert asked.answer("?region=seoul") == {
        "servers": [{"id": "0", "url": "http://localhost", "region": "seoul"}],
        "ticket": None,
    }
    assert asked.rest.app.test_client().get("/api/v1/servers").status_code == 401


@pytest.mark.parametrize(
    ("said", "origin"),
    [
        ("https", "https://chat.example.org"),
        ("https, http", "https://chat.example.org"),
        ("gopher", "http://chat.example.org"),
    ],
)
def test_behind_a_proxy_that_speaks_tls_the_address_is_the_one_its_client_knows(
    said: str, origin: str
) -> None:
    headers = {"X-Forwarded-Proto": said}
    with flask.Flask(__name__).test_request_context(
        "http://chat.example.org/api/v1/servers", headers=headers
    ):
        assert asked_at() == origin


def test_a_configured_address_is_the_one_that_is_told() -> None:
    servers = Asked("", public_origin="https://chat.example.org").servers
    with flask.Flask(__name__).test_request_context("http://10.0.0.7:8000/"):
        assert [server.url for server in ranked_here(servers)()] == ["https://chat.example.org"]


def test_a_ticket_comes_with_the_list_only_when_somebody_is_on_another_host() -> None:
    assert Asked("/s/a-1", "").answer()["ticket"] is None
    asked = Asked("/s/a-1", "https://b.example.org", public_origin="https://chat.example.org")
    answer = asked.answer()
    holder = asked.tickets.redeem(answer["ticket"])
    assert {server["url"] for server in answer["servers"]} == {
        "https://chat.example.org/s/a-1",
        "https://b.example.org",
    }
    assert holder is not None
    assert holder.user_id == MINJI


def test_health_and_version_need_nothing() -> None:
    client = client_of(Readiness({}))
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, {"status": "ok"})
    assert client.get("/version").json == {"version": "1.2.3"}


def test_a_server_with_everything_it_needs_is_ready() -> None:
    answer = client_of(Readiness({"store": lambda: None, "database": lambda: None})).get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "checks": ["store", "database"]})


def raising(error: Exception) -> Check:
    def check() -> str | None:
        raise error

    return check


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (lambda: "The disk is full.", "The disk is full."),
        (raising(Unavailable("Too much waits.")), "Too much waits."),
        (raising(OSError("/secret/path")), "It failed; the server's log says how."),
    ],
)
def test_a_server_that_misses_something_says_what(check: Check, reason: str) -> None:
    answer = client_of(Readiness({"store": check, "database": lambda: None})).get("/readyz")
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert answer.json["fields"] == {"store": reason}


def test_a_server_that_goes_away_is_not_ready_but_healthy() -> None:
    readiness = Readiness({"store": lambda: None})
    readiness.drain()
    client = client_of(readiness)
    assert (client.get("/readyz").status_code, client.get("/readyz").json["code"]) == (503, "draining")
    assert client.get("/healthz").status_code == 200
