"""A server answers below its own path, and only below its own."""

import flask
import pytest
from flask.testing import FlaskClient

from app.discovery.path import OwnPath
from app.discovery.routes import asked_at


def client_of(name: str | None) -> FlaskClient:
    app = flask.Flask(__name__)
    app.secret_key = b"only for tests"

    @app.get("/")
    @app.get("/api/v1/<thing>")
    def show(thing: str = "") -> dict[str, str]:
        flask.session["seen"] = "yes"
        return {"path": flask.request.path, "root": flask.request.script_root, "origin": asked_at()}

    app.wsgi_app = OwnPath(app.wsgi_app, name)  # type: ignore[method-assign]
    return app.test_client()


@pytest.mark.parametrize("prefix", ["", "/s/a-1"])
def test_the_own_path_is_taken_off_whether_a_proxy_did_it_or_not(prefix: str) -> None:
    answer = client_of("a-1").get(f"{prefix}/api/v1/me")
    assert answer.json == {"path": "/api/v1/me", "root": prefix, "origin": "http://localhost"}


def test_the_cookie_of_a_server_below_a_path_is_good_at_all_of_them() -> None:
    answer = client_of("a-1").get("/s/a-1/api/v1/me")
    assert "Path=/;" in answer.headers["Set-Cookie"] + ";"


def test_a_path_without_anything_behind_it_is_the_page() -> None:
    assert client_of("a-1").get("/s/a-1").status_code in (200, 308)
    assert client_of("a-1").get("/s/a-1/").json["path"] == "/"


@pytest.mark.parametrize("path", ["/s/a-2/api/v1/me", "/s/a-10/", "/s/", "/s/a/api/v1/me"])
@pytest.mark.parametrize("name", ["a-1", None])
def test_what_is_meant_for_another_server_is_refused_so_that_its_client_goes_on(
    path: str, name: str | None
) -> None:
    answer = client_of(name).get(path)
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (
        503,
        "unavailable",
        "1",
    )
    assert "Content-Security-Policy" in answer.headers
