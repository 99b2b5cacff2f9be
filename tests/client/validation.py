"""Holds every request, answer and frame against the documents that the server itself publishes.

The schemas are compiled once (a Rust validator: a check costs microseconds), so it can stay on in large flows.
"""

import re
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import quote

import jsonschema_rs

from tests.client.wire import Json, Violation

PREFIX = "/api/v1"
Validator = jsonschema_rs.Draft202012Validator


class Checks(Protocol):
    """What a client asks of its documents. Each raises Violation."""

    def request(self, method: str, path: str, body: Any) -> None: ...

    def answer(self, method: str, path: str, status: int, content_type: str, body: Any) -> None: ...

    def said(self, frame: Json) -> None: ...

    def heard(self, frame: Json) -> None: ...


class Unchecked:
    """For load: nothing is looked at."""

    def request(self, method: str, path: str, body: Any) -> None: ...

    def answer(self, method: str, path: str, status: int, content_type: str, body: Any) -> None: ...

    def said(self, frame: Json) -> None: ...

    def heard(self, frame: Json) -> None: ...


class Documents:
    """The OpenAPI and AsyncAPI documents, compiled."""

    def __init__(self, openapi: Json, asyncapi: Json) -> None:
        self._operations = dict(_operations(openapi))
        self._templates = [(_pattern(path), path) for path in sorted(openapi["paths"], key=_literal_first)]
        self._frames = {action: _frames_of(asyncapi, action) for action in ("send", "receive")}
        self.seen: set[str] = set()
        """What was checked so far: "GET /api/v1/me 200", "heard welcome"; for tests of coverage."""

    def request(self, method: str, path: str, body: Any) -> None:
        operation = self._operation(method, path)
        if body is not None and operation.body is None:
            raise Violation(f"{method} {path}: the document knows no body")
        if body is not None and operation.body is not None:
            _check(operation.body, body, f"request {method} {path}")

    def answer(self, method: str, path: str, status: int, content_type: str, body: Any) -> None:
        operation = self._operation(method, path)
        if str(status) not in operation.answers:
            raise Violation(f"{method} {path}: status {status} is not documented: {body}")
        schemas = operation.answers[str(status)]
        self.seen.add(f"{method} {operation.path} {status}")
        if not schemas:
            if body is not None:
                raise Violation(f"{method} {path}: {status} has a body that is not documented: {body}")
            return
        if content_type not in schemas:
            raise Violation(f"{method} {path}: {status} as {content_type}, documented {sorted(schemas)}")
        _check(schemas[content_type], body, f"answer {status} of {method} {path}")

    def said(self, frame: Json) -> None:
        """A frame that the client sends; what the server `receive`s."""
        self._frame("receive", "said", frame)

    def heard(self, frame: Json) -> None:
        self._frame("send", "heard", frame)

    def _frame(self, action: str, verb: str, frame: Json) -> None:
        validator = self._frames[action].get(frame.get("type", ""))
        if validator is None:
            raise Violation(f"a frame that is not documented: {verb} {frame}")
        _check(validator, frame, f"frame {verb}")
        self.seen.add(f"{verb} {frame['type']}")

    def _operation(self, method: str, path: str) -> "_Operation":
        for pattern, template in self._templates:
            if pattern.fullmatch(path) and (method, template) in self._operations:
                return self._operations[method, template]
        raise Violation(f"{method} {path} is not documented")


class _Operation:
    """One call of the OpenAPI document."""

    def __init__(self, path: str, body: Validator | None, answers: dict[str, dict[str, Validator]]) -> None:
        self.path = path
        self.body = body
        self.answers = answers


def _operations(openapi: Json) -> Iterator[tuple[tuple[str, str], _Operation]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            if method not in ("get", "put", "post", "patch", "delete"):
                continue
            at = f"#/paths/{_escape(path)}/{method}"
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            answers = {
                status: {
                    kind: _compile(openapi, _schema_at(openapi, response, f"{at}/responses/{status}", kind))
                    for kind in _resolve(openapi, response).get("content", {})
                }
                for status, response in operation["responses"].items()
            }
            checked = body and _compile(openapi, f"{at}/requestBody/content/application~1json/schema")
            yield (method.upper(), path), _Operation(path, checked, answers)


def _schema_at(document: Json, response: Json, at: str, kind: str) -> str:
    """The pointer of a response's schema, the response itself being here or referred to."""
    return f"{response.get('$ref', at)}/content/{_escape(kind)}/schema"


def _frames_of(asyncapi: Json, action: str) -> dict[str, Validator]:
    """The payload validators of all messages of the operations with this action, by their `type`."""
    frames: dict[str, Validator] = {}
    for operation in asyncapi["operations"].values():
        if operation["action"] != action:
            continue
        for reference in operation["messages"]:
            pointer, message = _follow(asyncapi, reference["$ref"])
            payload = _resolve(asyncapi, message["payload"])
            frames[_type_of(asyncapi, payload)] = _compile(asyncapi, f"{pointer}/payload")
    return frames


def _type_of(document: Json, payload: Json) -> str:
    """The constant of a frame's `type` field."""
    schema = _resolve(document, payload["properties"]["type"])
    return str(schema["const"] if "const" in schema else schema["enum"][0])


def _follow(document: Json, pointer: str) -> tuple[str, Json]:
    """What a pointer names in the end, and the last pointer on the way."""
    value: Any = document
    for part in pointer.removeprefix("#/").split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return _follow(document, value["$ref"]) if set(value) == {"$ref"} else (pointer, value)


def _resolve(document: Json, value: Json) -> Json:
    return _follow(document, value["$ref"])[1] if "$ref" in value else value


def _compile(document: Json, pointer: str) -> Validator:
    """A validator of the schema at `pointer`, references resolved within the whole document."""
    return Validator(
        {
            "$ref": quote(pointer, safe="#/~"),
            **{key: value for key, value in document.items() if not key.startswith("$")},
        }
    )


def _check(validator: Validator, value: Any, what: str) -> None:
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        raise Violation(f"{what} is not as documented: {error}") from error


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", template)
    return re.compile("[^/]+".join(map(re.escape, parts)))


def _literal_first(template: str) -> tuple[int, str]:
    """`/sessions/current` is tried before `/sessions/{id}`."""
    return template.count("{"), template


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
