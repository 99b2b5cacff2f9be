"""The page: the built frontend, and the headers that keep a browser from doing what it should not."""

import mimetypes
from collections.abc import Iterable, Iterator
from pathlib import Path

import flask
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join
from werkzeug.wrappers import Response

YEAR_SECONDS = 365 * 24 * 60 * 60
_COPIES = {"br": ".br", "gzip": ".gz"}  # the better first
_LANGUAGES = ("en", "ko")  # each has its words in a chunk of its name; the first is for everybody else
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
        response.headers["Link"] = ", ".join(_links(folder))
        response.vary.update(("Accept-Language", "Cookie", "Sec-Fetch-Dest"))
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


def _links(folder: Path) -> Iterator[str]:
    """What the page will ask for once its script runs, so that the browser asks for it beside the script: the reader's
    words, who is signed in, and what is inside for them, or the entrance where nobody is.

    The service worker asks for the page too, to keep it whoever comes: as a rule that is who is signed in.
    """
    request = flask.request
    wanted = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    yield from _chunk(folder, next((tag for tag in wanted if tag in _LANGUAGES), _LANGUAGES[0]))
    kept = request.headers.get("Sec-Fetch-Dest", "document") != "document"
    signed_in = flask.current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    yield from _chunk(folder, "inside" if kept or signed_in else "entrance")
    if not kept:
        yield "</api/v1/me>; rel=preload; as=fetch; crossorigin"


def _chunk(folder: Path, name: str) -> Iterator[str]:
    for file in folder.glob(f"assets/{name}-*.js"):
        yield f"</assets/{file.name}>; rel=modulepreload"


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
