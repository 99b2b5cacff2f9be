"""The service worker: a new build beside an open page, notifications, sending with no page open, and giving up."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser.people import Person
from tests.browser.test_offline import keeps_the_page
from tests.serving import PROJECT, Server

Visitor = Callable[..., Person]


class Deployment:
    """A copy of the program whose page can be exchanged, as a new version does."""

    def __init__(self, folder: Path) -> None:
        for name in ("app", "migrations"):
            shutil.copytree(
                PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"), symlinks=True
            )
        shutil.copy(PROJECT / "wsgi.py", folder)
        self.page = folder / "app" / "static" / "dist"
        self.command = [sys.executable, str(folder / "wsgi.py"), "serve"]

    def build_anew(self) -> None:
        """The same page as another build: other names for its files, since a name stands for what is in it."""
        for copy in [*self.page.rglob("*.br"), *self.page.rglob("*.gz")]:
            copy.unlink()
        build = (self.page / "index.html").read_text().split('name="build" content="')[1].split('"')[0]
        named = [file for file in (self.page / "assets").iterdir() if file.suffix in {".js", ".css"}]
        for file in [*named, self.page / "index.html", self.page / "sw.js"]:
            text = file.read_text().replace(build, "another-build")
            for old in named:
                text = text.replace(old.name, again(old).name)
            file.write_text(text)
        for file in named:
            file.rename(again(file))


def again(file: Path) -> Path:
    return file.with_stem(f"{file.stem}-again")


@pytest.fixture
def deployment(tmp_path: Path, built_page: None) -> Deployment:
    return Deployment(tmp_path / "program")


@pytest.fixture
def deployed(tmp_path: Path, deployment: Deployment) -> Iterator[Server]:
    with Server(tmp_path / "server", command=deployment.command) as server:
        yield server


def test_a_new_build_is_told_in_one_line_and_keeps_draft_and_place(
    deployed: Server, deployment: Deployment, visitor: Visitor
) -> None:
    me = visitor(deployed.base_url, "Me", worker=True).come_in()
    other = visitor(deployed.base_url, "Other").come_in()
    channel = me.direct_with(other)
    me.open(channel).write("before the new build")
    me.field.fill("half a thought")
    keeps_the_page(me)
    me.sees_step("before the new build", "delivered")
    # It looks once a minute.
    me.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 60_000 }")
    deployed.kill9()
    me.is_connected("offline")
    deployment.build_anew()
    deployed.start()
    me.is_connected_again()
    line = me.page.locator(".page-line")
    expect(line).to_contain_text("A new version is here")
    other.open(channel).write("the old page goes on")
    me.sees("the old page goes on")
    me.page.locator("a[href='/settings']").click()  # a part of the old build that the server has no more
    expect(me.page.locator(".settings-pages")).to_be_visible()
    me.page.go_back()
    line.get_by_role("button", name="Reload").click()
    me.page.wait_for_selector("meta[name=build][content=another-build]", state="attached")
    me.sees("the old page goes on")
    expect(me.field).to_have_value("half a thought")
    expect(line).to_have_count(0)


def test_a_worker_that_is_taken_off_the_server_gives_up(
    deployed: Server, deployment: Deployment, visitor: Visitor
) -> None:
    me = visitor(deployed.base_url, "Me", worker=True).come_in()
    keeps_the_page(me)
    for file in deployment.page.glob("sw.js*"):
        file.unlink()
    kept = "async () => (await caches.keys()).length"
    registered = "async () => (await navigator.serviceWorker.getRegistrations()).length"
    me.page.reload()
    me.until(lambda: me.page.evaluate(kept) == 0, "it keeps nothing")

    def is_gone_when_opened_again() -> bool:
        me.page.reload(
            wait_until="networkidle"
        )  # registering calls back what has given up: the page asks, too
        return bool(me.page.evaluate(registered) == 0)

    me.until(is_gone_when_opened_again, "it is gone")
    me.page.reload()
    expect(me.page.locator(".hall")).to_be_visible()
    assert me.page.evaluate("() => navigator.serviceWorker.controller === null")


def worker_of(person: Person) -> tuple[CDPSession, str]:
    """DevTools' view of the worker, and the id of its registration."""
    devtools = person.context.new_cdp_session(person.page)
    ids: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: ids.extend(one["registrationId"] for one in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    person.until(lambda: bool(ids), "the registration is known")
    return devtools, ids[0]


def test_with_no_page_open_the_worker_sends_what_waits_once(own_server: Server, visitor: Visitor) -> None:
    me = visitor(own_server.base_url, "Me", worker=True).come_in()
    other = visitor(own_server.base_url, "Other").come_in()
    channel = me.direct_with(other)
    keeps_the_page(me).open(channel).is_connected("live")
    own_server.kill9()
    me.is_connected("offline")
    me.write("first")
    me.write("second")
    me.sees_step("second", "waiting")
    devtools, registration = worker_of(me)
    me.page.goto("about:blank")
    own_server.start()
    sync = {
        "origin": own_server.base_url,
        "registrationId": registration,
        "tag": "outbox",
        "lastChance": False,
    }
    devtools.send("ServiceWorker.dispatchSyncEvent", sync)
    other.page.reload()
    other.open(channel).sees("second")
    me.page.goto(f"{own_server.base_url}/c/{channel}")
    me.sees_step("second", "read")
    assert me.texts() == other.texts() == ["first", "second"]


def test_a_push_is_shown_and_leads_to_its_conversation(server: Server, visitor: Visitor) -> None:
    me = visitor(server.base_url, "Me", worker=True).come_in()
    other = visitor(server.base_url, "Other").come_in()
    channel = me.direct_with(other)
    me.context.grant_permissions(["notifications"])
    keeps_the_page(me)
    devtools, registration = worker_of(me)
    pushed = {"title": "Other", "body": "Are you there?", "navigate": f"/c/{channel}", "tag": channel}
    push = {"origin": server.base_url, "registrationId": registration}
    data = json.dumps({"web_push": 8030, "notification": pushed})
    devtools.send("ServiceWorker.deliverPushMessage", {**push, "data": data})
    shown = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
        .map(({ title, body, tag, data }) => ({ title, body, tag, navigate: data.path }))"""
    me.until(lambda: me.page.evaluate(shown) == [pushed], "the notification shows")
