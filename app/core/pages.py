"""The page: the built frontend, and the headers that keep a browser from doing what it should not."""

import mimetypes
from collections.abc import Iterable
from pathlib import Path

import flask
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join
from werkzeug.wrappers import Response

YEAR_SECONDS = 365 * 24 * 60 * 60
_COPIES = {"br": ".br", "gzip": ".gz"}  # the better first
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "connect-src 'self'{elsewhere}",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        # One address, that of the service worker; and what is pasted, which is read in a document that runs nothing.
        "trusted-types maru-worker maru-paste",
    )
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def pages(folder: Path) -> flask.Blueprint:
    """Serves what Vite built into `folder`. Unknown addresses are the page's, but for files and the API."""
    blueprint = flask.Blueprint("pages", __name__)

    @blueprint.get("/")
    @blueprint.get("/<path:path>")
    def page(path: str = "") -> flask.Response:
        if path.startswith(("api/", "assets/")) or "." in path.rsplit("/", 1)[-1]:
            return _file(folder, path)
        if not (folder / "index.html").is_file():
            raise NotFound("The page is not built: run `make run`, or `npm run build` in frontend/.")
        response = _sent(folder, "index.html")
        response.headers["Cache-Control"] = "no-cache"
        return response

    @blueprint.post("/share")
    def share() -> Response:
        """What other apps share is the service worker's. Without one it cannot be taken, and the page says so."""
        return flask.redirect("/share", 303)

    return blueprint


def content_security_policy(elsewhere: Iterable[str] = ()) -> str:
    """Nothing inline, nothing framed, nothing from elsewhere. `elsewhere`: origins of further servers that the page may
    connect to."""
    sources = "".join(f" {origin} ws{origin.removeprefix('http')}" for origin in elsewhere)
    return _POLICY.format(elsewhere=sources)


def add_security_headers(response: flask.Response, elsewhere: Iterable[str] = ()) -> flask.Response:
    """On every answer."""
    response.headers.setdefault("Content-Security-Policy", content_security_policy(elsewhere))
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _file(folder: Path, path: str) -> flask.Response:
    """Hashed assets for a year; everything else (sw.js, manifest) is asked for again each time."""
    if path.startswith("api/"):
        raise NotFound("There is no such address.")
    response = _sent(folder, path)
    hashed = path.startswith("assets/")
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable" if hashed else "no-cache"
    return response


def _sent(folder: Path, path: str) -> flask.Response:
    """The file; or the compressed copy that the build has laid beside it, where the browser takes one."""
    accepted = flask.request.accept_encodings
    for encoding, suffix in _COPIES.items():
        if accepted[encoding] and (copy := safe_join(str(folder), path + suffix)) and Path(copy).is_file():
            kind = mimetypes.guess_type(path)[0]
            response = flask.send_from_directory(folder, path + suffix, mimetype=kind)
            response.headers["Content-Encoding"] = encoding
            break
    else:
        response = flask.send_from_directory(folder, path)
    response.vary.add("Accept-Encoding")
    return response
