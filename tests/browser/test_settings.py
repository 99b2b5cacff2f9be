"""What one chooses holds at once, in every tab, and after a reload; a session that is ended ends."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]
LONG_MS = 30_000


def test_language_and_look_hold_at_once_in_every_tab_and_after_a_reload(
    server: Server, visitor: Visitor
) -> None:
    me = visitor(server.base_url, "Me").come_in()
    other_tab = me.context.new_page()
    other_tab.goto(server.base_url)
    expect(other_tab.locator(".list-pane h1")).to_have_text("Conversations")
    page = me.page
    page.goto(f"{server.base_url}/settings/look")
    for choice in ("한국어", "어둡게", "촘촘하게"):
        page.get_by_role("radio", name=choice).click()

    page.reload()
    for tab in (page, other_tab):
        expect(tab.locator(".list-pane h1")).to_have_text("대화", timeout=LONG_MS)
        expect(tab.locator("html")).to_have_attribute("lang", "ko")
        expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
        expect(tab.locator("html")).to_have_attribute("data-density", "compact")
    me.until(lambda: me.ask("GET", "/me")["user"]["locale"] == "ko", "the next device speaks it, too")


def test_a_session_ended_from_elsewhere_is_signed_out_there(server: Server, visitor: Visitor) -> None:
    desk = visitor(server.base_url, "Me").come_in()
    lost = visitor(server.base_url, "Me", screen="phone").come_back(desk.username)
    lost.is_connected("live")
    desk.page.goto(f"{server.base_url}/settings/devices")
    sessions = desk.page.locator(".sessions li")
    expect(sessions).to_have_count(2)
    expect(sessions.filter(has_text="This device").get_by_role("button")).to_have_count(0)
    sessions.get_by_role("button", name="Sign out there").click()
    expect(sessions).to_have_count(1)
    expect(lost.page.locator(".entrance")).to_contain_text("Your session has ended", timeout=LONG_MS)
    expect(desk.page.locator(".settings")).to_be_visible()
