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
