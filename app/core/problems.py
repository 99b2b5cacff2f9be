"""Errors as people and programs meet them: RFC 9457 problem documents. No traceback leaves the process."""

import logging

import flask
import msgspec
from werkzeug.exceptions import HTTPException

from app.core.api import NO_STORE, PREFIX
from app.core.errors import CATALOGUE, MaruError

log = logging.getLogger(__name__)

CATALOGUE_PAGE = f"{PREFIX}/errors"  # what a problem's `type` leads to (`documents.py`)

_CODE_OF_STATUS = {400: "bad_json", 401: "unauthenticated", 403: "forbidden", 404: "not_found",
                   405: "method_not_allowed", 413: "too_big", 429: "rate_limited", 503: "unavailable"}  # fmt: skip


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error answer."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    fields: dict[str, str] | None = None
    retry_after: float | None = None
    ownerless: bool = False  # with `unauthenticated`: nobody has an account yet


def problem_of(error: MaruError, ownerless: bool = False) -> Problem:
    """The problem document of a domain error."""
    return Problem(
        type=f"{CATALOGUE_PAGE}#{error.code}",
        title=error.title,
        status=error.status,
        code=error.code,
        detail=error.detail,
        fields=error.fields or None,
        retry_after=error.retry_after,
        ownerless=ownerless,
    )


def render_problem(problem: Problem) -> flask.Response:
    response = flask.Response(
        msgspec.json.encode(problem), problem.status, mimetype="application/problem+json"
    )
    response.headers["Cache-Control"] = NO_STORE
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    return response


def install_problems(app: flask.Flask) -> None:
    """Make every error of the application a problem document."""
    app.register_error_handler(MaruError, lambda error: render_problem(problem_of(error)))
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_unexpected)


def _render_http(error: HTTPException) -> flask.typing.ResponseReturnValue:
    """Werkzeug's own refusals (no such route, wrong method); redirects and ready answers pass as they are."""
    status = error.code or 500
    if status < 400 or error.response is not None:
        return error.get_response()
    code = _CODE_OF_STATUS.get(status, "invalid" if status < 500 else "internal")
    status, title = CATALOGUE[code]
    response = render_problem(
        Problem(f"{CATALOGUE_PAGE}#{code}", title, status, code, error.description or title)
    )
    if "Allow" in (headers := dict(error.get_headers())):
        response.headers["Allow"] = headers["Allow"]
    return response


def _render_unexpected(error: Exception) -> flask.Response:
    log.exception("a request failed: %s %s", flask.request.method, flask.request.path)
    status, title = CATALOGUE["internal"]
    detail = "The server met an error it did not expect. It was noted; try again."
    return render_problem(Problem(f"{CATALOGUE_PAGE}#internal", title, status, "internal", detail))
