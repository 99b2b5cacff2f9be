"""A real server, a real Chromium, and people in it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.people import WAIT_MS, Person
from tests.serving import PROJECT, Server

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ELSEWHERE = (
    "maru.test"  # the server by a name that is not this machine's own: a page from there is not trusted
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Missing is a failure, never a skip.

    Not for the whole session: while Playwright is open its event loop runs, and no other test may run one.
    """
    assert CHROMIUM, (
        "These tests need Chromium: `apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji`."
    )
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def built_page() -> None:
    """The page as Vite builds it."""
    assert (PROJECT / "app/static/dist/index.html").is_file(), "The page is not built: run `make page`."


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Iterator[Server]:
    """One server for all tests that leave it standing; people of each test have names of their own."""
    with Server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def own_server(tmp_path: Path, built_page: None) -> Iterator[Server]:
    """A server that the test may kill."""
    with Server(tmp_path / "server") as server:
        yield server


class Visitors:
    """Makes people, each in a browser context of their own, and asserts at the end that no page met an error."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._people: list[Person] = []

    def __call__(self, url: str, display_name: str, **options: object) -> Person:
        person = Person(self._browser, url, display_name, **options)
        self._people.append(person)
        return person

    def close(self) -> None:
        for person in self._people:
            person.close()
        errors = [error for person in self._people for error in person.errors]
        assert errors == []


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., Person]]:
    """`visitor(url, "민수")`: somebody with a browser, standing at the entrance."""
    visitors = Visitors(browser)
    yield visitors
    visitors.close()
