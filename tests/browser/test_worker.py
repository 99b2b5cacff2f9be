"""The service worker: notifications, and sending with no page open."""

import json
from collections.abc import Callable

from playwright.sync_api import CDPSession

from tests.browser.people import Person
from tests.browser.test_offline import keeps_the_page
from tests.serving import Server

Visitor = Callable[..., Person]


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
