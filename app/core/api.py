"""Typed HTTP operations: one declaration parses, guards and renders a call, and documents it.

A capability's `routes.py` makes one `Api`, declares its operations with it, and hands its blueprint to the factory;
the OpenAPI document is assembled from the same declarations (`app/core/openapi.py`).
"""

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Protocol

import flask
import msgspec
from flask_login import current_user

from app.core.errors import BadJson, Forbidden, TooBig, Unauthenticated
from app.core.ids import SessionId, UserId
from app.core.parse import parse_json, parse_query

PREFIX = "/api/v1"
MAX_BODY_BYTES = 256 * 1024
NO_STORE = "no-store"


class Access(Enum):
    """Who may call. What a signed-in person may do to a thing is decided where the thing is."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    ADMIN = "admin"


class Caller(Protocol):
    """Who is calling: the signed-in person, and by which session."""

    @property
    def user_id(self) -> UserId: ...

    @property
    def session_id(self) -> SessionId: ...

    @property
    def is_admin(self) -> bool: ...


class Reply(msgspec.Struct, frozen=True):
    """An answer that chooses its status or headers. `content`: a Struct, JSON bytes, or None."""

    content: Any
    status: int | None = None
    headers: Mapping[str, str] = {}


class Operation(msgspec.Struct, frozen=True):
    """What is known of one call: how it is reached, who may call it, what goes in and out."""

    method: str
    rule: str
    name: str
    summary: str
    tag: str
    access: Access
    body: Any
    query: Any
    answer: Any
    status: int
    also: Mapping[int, Any]
    errors: tuple[str, ...]


View = Callable[..., Any]


class Api:
    """One capability's operations as a Flask blueprint; under `/api/v1` unless another prefix is given."""

    def __init__(self, name: str, prefix: str = PREFIX) -> None:
        self.name = name
        self.prefix = prefix
        self.blueprint = flask.Blueprint(name, __name__, url_prefix=prefix or None)
        self.operations: list[Operation] = []

    def operation(
        self,
        method: str,
        rule: str,
        *,
        answer: Any = None,
        body: Any = None,
        query: Any = None,
        access: Access = Access.SIGNED_IN,
        status: int | None = None,
        also: Mapping[int, Any] | None = None,
        errors: tuple[str, ...] = (),
    ) -> Callable[[View], View]:
        """Declare a call. The view takes, by name, what it needs of: `caller`, `body`, `query`, the rule's parameters.

        `answer`: the Struct it gives (documented and tested; the view may give its JSON bytes instead), None for 204.
        `also`: further statuses with their answers. `errors`: codes beyond the ones that follow from the declaration.
        """
        expected = status or (204 if answer is None else 200)

        def declare(view: View) -> View:
            self.operations.append(
                Operation(
                    method, rule, view.__name__, inspect.getdoc(view) or "", self.name, access, body, query, answer,
                    expected, dict(also or {}), errors,
                )
            )  # fmt: skip
            self.blueprint.add_url_rule(
                rule,
                endpoint=view.__name__,
                view_func=_typed(view, access, body, query, expected),
                methods=[method],
            )
            return view

        return declare


def require_caller(access: Access) -> Caller | None:
    """The signed-in caller, where the access asks for one. Raises Unauthenticated or Forbidden."""
    if access is Access.ANYONE:
        return None
    if not current_user.is_authenticated:
        raise Unauthenticated("Sign in to do this.")
    caller: Caller = current_user._get_current_object()
    if access is Access.ADMIN and not caller.is_admin:
        raise Forbidden("Only an administrator may do this.")
    return caller


def read_body() -> bytes:
    """The request's body, bounded. Raises TooBig, BadJson when the client hung up in the middle of it."""
    request = flask.request
    if request.content_length is not None and request.content_length > MAX_BODY_BYTES:
        raise TooBig(f"A request body may have {MAX_BODY_BYTES} bytes.")
    try:
        body = request.stream.read(MAX_BODY_BYTES + 1)
    except (
        OSError
    ) as error:  # pywsgi's way to say that the rest never came; nobody is left to read the answer
        raise BadJson("The body ended early.") from error
    if len(body) > MAX_BODY_BYTES:
        raise TooBig(f"A request body may have {MAX_BODY_BYTES} bytes.")
    return body


def render(answer: Any, status: int) -> flask.Response:
    """The HTTP response of a view's answer."""
    reply = answer if isinstance(answer, Reply) else Reply(answer)
    content = reply.content
    if content is not None and not isinstance(content, bytes):
        content = msgspec.json.encode(content)
    code = reply.status or status
    response = flask.Response(content, code, mimetype=None if content is None else "application/json")
    response.headers["Cache-Control"] = NO_STORE
    response.headers.extend(dict(reply.headers))
    return response


def _typed(view: View, access: Access, body: Any, query: Any, status: int) -> Callable[..., flask.Response]:
    wanted = set(inspect.signature(view).parameters)
    decoder = None if body is None else msgspec.json.Decoder(body)

    def call(**path: str) -> flask.Response:
        arguments: dict[str, Any] = dict(path)
        caller = require_caller(access)
        if "caller" in wanted:
            arguments["caller"] = caller
        if decoder is not None:
            arguments["body"] = parse_json(read_body(), decoder)
        if query is not None:
            arguments["query"] = parse_query(flask.request.args, query)
        return render(view(**arguments), status)

    return call
