"""What the page is measured on: a server whose store is filled, and a device that has all of it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.people import PASSWORD, Person
from tests.serving import PROJECT, Server

WATCH = Path(__file__).with_name("watch.js")
NAMES = ("소라", "하늘", "민준", "서연", "도윤", "Ada", "Blaise", "Charles", "Edsger", "Grace", "Hedy")
GROUPS = 40
LONG_MS = 300_000
ROWS = """() => new Promise((resolve) => {
    const opening = indexedDB.open("maru-" + JSON.parse(localStorage["maru.me"]).id);
    opening.onsuccess = () => {
        const counting = opening.result.transaction("rows").objectStore("rows").count();
        counting.onsuccess = () => { opening.result.close(); resolve(counting.result); };
    };
})"""


@dataclass
class Stage:
    """`reader` is whose device is measured; `friends` say things to them in `channels`."""

    server: Server
    profile: Path
    reader: Person
    friends: list[Person]
    channels: list[str]
    rows: int

    @property
    def cookie(self) -> str:
        """A session of the reader as a browser sends it."""
        form = {"username": self.reader.username, "password": PASSWORD}
        answer = requests.post(f"{self.server.api_url}/auth/login", json=form, timeout=30)
        return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def set_up(playwright: Playwright, folder: Path, messages: int) -> Stage:
    """The device hears of the messages as any device does: it was there before, away meanwhile, and catches up."""
    server = Server(folder / "server")
    server.start()
    reader, *friends = (Person(server, name) for name in NAMES)
    channels = open_channels(server, reader, friends)
    stage = Stage(server, folder / "profile", reader, friends, channels, 0)
    with device(playwright, stage, stage.profile) as page:
        sign_in(stage, page)
    server.stop()
    fill(stage, folder / "server" / "data", messages)
    server.start()
    with device(playwright, stage, stage.profile) as page:
        page.goto(server.base_url)
        while page.evaluate(ROWS) < messages:
            page.wait_for_timeout(500)
        mark_read(stage)
        page.wait_for_function("() => document.title === 'Maru'", timeout=LONG_MS)
        page.goto(f"{server.base_url}/c/{channels[0]}")
        page.evaluate("() => window.watch.firstMessage")
        stage.rows = int(page.evaluate(ROWS))
    return stage


def open_channels(server: Server, reader: Person, friends: list[Person]) -> list[str]:
    directs = [reader.direct(server, friend) for friend in friends]
    groups = []
    for number in range(GROUPS):
        members = [friends[(number + step) % len(friends)].id for step in range(4)]
        body = {"kind": "group", "name": f"마당 {number + 1}", "member_ids": members}
        groups.append(str(reader.call(server, "POST", "/channels", body).json()["channel"]["id"]))
    return directs + groups


def fill(stage: Stage, data: Path, messages: int) -> None:
    plan = []
    for number, channel in enumerate(stage.channels):
        friend = stage.friends[number % len(stage.friends)]
        plan.append({"channel_id": channel, "authors": [stage.reader.id, friend.id, friend.id]})
    command = [sys.executable, "-m", "bench.ui.fill", data, str(messages)]
    subprocess.run(command, cwd=PROJECT, input=json.dumps(plan).encode(), check=True)


def mark_read(stage: Stage) -> None:
    for channel in stage.reader.call(stage.server, "GET", "/channels").json()["channels"]:
        seq = channel["head"]["seq"]
        stage.reader.call(stage.server, "PUT", f"/channels/{channel['id']}/read", {"seq": seq})


def sign_in(stage: Stage, page: Page) -> None:
    """On the page's device, as the reader; until it follows the stream."""
    form = {"username": stage.reader.username, "password": PASSWORD}
    page.context.request.post(f"{stage.server.api_url}/auth/login", data=form)
    page.goto(stage.server.base_url)
    page.wait_for_selector(".list-footer .connection[data-manner='live']")


@contextmanager
def device(playwright: Playwright, stage: Stage, profile: Path) -> Iterator[Page]:
    """A browser of its own on a profile that stays."""
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=CHROMIUM, args=FLAGS, viewport={"width": 1280, "height": 800}, locale="ko-KR"
    )
    try:
        yield watched(context)
    finally:
        context.close()


def watched(context: BrowserContext) -> Page:
    context.add_init_script(path=WATCH)
    return context.pages[0] if context.pages else context.new_page()


@contextmanager
def copied_device(playwright: Playwright, stage: Stage) -> Iterator[Page]:
    """The same device again, as it was: what is done to it is forgotten."""
    copy = stage.profile.with_name("profile-copy")
    shutil.copytree(stage.profile, copy, ignore=shutil.ignore_patterns("Singleton*"))
    try:
        with device(playwright, stage, copy) as page:
            yield page
    finally:
        shutil.rmtree(copy)
