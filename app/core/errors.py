"""The closed catalogue of errors: one code, one status, one title; shared by HTTP and WebSocket."""

from collections.abc import Mapping

from app.config import CannotServe

CATALOGUE: dict[str, tuple[int, str]] = {
    "bad_json": (400, "The body is not JSON"),
    "unauthenticated": (401, "Sign in first"),
    "forbidden": (403, "Not allowed"),
    "cross_origin": (403, "The request comes from another site"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "This address does not take that method"),
    "conflict": (409, "It conflicts with what is there"),
    "superseded": (409, "A newer request of the same device took over"),
    "too_big": (413, "Too big"),
    "invalid": (422, "The content is not valid"),
    "too_many_members": (422, "Too many members"),
    "rate_limited": (429, "Too many requests"),
    "internal": (500, "Something went wrong here"),
    "unavailable": (503, "Not available right now"),
    "draining": (503, "This server is going away"),
}


class MaruError(Exception):
    """An answer that is not a success. Subclasses fix the code; the detail is a sentence for a person."""

    code = "internal"

    def __init__(
        self, detail: str, *, fields: Mapping[str, str] | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = dict(fields or {})
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        return CATALOGUE[self.code][0]

    @property
    def title(self) -> str:
        return CATALOGUE[self.code][1]


class CannotOpen(CannotServe):
    """A store of this server cannot be used at all."""


class BadJson(MaruError):
    code = "bad_json"


class Unauthenticated(MaruError):
    code = "unauthenticated"


class Forbidden(MaruError):
    code = "forbidden"


class CrossOrigin(MaruError):
    code = "cross_origin"


class NotFound(MaruError):
    code = "not_found"


class MethodNotAllowed(MaruError):
    code = "method_not_allowed"


class Conflict(MaruError):
    code = "conflict"


class Superseded(MaruError):
    code = "superseded"


class TooBig(MaruError):
    code = "too_big"


class Invalid(MaruError):
    code = "invalid"


class TooManyMembers(MaruError):
    code = "too_many_members"


class RateLimited(MaruError):
    code = "rate_limited"


class Unavailable(MaruError):
    code = "unavailable"


class Draining(MaruError):
    code = "draining"


_BY_CODE: dict[str, type[MaruError]] = {
    kind.code: kind
    for kind in (
        BadJson, Unauthenticated, Forbidden, CrossOrigin, NotFound, MethodNotAllowed, Conflict, Superseded, TooBig,
        Invalid, TooManyMembers, RateLimited, Unavailable, Draining,
    )
}  # fmt: skip


def error_for(code: str, detail: str, fields: Mapping[str, str] | None = None) -> MaruError:
    """The error of a code, for outcomes that were decided where nothing is raised."""
    return _BY_CODE.get(code, MaruError)(detail, fields=fields)
