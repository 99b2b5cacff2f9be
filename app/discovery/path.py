"""The path of a chat server below the public origin: `/s/{name}`, taken off here whether a proxy did so or not."""

from collections.abc import Callable, Iterable
from typing import Any

from app.core.errors import Unavailable
from app.core.pages import add_security_headers
from app.core.problems import problem_of, render_problem

PREFIX = "/s/"
RETRY_SECONDS = 1

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class OwnPath:
    """A WSGI application around the real one. What is meant for another server is refused: its client goes on along its
    list of servers."""

    def __init__(self, application: Application, name: str | None) -> None:
        self._application = application
        self._name = name

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX):
            name, slash, rest = path.removeprefix(PREFIX).partition("/")
            if name != self._name:
                return _refuse(environ, start_response)
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + PREFIX + name
            environ["PATH_INFO"] = slash + rest
        return self._application(environ, start_response)


def _refuse(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    error = Unavailable("That chat server is not here; use another one.", retry_after=RETRY_SECONDS)
    answer: Iterable[bytes] = add_security_headers(render_problem(problem_of(error)))(environ, start_response)
    return answer
