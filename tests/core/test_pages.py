"""The page and its files, and the headers on every answer."""

from pathlib import Path

import flask
import pytest
from flask.testing import FlaskClient

from app.core.pages import add_security_headers, content_security_policy, pages
from app.core.problems import install_problems


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Maru</title>")
    (tmp_path / "sw.js").write_text("self")
    (tmp_path / "assets" / "main-1a2b3c.js").write_text("1")
    return tmp_path


@pytest.fixture
def client(folder: Path) -> FlaskClient:
    app = flask.Flask(__name__, static_folder=None)
    install_problems(app)
    app.after_request(add_security_headers)
    app.register_blueprint(pages(folder))
    return app.test_client()


@pytest.mark.parametrize("path", ["/", "/channels/0123456789abcdef", "/settings/"])
def test_every_address_of_the_page_is_the_page_and_never_kept_unasked(client: FlaskClient, path: str) -> None:
    answer = client.get(path, buffered=True)
    assert (answer.status_code, answer.text) == (200, "<title>Maru</title>")
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get(path, buffered=True, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


WORDS = "</assets/{}-0a1b.js>; rel=modulepreload"
ENTRANCE = "</assets/entrance-0a1b.js>; rel=modulepreload"
INSIDE = "</assets/inside-0a1b.js>; rel=modulepreload"
WHO = "</api/v1/me>; rel=preload; as=fetch; crossorigin"


@pytest.fixture
def chunks(folder: Path) -> None:
    for name in ("en", "ko", "entrance", "inside"):
        (folder / "assets" / f"{name}-0a1b.js").write_text("1")


@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize(
    ("languages", "words"),
    [("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("en-GB,ko;q=0.5", "en"), ("fr,ko;q=0.5", "ko"), ("fr", "en")],
)
def test_with_the_page_come_the_words_of_its_reader(client: FlaskClient, languages: str, words: str) -> None:
    answer = client.get("/", buffered=True, headers={"Accept-Language": languages})
    assert answer.headers["Link"] == ", ".join((WORDS.format(words), ENTRANCE, WHO))
    assert "Accept-Language" in answer.vary


@pytest.mark.usefixtures("chunks")
def test_who_has_a_session_gets_what_is_inside_with_the_page_and_not_the_entrance(
    client: FlaskClient,
) -> None:
    client.set_cookie("session", "somebody")
    answer = client.get("/c/0123456789abcdef", buffered=True)
    assert answer.headers["Link"] == ", ".join((WORDS.format("en"), INSIDE, WHO))
    assert "Cookie" in answer.vary


@pytest.mark.usefixtures("chunks")
def test_the_page_that_the_service_worker_keeps_asks_for_nothing_of_one_person(client: FlaskClient) -> None:
    answer = client.get("/", buffered=True, headers={"Sec-Fetch-Dest": "empty"})
    assert answer.headers["Link"] == ", ".join((WORDS.format("en"), INSIDE))


def test_the_page_by_its_file_name_is_no_redirect(client: FlaskClient) -> None:
    """A redirect would poison the service worker's cache."""
    assert client.get("/index.html", buffered=True).status_code == 200


def test_hashed_files_are_kept_for_a_year_and_the_others_asked_for_again(client: FlaskClient) -> None:
    assert (
        client.get("/assets/main-1a2b3c.js", buffered=True).headers["Cache-Control"]
        == "public, max-age=31536000, immutable"
    )
    assert client.get("/sw.js", buffered=True).headers["Cache-Control"] == "no-cache"


def test_the_service_worker_is_a_script_for_the_whole_site_and_is_gone_when_it_is_gone(
    client: FlaskClient, folder: Path
) -> None:
    answer = client.get("/sw.js", buffered=True)
    assert answer.mimetype == "text/javascript"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    (folder / "sw.js").unlink()
    assert client.head("/sw.js").status_code == 404


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [("gzip, br", b"as br"), ("gzip", b"as gzip"), ("br;q=0, gzip", b"as gzip"), ("", b"1"), ("zstd", b"1")],
)
def test_who_takes_a_compressed_copy_gets_it(
    client: FlaskClient, folder: Path, accepted: str, sent: bytes
) -> None:
    (folder / "assets" / "main-1a2b3c.js.gz").write_bytes(b"as gzip")
    (folder / "assets" / "main-1a2b3c.js.br").write_bytes(b"as br")
    path, headers = "/assets/main-1a2b3c.js", {"Accept-Encoding": accepted}
    answer = client.get(path, buffered=True, headers=headers)
    assert answer.data == sent
    assert answer.mimetype == client.get(path, buffered=True).mimetype
    assert answer.headers.get("Content-Encoding") == (sent.decode()[3:] or None)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["Cache-Control"]
    headers["If-None-Match"] = answer.headers["ETag"]
    assert client.get(path, buffered=True, headers=headers).status_code == 304


@pytest.mark.parametrize(
    "path", ["/assets/gone-1.js", "/favicon.ico", "/api/v1/nothing", "/api/", "/assets/"]
)
def test_a_missing_file_or_call_is_a_problem_and_not_the_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path, buffered=True)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert "immutable" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt"]
)
def test_nothing_outside_the_folder_is_served(client: FlaskClient, folder: Path, path: str) -> None:
    (folder.parent / "secret.txt").write_text("secret")
    assert "secret" not in client.get(path, buffered=True).text.replace("secret.txt", "")


def test_what_is_shared_without_a_service_worker_leads_to_the_screen_that_says_so(
    client: FlaskClient,
) -> None:
    answer = client.post("/share", data={"text": "lost"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/share")


def test_without_a_built_page_it_says_how_to_build_it(client: FlaskClient, folder: Path) -> None:
    (folder / "index.html").unlink()
    answer = client.get("/")
    assert answer.status_code == 404
    assert "make run" in answer.json["detail"]


@pytest.mark.parametrize("path", ["/", "/sw.js", "/api/v1/nothing"])
def test_every_answer_forbids_what_the_page_never_does(client: FlaskClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    for rule in (
        "default-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types maru-worker maru-paste",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_page_may_connect_to_servers_on_other_hosts_and_to_nothing_else() -> None:
    policy = content_security_policy(["https://b.example.org", "http://127.0.0.1:8002"])
    sources = "'self' https://b.example.org wss://b.example.org http://127.0.0.1:8002 ws://127.0.0.1:8002"
    assert f"; connect-src {sources}; " in policy
