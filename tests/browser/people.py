"""A person in a browser: what they do there, and what they see."""

import itertools
import json
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import APIResponse, Browser, Locator, expect

PASSWORD = "a quiet wooden hall"
WAIT_MS = 20_000  # a machine may be slow, and shared
_numbers = itertools.count(1)

WIDTHS = {"desktop": (1280, 800), "tablet": (900, 1100), "phone": (390, 844)}


class Person:
    """One browser context with one page. `username` is unique in the run, `display_name` need not be."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        display_name: str,
        *,
        screen: Literal["desktop", "tablet", "phone"] = "desktop",
        locale: str = "en-US",
        theme: Literal["light", "dark"] = "light",
        worker: bool = False,
    ) -> None:
        """`worker`: with the service worker. Without, each test's page comes from the server, and nothing of the page's
        requests passes by the routes that a test lays."""
        width, height = WIDTHS[screen]
        self.url = url
        self.display_name = display_name
        self.username = f"person-{next(_numbers)}"
        self.errors: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            timezone_id="Asia/Seoul",
            color_scheme=theme,
            has_touch=screen == "phone",
            is_mobile=screen == "phone",
            service_workers="allow" if worker else "block",
            permissions=["clipboard-read", "clipboard-write"],
        )
        self.context.set_default_timeout(WAIT_MS)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def close(self) -> None:
        self.context.close()

    # --- coming in

    def sign_up(self) -> "Person":
        """Create the account on the page itself."""
        self.page.goto(self.url)
        self.page.wait_for_selector(".entrance-card")
        if not self.page.locator("#display_name").count():  # the first visitor of a server has it before them
            self.page.locator(".entrance-card > .link").click()
        self.fill_sign_up()
        self.page.wait_for_selector(".hall")
        return self

    def fill_sign_up(self) -> None:
        """Fill in the form that stands there, and send it."""
        self.page.fill("#display_name", self.display_name)
        self.page.fill("#username", self.username)
        self.page.fill("#password", PASSWORD)
        self.page.locator("form .primary").click()

    def come_in(self) -> "Person":
        """Create the account without the form: quicker, where the form is not what is tested."""
        form = {"username": self.username, "password": PASSWORD, "display_name": self.display_name}
        self.ask("POST", "/auth/signup", form)
        self.page.goto(self.url)
        self.page.wait_for_selector(".hall")
        return self

    def come_back(self, username: str) -> "Person":
        """Sign in as somebody who has an account already."""
        self.username = username
        self.ask("POST", "/auth/login", {"username": username, "password": PASSWORD})
        self.page.goto(self.url)
        self.page.wait_for_selector(".hall")
        return self

    @property
    def id(self) -> str:
        return str(self.ask("GET", "/me")["user"]["id"])

    # --- by the API, as this person

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """A call with this context's session. Raises AssertionError with the answer when it is refused."""
        answer = self._fetch(method, path, body)
        assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
        return answer.json() if answer.status != 204 else None

    def _fetch(self, method: str, path: str, body: object) -> APIResponse:
        data = {} if body is None else {"data": body}
        return self.context.request.fetch(f"{self.url}/api/v1{path}", method=method, **data)

    def direct_with(self, other: "Person") -> str:
        """The id of the direct channel of the two."""
        body = {"kind": "direct", "member_ids": [other.id]}
        return str(self.ask("POST", "/channels", body)["channel"]["id"])

    def group_with(self, name: str, *others: "Person") -> str:
        body = {"kind": "group", "name": name, "member_ids": [other.id for other in others]}
        return str(self.ask("POST", "/channels", body)["channel"]["id"])

    def post(self, channel_id: str, *texts: str) -> list[int]:
        """Say something without the page, one after the other; the seqs."""
        return self._post_with(self._cookies(), channel_id, texts)

    def _post_with(self, cookies: str, channel_id: str, texts: Sequence[str]) -> list[int]:
        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname or "", address.port)
        headers = {"Cookie": cookies, "Content-Type": "application/json"}
        seqs = []
        with closing(connection):
            for text in texts:
                body = {"client_message_id": f"00000000-0000-7000-8000-{next(_numbers):012x}", "text": text}
                path = f"/api/v1/channels/{channel_id}/messages"
                connection.request("POST", path, json.dumps(body), headers)
                answer = connection.getresponse()
                seqs.append(json.loads(answer.read())["event"]["seq"])
        return seqs

    def _cookies(self) -> str:
        return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in self.context.cookies())

    def post_many(self, channel_id: str, texts: list[str]) -> None:
        """The same from eight programs at once: quicker, and in whatever order."""
        cookies = self._cookies()  # the driver may be asked in this thread only
        shares = [texts[start::8] for start in range(8)]
        with ThreadPoolExecutor(len(shares)) as pool:
            list(pool.map(lambda share: self._post_with(cookies, channel_id, share), shares))

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until the condition holds, the page going on meanwhile. Raises AssertionError after `WAIT_MS`."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while not condition():
            assert time.monotonic() < deadline, f"still not: {what}"
            self.page.wait_for_timeout(50)

    # --- on the page

    def open(self, channel_id: str) -> "Person":
        """Choose the conversation in the list."""
        self.page.locator(f'.channel[href="/c/{channel_id}"]').click()
        self.page.wait_for_selector(".scroller")
        return self

    @property
    def field(self) -> Locator:
        return self.page.locator(".composer textarea")

    def write(self, text: str) -> None:
        """Type it and press Enter; on a phone, where Enter is a new line, the button."""
        self.field.fill(text)
        if self.page.evaluate("matchMedia('(pointer: coarse)').matches"):
            self.page.locator(".composer .send").click()
        else:
            self.field.press("Enter")

    def message(self, text: str) -> Locator:
        """The message with exactly this text."""
        return self.page.locator(".message", has=self.page.locator(".text").get_by_text(text, exact=True))

    def sees(self, text: str) -> None:
        expect(self.message(text)).to_have_count(1, timeout=WAIT_MS)

    def sees_step(self, text: str, step: str) -> None:
        """How far one's own message has got: sending, waiting, sent, delivered, read."""
        progress = self.message(text).locator(".progress")
        expect(progress).to_have_attribute("data-step", step, timeout=WAIT_MS)

    def sees_kept(self, text: str) -> None:
        """The server has it, whatever became of it since."""
        progress = self.message(text).locator(".progress")
        expect(progress).to_have_attribute(
            "data-step", re.compile("^(sent|delivered|read)$"), timeout=WAIT_MS
        )

    def texts(self) -> list[str]:
        return self.page.locator(".message .text").all_inner_texts()

    def is_connected_again(self) -> None:
        """The network came back, and the browser tells: the page does not wait out its pause before the next try."""
        self.page.evaluate("() => dispatchEvent(new Event('online'))")
        self.is_connected("live")

    def is_connected(self, manner: str) -> None:
        """`live`, `longpoll`, `poll`, `offline`, `connecting`, `elsewhere`."""
        expect(self.page.locator(".list-footer .connection")).to_have_attribute(
            "data-manner", manner, timeout=30_000
        )
