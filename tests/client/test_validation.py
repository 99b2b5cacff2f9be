"""What is not as documented is found out."""

import pytest

from tests.client.validation import Documents
from tests.client.wire import Json, Violation

OPENAPI: Json = {
    "openapi": "3.1.0",
    "paths": {
        "/api/v1/things/{thing_id}": {
            "get": {
                "responses": {
                    "200": {"$ref": "#/components/responses/Thing"},
                    "404": {"$ref": "#/components/responses/Problem"},
                }
            },
            "put": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"204": {"description": "done"}},
            },
        },
        "/api/v1/things/special": {"get": {"responses": {"204": {"description": "nothing"}}}},
    },
    "components": {
        "responses": {
            "Thing": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
            "Problem": {"content": {"application/problem+json": {"schema": {"type": "object", "required": ["code"]}}}},
        },
        "schemas": {"Thing": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}},
    },
}  # fmt: skip

ASYNCAPI: Json = {
    "asyncapi": "3.0.0",
    "channels": {
        "ws": {
            "messages": {
                "hello": {"$ref": "#/components/messages/hello"},
                "welcome": {"$ref": "#/components/messages/welcome"},
            }
        }
    },
    "operations": {
        "hear": {"action": "receive", "messages": [{"$ref": "#/channels/ws/messages/hello"}]},
        "say": {"action": "send", "messages": [{"$ref": "#/channels/ws/messages/welcome"}]},
    },
    "components": {
        "messages": {
            "hello": {"payload": {"$ref": "#/components/schemas/Hello"}},
            "welcome": {"payload": {"$ref": "#/components/schemas/Welcome"}},
        },
        "schemas": {
            "Hello": {"type": "object", "required": ["type"], "properties": {"type": {"enum": ["hello"]}}},
            "Welcome": {"type": "object", "required": ["cursor"], "properties": {"type": {"const": "welcome"}}},
        },
    },
}  # fmt: skip

JSON = "application/json"
PROBLEM = "application/problem+json"


@pytest.fixture
def documents() -> Documents:
    return Documents(OPENAPI, ASYNCAPI)


def test_what_is_as_documented_passes_and_is_noted(documents: Documents) -> None:
    documents.answer("GET", "/api/v1/things/7", 200, JSON, {"n": 1})
    documents.answer("GET", "/api/v1/things/7", 404, PROBLEM, {"code": "not_found"})
    documents.answer("GET", "/api/v1/things/special", 204, "", None)
    documents.request("PUT", "/api/v1/things/7", {"n": 1})
    documents.said({"type": "hello"})
    documents.heard({"type": "welcome", "cursor": "c"})
    assert documents.seen == {
        "GET /api/v1/things/{thing_id} 200",
        "GET /api/v1/things/{thing_id} 404",
        "GET /api/v1/things/special 204",
        "said hello",
        "heard welcome",
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "kind", "body"),
    [
        ("GET", "/api/v1/nowhere", 200, JSON, {"n": 1}),
        ("POST", "/api/v1/things/7", 200, JSON, {"n": 1}),
        ("GET", "/api/v1/things/7", 500, PROBLEM, {"code": "internal"}),
        ("GET", "/api/v1/things/7", 200, PROBLEM, {"n": 1}),
        ("GET", "/api/v1/things/7", 200, JSON, {"n": "one"}),
        ("GET", "/api/v1/things/7", 200, JSON, {}),
        ("GET", "/api/v1/things/7", 404, PROBLEM, {}),
        ("GET", "/api/v1/things/special", 204, JSON, {"n": 1}),
    ],
)
def test_an_answer_that_is_not_as_documented_is_a_violation(
    documents: Documents, method: str, path: str, status: int, kind: str, body: Json
) -> None:
    with pytest.raises(Violation):
        documents.answer(method, path, status, kind, body)


@pytest.mark.parametrize(
    ("path", "body"), [("/api/v1/things/7", {"n": "one"}), ("/api/v1/things/special", {})]
)
def test_a_request_that_is_not_as_documented_is_a_violation(
    documents: Documents, path: str, body: Json
) -> None:
    with pytest.raises(Violation):
        documents.request("PUT", path, body)


def test_frames_are_checked_by_their_type_and_direction(documents: Documents) -> None:
    for wrong in ({"type": "welcome"}, {"type": "hello"}, {"type": "nonsense"}, {}):
        with pytest.raises(Violation):
            documents.heard(wrong)
    with pytest.raises(Violation):
        documents.said({"type": "welcome", "cursor": "c"})
