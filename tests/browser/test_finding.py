"""Finding one's way: to a message, to a day, to a conversation, to a person, and back again."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]

# Which row stands at the top of the window of the conversation, and how far below its edge.
FIRST_IN_SIGHT = """() => {
    const top = document.querySelector('.scroller')?.getBoundingClientRect().top;
    const row = [...document.querySelectorAll('[data-seq]')].find((one) => one.getBoundingClientRect().bottom > top);
    return row && [Number(row.dataset.seq), Math.round(row.getBoundingClientRect().top - top)];
}"""


@dataclass
class Talk:
    channel: str
    other: str
    reader: str


@pytest.fixture(scope="module")
def talk(server: Server, browser: Browser) -> Talk:
    """A group with 250 messages and a direct channel beside it; `reader` has read everything."""
    writer, reader = (Person(browser, server.base_url, name).come_in() for name in ("Writer", "Reader"))
    channel = writer.group_with("Long", reader)
    writer.post_many(channel, [f"message {number}" for number in range(250)])
    other = writer.direct_with(reader)
    writer.post(other, "Only this.")
    for each in (channel, other):
        head = reader.ask("GET", f"/channels/{each}")["channel"]["head"]["seq"]
        reader.ask("PUT", f"/channels/{each}/read", {"seq": head})
    talk = Talk(channel, other, reader.username)
    for person in (writer, reader):
        person.close()
    return talk


@pytest.fixture
def reader(server: Server, visitor: Visitor, talk: Talk) -> Person:
    return visitor(server.base_url, "R").come_back(talk.reader)


def place(page: Page) -> list[int] | None:
    return page.evaluate(FIRST_IN_SIGHT)  # type: ignore[no-any-return]


def read_back(reader: Person, by: int) -> list[int]:
    """Scrolls up by so many pixels; the place that leads to, once everything on the page has come."""
    reader.is_connected("live")
    page = reader.page
    expect(page.locator(".standing .progress, .unread-by, .names p").first).to_be_attached()
    page.evaluate("(by) => document.querySelector('.scroller').scrollBy(0, -by)", by)
    expect(page.locator(".to-end")).to_have_count(1)
    places: list[list[int] | None] = [None]

    def stays() -> bool:
        places.append(place(page))
        return places[-1] is not None and places[-1] == places[-2]

    reader.until(stays, "a place that stays")
    assert places[-1]
    return places[-1]


def test_a_link_leads_to_its_message_and_back_leads_to_where_one_was(reader: Person, talk: Talk) -> None:
    page = reader.open(talk.channel).page
    before = read_back(reader, 450)
    page.evaluate("() => { location.hash = '#30' }")
    row = page.locator('[data-seq="30"]')
    expect(row).to_be_in_viewport()
    expect(row).to_be_focused()
    page.locator(".way-back").click()
    reader.until(lambda: place(page) == before, "back where it was read")
    expect(page.locator(".way-back")).to_have_count(0)
    row = page.locator(f'[data-seq="{before[0] + 3}"]')
    row.hover()
    row.get_by_role("button", name="Copy link").click()
    link = page.evaluate("() => navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    expect(row).to_be_focused()


def test_who_leaves_a_conversation_and_returns_reads_on_at_the_same_line(reader: Person, talk: Talk) -> None:
    page = reader.open(talk.channel).page
    before = read_back(reader, 700)
    reader.open(talk.other)
    expect(page.locator(".message")).to_have_count(1)
    reader.open(talk.channel)
    reader.until(lambda: place(page) == before, "the same line after choosing it again")
    reader.open(talk.other)
    page.go_back()
    reader.until(lambda: place(page) == before, "the same line after going back")
    page.reload()
    reader.until(lambda: place(page) == before, "the same line after a reload")


def test_a_day_is_found_without_reading_all_that_came_after(reader: Person, talk: Talk) -> None:
    page = reader.open(talk.channel).page
    reader.is_connected("live")
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Go to a date").click()
    page.get_by_role("textbox", name="Go to a date").fill("2020-01-01")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator('[data-seq="1"]')).to_be_in_viewport()
    expect(page.locator(".way-back")).to_be_visible()


def test_the_switcher_finds_by_initials_and_by_username_and_starts_a_conversation(
    server: Server, visitor: Visitor
) -> None:
    me, haneul = (visitor(server.base_url, name).come_in() for name in ("나", "정하늘"))
    stranger = visitor(server.base_url, "박소라").come_in()
    group = me.group_with("배포 준비", haneul)
    direct = me.direct_with(haneul)
    me.post(group, "quiet")
    haneul.post(direct, "unread")
    page = me.open(group).page
    expect(page.locator(".channel").first).to_contain_text("unread")
    expect(page.locator(".sheet .message")).to_have_count(1)

    options = page.get_by_role("option")
    page.keyboard.press("Control+k")
    expect(options).to_contain_text(["정하늘"])  # the open one is not offered
    page.keyboard.type("ㅈㅎ")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".conversation h1")).to_have_text("정하늘")

    page.keyboard.press("Control+k")
    page.keyboard.type("ㅂㅍ")
    expect(options).to_contain_text(["배포 준비"])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(me.field).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type(stranger.username)
    expect(options).to_contain_text(["박소라"])
    field = page.get_by_role("combobox")
    expect(field).to_have_attribute("aria-activedescendant", str(options.first.get_attribute("id")))
    page.keyboard.press("Enter")
    expect(page.locator(".conversation h1")).to_have_text("박소라")


def test_a_muted_conversation_calls_no_more_and_every_device_knows(server: Server, visitor: Visitor) -> None:
    me, other = (visitor(server.base_url, name).come_in() for name in ("Me", "Other"))
    channel = me.direct_with(other)
    other.post(channel, "**Look** here")
    row = me.page.locator(".channel")
    expect(row.locator(".preview")).to_have_text("Look here")
    expect(me.page).to_have_title("(1) Maru")
    row.focus()
    me.page.keyboard.press("Shift+F10")
    me.page.get_by_role("menuitem", name="Mute for 8 hours").click()
    expect(row).to_contain_text("muted")
    expect(me.page).to_have_title("Maru")
    second = visitor(server.base_url, "Me").come_back(me.username)
    expect(second.page.locator(".channel")).to_contain_text("muted")
    second.page.locator(".channel").click(button="right")
    second.page.get_by_role("menuitem", name="Unmute").click()
    expect(row).not_to_contain_text("muted")
    expect(row).to_be_focused()
    me.page.goto(f"{server.base_url}/c/{channel}/details")
    details = me.page.locator(".details")
    details.get_by_role("button", name="Mute for 1 hour").press("Enter")
    expect(details).to_contain_text("Muted until")
    expect(details.get_by_role("button", name="Unmute")).to_be_focused()
