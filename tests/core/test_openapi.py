"""The OpenAPI document: valid, and the same calls as the running application's."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import openapi_spec_validator
import pytest

from app.core.api import Access, Api
from app.core.errors import CATALOGUE
from app.core.openapi import error_codes, openapi_document
from app.discovery.wire import VersionAnswer
from app.realtime.wire import CLOSE_MEANINGS, Close

ROOT = Path(__file__).parents[2]

# In a process of its own, as gevent patches it. Nothing is served and no broker is needed.
BUILD = """
import gevent.monkey; gevent.monkey.patch_all()
import json, sys
from app.config import read_config
from app.factory import Maru
maru = Maru(read_config())
rules = [
    [rule.rule, sorted(rule.methods - {"HEAD", "OPTIONS"}), rule.websocket]
    for rule in maru.app.url_map.iter_rules()
]
client = maru.app.test_client()
served = {name: client.get(f"/api/v1/{name}.json").json for name in ("openapi", "asyncapi")}
print(json.dumps({"rules": rules, **served}))
maru.stop()
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The routes and the documents of the application as it is built for serving."""
    environment = {
        "PATH": os.environ["PATH"],
        "MARU_DATA": str(tmp_path_factory.mktemp("data")),
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    built = subprocess.run(
        [sys.executable, "-c", BUILD], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert built.returncode == 0, built.stderr
    return json.loads(built.stdout)


def test_it_is_valid(running: Any) -> None:
    openapi_spec_validator.validate(running["openapi"])


def test_every_route_is_documented_and_nothing_else(running: Any) -> None:
    pages = {"/", "/<path:path>", "/share"}
    handshakes = {rule for rule, _, websocket in running["rules"] if websocket}
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule))
        for rule, methods, _ in running["rules"]
        for method in methods
        if rule not in pages | handshakes
    }
    documented = {
        (method.upper(), path) for path, methods in running["openapi"]["paths"].items() for method in methods
    }
    assert documented == routes


def test_the_websocket_is_where_its_document_says(running: Any) -> None:
    sockets = {rule for rule, _, websocket in running["rules"] if websocket}
    assert sockets == {channel["address"] for channel in running["asyncapi"]["channels"].values()}


def test_every_call_documents_its_failures(running: Any) -> None:
    for path, methods in running["openapi"]["paths"].items():
        for method, operation in methods.items():
            responses = operation["responses"]
            assert {"500", "503"} <= set(responses), path
            assert ("401" in responses) or operation.get("security") == [], path
            if "requestBody" in operation:
                assert {"400", "413", "422"} <= set(responses), path
            if method != "get":
                assert "cross_origin" in responses["403"]["description"], path
            if "{" in path:
                assert "404" in responses, path


class Shout(msgspec.Struct):
    """What is shouted.

    Loud.
    """

    text: str


class ShoutQuery(msgspec.Struct):
    how: str
    limit: int = 5


def shouting() -> Api:
    api = Api("shouting")

    @api.operation(
        "POST", "/shouts/<seq>", body=Shout, query=ShoutQuery, answer=Shout | None, access=Access.ADMIN,
        errors=("conflict",),
    )  # fmt: skip
    def shout(body: Shout, query: ShoutQuery, seq: str) -> Shout:
        """Shout.

        In the hall.
        """
        return body

    @api.operation("DELETE", "/shouts")
    def hush() -> None:
        """Hush."""

    return api


def test_a_declaration_becomes_an_operation() -> None:
    document = openapi_document([shouting()], "1")
    openapi_spec_validator.validate(json.loads(json.dumps(document)))
    shout = document["paths"]["/api/v1/shouts/{seq}"]["post"]
    assert (shout["operationId"], shout["summary"], shout["description"]) == (
        "shout",
        "Shout.",
        "In the hall.",
    )
    assert [
        (one["in"], one["name"], one["required"], one["schema"]["type"]) for one in shout["parameters"]
    ] == [
        ("path", "seq", True, "integer"),
        ("query", "how", True, "string"),
        ("query", "limit", False, "integer"),
    ]
    assert shout["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Shout"
    }
    assert document["components"]["schemas"]["Shout"]["description"] == "What is shouted.\n\nLoud."
    assert set(document["paths"]["/api/v1/shouts"]["delete"]["responses"]) == {
        "204",
        "401",
        "403",
        "500",
        "503",
    }


def test_failures_follow_from_the_declaration() -> None:
    shout, hush = shouting().operations
    assert set(error_codes(shout)) == {
        "internal", "unavailable", "bad_json", "invalid", "too_big", "unauthenticated", "forbidden", "cross_origin",
        "not_found", "conflict",
    }  # fmt: skip
    assert set(error_codes(hush)) == {"internal", "unavailable", "unauthenticated", "cross_origin"}


def test_two_calls_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two operations are called shout"):
        openapi_document([shouting(), shouting()], "1")


def test_the_page_of_errors_is_the_catalogue() -> None:
    page = (ROOT / "docs" / "protocol" / "errors.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (.+?) \|", page, re.MULTILINE)
    errors = [(code, int(status), title) for code, status, title in rows if int(status) < 1000]
    assert errors == [(code, status, title) for code, (status, title) in CATALOGUE.items()]


def test_an_answer_is_documented_by_its_struct() -> None:
    api = Api("version", prefix="")

    @api.operation("GET", "/version", answer=VersionAnswer, access=Access.ANYONE)
    def version() -> VersionAnswer:
        """The version."""
        return VersionAnswer("1")

    operation = openapi_document([api], "1")["paths"]["/version"]["get"]
    assert operation["security"] == []
    assert set(operation["responses"]) == {"200", "500", "503"}


def test_the_page_of_errors_names_every_close_code() -> None:
    page = (ROOT / "docs" / "protocol" / "errors.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\d{4}) \| (.+?) \|$", page, re.MULTILINE)
    assert [tuple(row) for row in rows] == [
        (code.reason, str(int(code)), CLOSE_MEANINGS[code]) for code in Close
    ]
