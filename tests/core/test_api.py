"""Typed operations: what they parse, guard and render; and errors as problem documents."""

from collections.abc import Iterator
from pathlib import Path

import flask
import msgspec
import pytest
from flask.testing import FlaskClient

from app.core.api import MAX_BODY_BYTES, Access, Api, Caller, Reply
from app.core.errors import CATALOGUE, Conflict, RateLimited, error_for
from app.core.problems import install_problems
from tests.accounts.house import House


class Word(msgspec.Struct):
    word: str


class Page(msgspec.Struct):
    limit: int = 20


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(f"sqlite:///{tmp_path / 'maru.db'}", tmp_path)
    house.app.register_blueprint(an_api().blueprint)
    yield house
    house.close()


def an_api() -> Api:
    api = Api("words")

    @api.operation("POST", "/words", body=Word, answer=Word, access=Access.ANYONE, status=201)
    def add(body: Word) -> Word:
        """Add a word."""
        return body

    @api.operation("GET", "/words/<word>", query=Page, answer=Word)
    def get(word: str, query: Page, caller: Caller) -> Reply:
        """One word."""
        return Reply(Word(f"{word} {query.limit} {caller.user_id}"), 206, {"X-Word": "1"})

    @api.operation("DELETE", "/words/<word>", access=Access.ADMIN)
    def remove(word: str) -> None:
        """Forget a word."""

    @api.operation("POST", "/fail/<code>", access=Access.ANYONE)
    def fail(code: str) -> None:
        """Fail as asked."""
        if code == "crash":
            raise RuntimeError("secret of the server")
        if code == "rate":
            raise RateLimited("slowly", retry_after=2.4)
        raise Conflict("taken", fields={"word": "Taken"})

    return api


@pytest.fixture
def client(house: House) -> FlaskClient:
    return house.app.test_client()


def test_a_body_is_parsed_and_its_answer_rendered_unescaped_and_never_stored(client: FlaskClient) -> None:
    answer = client.post("/api/v1/words", data='{"word":"마루"}'.encode())
    assert (answer.status_code, answer.mimetype, answer.data) == (
        201,
        "application/json",
        '{"word":"마루"}'.encode(),
    )
    assert answer.headers["Cache-Control"] == "no-store"


def test_rule_query_and_caller_reach_the_view_and_a_reply_chooses_status_and_headers(house: House) -> None:
    marie = house.person("marie")
    answer = marie.send("GET", "/words/hi?limit=3")
    assert (answer.status_code, answer.json, answer.headers["X-Word"]) == (
        206,
        {"word": f"hi 3 {marie.id}"},
        "1",
    )


def test_access_is_asked_for_before_anything_is_parsed(house: House) -> None:
    owner, minsu = house.person("marie"), house.person("minsu")
    assert house.visitor().send("GET", "/words/hi?limit=x").status_code == 401
    assert minsu.send("DELETE", "/words/hi").status_code == 403
    answer = owner.send("DELETE", "/words/hi")
    assert (answer.status_code, answer.data) == (204, b"")


def test_a_body_may_be_as_large_as_said_and_no_larger(client: FlaskClient) -> None:
    largest = b'{"word":"' + b"x" * (MAX_BODY_BYTES - 11) + b'"}'
    assert len(largest) == MAX_BODY_BYTES
    assert client.post("/api/v1/words", data=largest).status_code == 201
    too_big = client.post("/api/v1/words", data=largest + b" ")
    assert (too_big.status_code, too_big.json and too_big.json["code"]) == (413, "too_big")


def test_an_error_is_a_problem_document(client: FlaskClient) -> None:
    answer = client.post("/api/v1/fail/taken")
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert answer.json == {
        "type": "/api/v1/errors#conflict", "title": "It conflicts with what is there", "status": 409,
        "code": "conflict", "detail": "taken", "fields": {"word": "Taken"},
    }  # fmt: skip


def test_how_long_to_wait_is_told_in_the_body_and_in_the_header(client: FlaskClient) -> None:
    answer = client.post("/api/v1/fail/rate")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert answer.json
    assert answer.json["retry_after"] == 2.4


def test_an_unexpected_error_tells_nothing_of_itself_and_is_logged(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.post("/api/v1/fail/crash")
    assert (answer.status_code, answer.json and answer.json["code"]) == (500, "internal")
    assert b"secret" not in answer.data
    assert "secret of the server" in caplog.text


def test_no_such_address_and_no_such_method_are_problem_documents_too(client: FlaskClient) -> None:
    nowhere, wrong = client.get("/api/v1/nowhere"), client.put("/api/v1/words")
    assert (nowhere.status_code, nowhere.json and nowhere.json["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json and wrong.json["code"]) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]


def test_redirects_are_no_errors() -> None:
    app = flask.Flask("test")
    install_problems(app)
    app.add_url_rule("/folder/", "folder", lambda: "here")
    assert app.test_client().get("/folder").status_code == 308


def test_every_code_of_the_catalogue_has_its_error() -> None:
    for code, (status, title) in CATALOGUE.items():
        error = error_for(code, "why")
        assert (error.code, error.status, error.title) == (code, status, title)
