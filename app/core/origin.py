"""Where a state-changing request may come from: our own pages, or programs that are no browser.

Source: PROTOCOL "Conventions"; `Sec-Fetch-Site` is set by the browser and out of a page's reach (W3C Fetch Metadata).
"""

from typing import Protocol

from app.core.errors import CrossOrigin

_OWN_SITES = frozenset({"same-origin", "none"})


class Headers(Protocol):
    """A request's headers, by name without regard to case."""

    def get(self, name: str, /) -> str | None: ...


def require_same_origin(headers: Headers, public_origin: str | None, own_origins: tuple[str, ...]) -> None:
    """Allow or raise CrossOrigin. `own_origins` stand in when no public origin is configured."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in _OWN_SITES:
            raise CrossOrigin("This request was made by a page of another site.")
        return
    origin = headers.get("Origin")
    if origin is None:
        return
    allowed = (public_origin,) if public_origin else own_origins
    if origin not in allowed:
        raise CrossOrigin("This request was made by a page of another site.")
