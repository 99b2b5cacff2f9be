"""Whether this process should be sent people: everything it needs is there, and it is not going away."""

import logging
from collections.abc import Callable, Mapping

from app.core.errors import Draining, MaruError, Unavailable

log = logging.getLogger(__name__)

Check = Callable[[], str | None]


class Readiness:
    """Asks each part. A check answers None, or a sentence saying why not; it may raise a domain error instead."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = dict(checks)
        self._draining = False

    def drain(self, draining: bool = True) -> None:
        """This server is going away: not ready from now on; or ready again."""
        self._draining = draining

    def require(self) -> list[str]:
        """The names of the checks that passed: all. Raises Draining, or Unavailable naming what is missing."""
        if self._draining:
            raise Draining("This server is going away.")
        missing = {name: reason for name, check in self._checks.items() if (reason := _outcome(check))}
        if missing:
            raise Unavailable("Something this server needs is missing.", fields=missing)
        return list(self._checks)


def _outcome(check: Check) -> str | None:
    try:
        return check()
    except MaruError as error:
        return error.detail
    except Exception:
        log.exception("a readiness check failed")
        return "It failed; the server's log says how."
