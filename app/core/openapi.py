"""The OpenAPI 3.1 document of the HTTP calls, assembled from their declarations. No I/O here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from app.core.api import Access, Api, Operation
from app.core.errors import CATALOGUE
from app.core.problems import Problem
from app.core.schemas import REF, Json, schemas_of

_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")
_NUMBERS: Final = frozenset({"seq", "target"})  # the parts of an address that are positions
_PROBLEM: Final = "application/problem+json"


def openapi_document(apis: Sequence[Api], version: str) -> Json:
    """The document of all operations of these. Raises ValueError when two have one name."""
    operations = [(api.prefix, operation) for api in apis for operation in api.operations]
    _require_own_names([operation for _, operation in operations])
    types = wire_types([operation for _, operation in operations])
    schema_of, components = schemas_of(types)
    paths: dict[str, Json] = {}
    for prefix, operation in operations:
        path = paths.setdefault(prefix + _PARAMETER.sub(r"{\1}", operation.rule), {})
        path[operation.method.lower()] = _operation(operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Maru",
            "version": version,
            "description": "Every call of the chat. Live frames are in the AsyncAPI document beside this one.",
        },
        "servers": [{"url": "/"}],
        "security": [{"cookie": []}, {"bearer": []}],
        "tags": [{"name": api.name} for api in apis],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": "maru_session"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def wire_types(operations: Iterable[Operation]) -> list[Any]:
    """What goes in and out of the operations, each type once. Queries are parameters, and not among them."""
    types: dict[Any, None] = {Problem: None}
    for operation in operations:
        types |= dict.fromkeys((operation.body, operation.answer, *operation.also.values()))
    return [kind for kind in types if kind is not None]


def error_codes(operation: Operation) -> list[str]:
    """Every code the call may answer with: those that follow from its declaration, then its own."""
    codes = ["internal", "unavailable"]
    if operation.body is not None:
        codes += ["bad_json", "invalid", "too_big"]
    if operation.query is not None:
        codes.append("invalid")
    if operation.access is not Access.ANYONE:
        codes.append("unauthenticated")
    if operation.access is Access.ADMIN:
        codes.append("forbidden")
    if operation.method != "GET":
        codes.append("cross_origin")
    if _PARAMETER.search(operation.rule):
        codes.append("not_found")
    return list(dict.fromkeys([*codes, *operation.errors]))


def _require_own_names(operations: Iterable[Operation]) -> None:
    seen: set[str] = set()
    for operation in operations:
        if operation.name in seen:
            raise ValueError(f"two operations are called {operation.name}")
        seen.add(operation.name)


def _operation(operation: Operation, schema_of: Mapping[Any, Json]) -> Json:
    summary, _, rest = operation.summary.partition("\n")
    document: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": summary,
        "responses": _responses(operation, schema_of),
    }
    if rest.strip():
        document["description"] = rest.strip()
    parameters = [*map(_path_parameter, _PARAMETER.findall(operation.rule)), *_query_parameters(operation)]
    if parameters:
        document["parameters"] = parameters
    if operation.body is not None:
        content = {"application/json": {"schema": schema_of[operation.body]}}
        document["requestBody"] = {"required": True, "content": content}
    if operation.access is Access.ANYONE:
        document["security"] = []
    return document


def _path_parameter(name: str) -> Json:
    schema: Json = {"type": "integer", "minimum": 1} if name in _NUMBERS else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(operation: Operation) -> list[Json]:
    """One parameter for each field of the query's struct."""
    if operation.query is None:
        return []
    _, components = schemas_of([operation.query])
    schema = components[operation.query.__name__]
    return [
        {"name": name, "in": "query", "required": name in schema["required"], "schema": field}
        for name, field in schema["properties"].items()
    ]


def _responses(operation: Operation, schema_of: Mapping[Any, Json]) -> Json:
    answers: dict[int, Any] = {operation.status: operation.answer, **operation.also}
    return {
        **{str(status): _success(kind, schema_of) for status, kind in sorted(answers.items())},
        **_failures(error_codes(operation)),
    }


def _success(kind: Any, schema_of: Mapping[Any, Json]) -> Json:
    if kind is None:
        return {"description": "Done; there is nothing to say."}
    return {"description": "Done.", "content": {"application/json": {"schema": schema_of[kind]}}}


def _failures(codes: Iterable[str]) -> Json:
    """One response for each status, naming the codes that come with it."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(CATALOGUE[code][0], []).append(code)
    return {str(status): _failure(by_status[status]) for status in sorted(by_status)}


def _failure(codes: list[str]) -> Json:
    narrowed = {"allOf": [{"$ref": REF.format(name="Problem")}, {"properties": {"code": {"enum": codes}}}]}
    return {
        "description": "; ".join(f"`{code}`: {CATALOGUE[code][1]}" for code in codes),
        "content": {_PROBLEM: {"schema": narrowed}},
    }
