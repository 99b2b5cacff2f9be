"""Without a server: the page opens from this device, keeps what is written, and forgets whom it shall forget."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD, Person
from tests.serving import Server

Visitor = Callable[..., Person]


def keeps_the_page(person: Person) -> Person:
    """Wait until the service worker has everything."""
    person.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return person


def test_the_page_opens_reads_and_takes_messages_with_the_server_down(
    own_server: Server, visitor: Visitor
) -> None:
    writer = visitor(own_server.base_url, "Writer", worker=True).come_in()
    reader = visitor(own_server.base_url, "Reader").come_in()
    channel = writer.direct_with(reader)
    writer.open(channel).write("kept on this device")
    writer.sees_step("kept on this device", "delivered")
    keeps_the_page(writer)
    own_server.kill9()
    cold = writer.context.new_page()
    writer.page.close()
    writer.page = cold
    cold.goto(own_server.base_url)
    expect(cold.locator(".channel .preview")).to_have_text("You: kept on this device")
    writer.open(channel).sees("kept on this device")
    writer.is_connected("offline")
    writer.write("written on the train")
    writer.field.fill("and begun")
    cold.reload()
    writer.sees_step("written on the train", "waiting")
    expect(writer.field).to_have_value("and begun")
    own_server.start()
    reader.is_connected_again()
    writer.is_connected_again()
    writer.sees_step("written on the train", "delivered")
    reader.open(channel).sees("written on the train")
    assert reader.texts() == writer.texts() == ["kept on this device", "written on the train"]


def kept_databases(page: Page) -> list[str]:
    names: list[str] = page.evaluate("async () => (await indexedDB.databases()).map(({ name }) => name)")
    return names


def test_signing_out_without_a_server_forgets_the_person_at_once_and_ends_the_session_later(
    own_server: Server, visitor: Visitor
) -> None:
    me = visitor(own_server.base_url, "Me", worker=True).come_in()
    keeps_the_page(me).is_connected("live")
    other_device = visitor(own_server.base_url, "Me").come_back(me.username)
    second = me.context.new_page()
    second.goto(f"{own_server.base_url}/contacts")
    second.wait_for_selector(".hall")
    own_server.kill9()
    me.is_connected("offline")
    me.page.locator("a[href='/settings']").click()
    me.page.locator("a[href='/settings/devices']").click()
    me.page.locator(".quiet-danger").click()
    me.page.get_by_role("button", name="Sign out").click()
    for page in (me.page, second):
        expect(page.locator(".entrance")).to_be_visible()
    me.until(lambda: kept_databases(me.page) == [], "nothing is kept on this device")
    me.page.reload()
    expect(me.page.locator(".entrance")).to_be_visible()
    own_server.start()
    other_device.until(
        lambda: len(other_device.ask("GET", "/sessions")["sessions"]) == 1, "the session is ended"
    )
    me.page.fill("#username", me.username)
    me.page.fill("#password", PASSWORD)
    me.page.locator("form .primary").click()
    me.is_connected("live")
    assert me.ask("GET", "/me")["user"]["username"] == me.username


def test_a_full_device_says_so_goes_on_and_keeps_everything_once_there_is_room(
    server: Server, visitor: Visitor
) -> None:
    me = visitor(server.base_url, "Me")
    devtools = me.context.new_cdp_session(me.page)
    # Before anything is kept: Chromium trusts for a while in the room that it has found.
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": server.base_url, "quotaSize": 1})
    me.come_in()
    other = visitor(server.base_url, "Other").come_in()
    channel = me.direct_with(other)
    me.open(channel).is_connected("live")
    other.post(channel, "there is no room for this")
    me.sees("there is no room for this")
    expect(me.page.locator(".page-line")).to_contain_text("no room left")
    other.post(channel, "nor for this")
    me.sees("nor for this")
    me.write("this cannot be kept")
    expect(me.message("this cannot be kept").locator(".failed-note")).to_contain_text("no room left")
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": server.base_url})
    me.message("this cannot be kept").get_by_role("button", name="Try again").click()
    me.sees_kept("this cannot be kept")
    expect(me.page.locator(".page-line")).to_have_count(0)
    me.page.reload()
    me.sees("nor for this")
    assert me.texts() == ["there is no room for this", "nor for this", "this cannot be kept"]
