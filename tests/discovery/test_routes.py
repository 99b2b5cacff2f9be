"""Which server to use, and whether it is well."""

from collections.abc import Callable

import flask
import pytest
from flask.testing import FlaskClient

from app.core.errors import Unavailable
from app.core.problems import install_problems
from app.discovery.readiness import Readiness
from app.discovery.routes import discovery_api, operations_api, ranked_here
from app.discovery.servers import Servers
from tests.rest import MINJI, Rest

Check = Callable[[], str | None]


def client_of(readiness: Readiness) -> FlaskClient:
    app = flask.Flask(__name__)
    install_problems(app)
    app.register_blueprint(operations_api(readiness, "1.2.3").blueprint)
    return app.test_client()


def test_the_server_is_itself_under_the_address_it_was_asked_at() -> None:
    rest = Rest()
    rest.app.register_blueprint(discovery_api(Servers("s-1", None)).blueprint)
    answer = rest.by(MINJI).get("/servers?region=seoul")
    assert answer.json == {
        "servers": [{"id": "s-1", "url": "http://localhost", "region": ""}],
        "ticket": None,
    }
    assert rest.app.test_client().get("/api/v1/servers").status_code == 401


def test_a_configured_address_is_the_one_that_is_told() -> None:
    servers = Servers("s-1", "https://chat.example.org")
    with flask.Flask(__name__).test_request_context("http://10.0.0.7:8000/"):
        assert [server.url for server in ranked_here(servers)()] == ["https://chat.example.org"]


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
