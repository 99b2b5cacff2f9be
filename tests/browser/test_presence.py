"""Who is here and who is writing, as others see it."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.people import PASSWORD, Person
from tests.serving import Server

Visitor = Callable[..., Person]


GRACE_MS = 30_000  # a reload shall not be seen, so a server says "offline" only after a while


def mark_of(viewer: Person, channel: str) -> Locator:
    """What shows in the list of conversations that the other one is here."""
    return viewer.page.locator(f'.channel[href="/c/{channel}"] .presence')


def looks_elsewhere(person: Person) -> None:
    """From the next page they load on, another window is in front."""
    person.context.add_init_script("document.hasFocus = () => false")


def looks_back(person: Person) -> None:
    person.page.evaluate("() => { delete document.hasFocus; dispatchEvent(new Event('focus')) }")


def test_one_sees_the_other_come_return_and_leave(server: Server, visitor: Visitor) -> None:
    viewer = visitor(server.base_url, "Viewer").come_in()
    friend = visitor(server.base_url, "Friend")
    looks_elsewhere(friend)
    friend.come_in()
    channel = viewer.direct_with(friend)
    words = viewer.open(channel).page.locator(".conversation .names p")
    expect(words).to_have_text("Away")
    expect(mark_of(viewer, channel)).to_have_attribute("data-state", "away")
    expect(viewer.page.get_by_role("link", name="Friend (Away)")).to_be_visible()
    looks_back(friend)
    expect(words).to_have_text("Active now")
    expect(mark_of(viewer, channel)).to_have_attribute("data-state", "online")
    friend.page.goto("about:blank")
    expect(words).to_have_text("Active just now", timeout=GRACE_MS)
    expect(mark_of(viewer, channel)).to_have_count(0)


def test_in_a_group_the_list_of_people_shows_who_is_here(server: Server, visitor: Visitor) -> None:
    viewer = visitor(server.base_url, "Viewer").come_in()
    here = visitor(server.base_url, "Here").come_in()
    gone = visitor(server.base_url, "Gone")
    gone.ask(
        "POST", "/auth/signup", {"username": gone.username, "password": PASSWORD, "display_name": "Gone"}
    )
    here.is_connected("live")
    viewer.open(viewer.group_with("House", here, gone))
    viewer.page.get_by_role("link", name="Details").click()
    people = viewer.page.locator(".details .person")
    expect(people).to_have_count(3)
    expect(people.filter(has_text="Here").locator(".presence")).to_have_attribute("data-state", "online")
    expect(people.filter(has_text="Gone").locator(".presence")).to_have_count(0)


def test_who_wants_to_be_seen_by_nobody_is_not(server: Server, visitor: Visitor) -> None:
    viewer = visitor(server.base_url, "Viewer").come_in()
    hermit = visitor(server.base_url, "Hermit").come_in()
    channel = viewer.direct_with(hermit)
    expect(mark_of(viewer, channel)).to_have_attribute("data-state", "online")
    hermit.page.get_by_role("link", name="Settings").click()
    hermit.page.get_by_role("radio", name="Nobody").check()
    expect(mark_of(viewer, channel)).to_have_count(0)
    hermit.page.reload()
    expect(hermit.page.get_by_role("radio", name="Nobody")).to_be_checked()
    hermit.page.get_by_role("radio", name="Everyone").check()
    expect(mark_of(viewer, channel)).to_have_attribute("data-state", "online")


def test_that_somebody_writes_is_seen_until_the_message_is_there(server: Server, visitor: Visitor) -> None:
    writer = visitor(server.base_url, "민지").come_in()
    reader = visitor(server.base_url, "Reader", locale="ko-KR").come_in()
    channel = writer.direct_with(reader)
    reader.open(channel).is_connected("live")
    writer.open(channel).is_connected("live")
    typing = reader.page.locator(".typing")
    expect(typing).to_have_attribute("data-on", "false")
    writer.field.press_sequentially("Hello")
    expect(typing).to_have_text("민지 님이 쓰는 중")
    writer.field.press("Enter")
    reader.sees("Hello")
    expect(typing).to_have_attribute("data-on", "false")
