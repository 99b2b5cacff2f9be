"""Reading back: pages of history come and go, and nothing in sight moves by a pixel."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]

# Scrolls, remembers where the first row in sight is, and watches it in every frame until told to stop.
WATCH = """([how, by]) => {
    const scroller = document.querySelector('.scroller');
    const top = scroller.getBoundingClientRect().top;
    if (how === 'start') scroller.scrollTop = -(scroller.scrollHeight - scroller.clientHeight) + by;
    if (how === 'end') scroller.scrollTop = -by;
    const row = [...scroller.querySelectorAll('[data-seq]')].find((one) => one.getBoundingClientRect().top >= top + 40);
    const seq = row.dataset.seq;
    const before = row.getBoundingClientRect().top;
    const watch = window.watch = { drift: 0, on: true };
    const look = () => {
        const now = scroller.querySelector(`[data-seq="${seq}"]`);
        const moved = now ? Math.abs(now.getBoundingClientRect().top - before) : Infinity;
        watch.drift = Math.max(watch.drift, moved);
        if (watch.on) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
DRIFT = """() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
    window.watch.on = false;
    resolve(window.watch.drift);
})))"""
SEQS = "() => [...document.querySelectorAll('[data-seq]')].map((row) => Number(row.dataset.seq))"


def watch(page: Page, how: str, by: int) -> None:
    page.evaluate(WATCH, [how, by])


def drift(page: Page) -> float:
    """The most that the watched row was away from its place, in pixels."""
    return float(page.evaluate(DRIFT))


def seqs(page: Page) -> list[int]:
    return list(page.evaluate(SEQS))


def has_read(reader: Person, channel: str, seq: int) -> None:
    """On another device; this one has heard of it."""
    reader.ask("PUT", f"/channels/{channel}/read", {"seq": seq})
    expect(reader.page.locator(f'.channel[href="/c/{channel}"] .badge')).to_have_count(0)


@dataclass
class LongTalk:
    """A group with 460 messages of differing height. `reader` has read them all, `latecomer` the first ten."""

    channel: str
    writer: str
    reader: str
    latecomer: str


@pytest.fixture(scope="module")
def long_talk(server: Server, browser: Browser) -> LongTalk:
    writer, reader, latecomer = people = [Person(browser, server.base_url, name) for name in "WRL"]
    for person in people:
        person.come_in()
    channel = writer.group_with("Long", reader, latecomer)
    writer.post_many(channel, [f"message {number} " + "long " * (number * 7 % 90) for number in range(460)])
    reader.ask("PUT", f"/channels/{channel}/read", {"seq": 461})
    latecomer.ask("PUT", f"/channels/{channel}/read", {"seq": 11})
    for person in people:
        person.close()
    return LongTalk(channel, *(person.username for person in people))


WITHOUT_ANCHORING = """() => {
    const supports = CSS.supports.bind(CSS);
    CSS.supports = (name, ...rest) => name !== 'overflow-anchor' && supports(name, ...rest);
    addEventListener('DOMContentLoaded', () => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('.scroller { overflow-anchor: none !important }');
        document.adoptedStyleSheets = [sheet];
    });
}"""


@pytest.fixture
def reader(server: Server, visitor: Visitor, long_talk: LongTalk) -> Person:
    """At the end of the long talk."""
    reader = visitor(server.base_url, "R").come_back(long_talk.reader)
    reader.is_connected("live")  # until then what comes was missed, and is led to
    return reader.open(long_talk.channel)


@pytest.fixture
def writer(server: Server, visitor: Visitor, long_talk: LongTalk) -> Person:
    return visitor(server.base_url, "W").come_back(long_talk.writer)


def test_older_pages_come_without_moving_what_is_read(reader: Person) -> None:
    page = reader.page
    end = seqs(page)[-1]
    assert end >= 461
    while (first := seqs(page)[0]) > 1:
        watch(page, "start", 300)
        reader.until(lambda first=first: seqs(page)[0] < first, "an older page")
        assert drift(page) <= 1
    shown = seqs(page)
    assert shown == list(range(1, shown[-1] + 1)), "each row once, in order"
    assert len(shown) <= 320, "what is far below was let go"

    while (last := seqs(page)[-1]) < end:
        watch(page, "end", 300)
        reader.until(lambda last=last: seqs(page)[-1] > last, "a newer page")
        assert drift(page) <= 1
    shown = seqs(page)
    assert shown == list(range(shown[0], end + 1))


def test_a_message_that_arrives_does_not_move_who_reads_back(
    reader: Person, writer: Person, long_talk: LongTalk
) -> None:
    watch(reader.page, "end", 1500)
    arrived = writer.post(long_talk.channel, "one more", "and a very long one " * 60)
    reader.until(lambda: seqs(reader.page)[-1] == arrived[-1], "the new messages")
    assert drift(reader.page) <= 1
    to_end = reader.page.locator(".to-end")
    expect(to_end).to_contain_text("2 new")
    to_end.click()
    expect(to_end).to_have_count(0)
    assert reader.page.evaluate("() => document.querySelector('.scroller').scrollTop") == 0


def test_nothing_moves_in_a_browser_without_scroll_anchoring(
    server: Server, visitor: Visitor, writer: Person, long_talk: LongTalk
) -> None:
    """As WebKit is; here Chromium is told not to anchor and to say so."""
    reader = visitor(server.base_url, "R")
    reader.page.add_init_script(f"({WITHOUT_ANCHORING})()")
    reader.come_back(long_talk.reader).open(long_talk.channel)
    page = reader.page
    watch(page, "end", 1500)
    arrived = writer.post(long_talk.channel, "and a very long one " * 60)
    reader.until(lambda: seqs(page)[-1] == arrived[-1], "the new message")
    assert drift(page) <= 1
    first = seqs(page)[0]
    watch(page, "start", 300)
    reader.until(lambda: seqs(page)[0] < first, "an older page")
    assert drift(page) <= 1


def test_who_is_at_the_end_stays_there(reader: Person, writer: Person, long_talk: LongTalk) -> None:
    reader.page.evaluate("() => document.querySelector('.scroller').scrollTo({ top: 0 })")
    expect(reader.page.locator(".to-end")).to_have_count(0)
    arrived = writer.post(long_talk.channel, "a very long one " * 80)
    reader.until(lambda: seqs(reader.page)[-1] == arrived[-1], "the new message")
    below = """() => {
        const end = [...document.querySelectorAll('.message')].at(-1).getBoundingClientRect().bottom;
        return end - document.querySelector('.scroller').getBoundingClientRect().bottom;
    }"""
    assert reader.page.evaluate(below) <= 0


DIVIDER_PLACE = """() => {
    const frame = document.querySelector('.scroller').getBoundingClientRect();
    return (document.querySelector('.unread-divider').getBoundingClientRect().top - frame.top) / frame.height;
}"""


def divider_place(page: Page) -> float:
    """Where the divider stands in the window of the conversation: 0 at its top, 1 at its end."""
    return float(page.evaluate(DIVIDER_PLACE))


def test_the_first_unread_message_stands_at_the_top_third(server: Server, visitor: Visitor) -> None:
    reader = visitor(server.base_url, "Reader").come_in()
    writer = visitor(server.base_url, "Writer").come_in()
    channel = writer.direct_with(reader)
    writer.post(channel, *(f"read {number}" for number in range(60)))
    has_read(reader, channel, 61)
    reader.page.goto("about:blank")  # what the device keeps knows nothing of what comes now
    writer.post(channel, *(f"unread {number}" for number in range(40)))
    reader.page.goto(f"{server.base_url}/c/{channel}")
    divider = reader.page.locator(".unread-divider")
    expect(divider).to_be_visible()
    reader.until(lambda: 0.2 < divider_place(reader.page) < 0.45, "the divider at the top third")
    unread = reader.ask("GET", f"/channels/{channel}")["channel"]["unread"]
    assert 0 < unread <= 40, "what is below the window is not read yet"
    reader.page.locator(".to-end").click()
    reader.until(
        lambda: reader.ask("GET", f"/channels/{channel}")["channel"]["unread"] == 0, "all is read at the end"
    )


def test_far_behind_it_opens_at_the_first_unread_and_goes_to_the_end_on_demand(
    server: Server, visitor: Visitor, long_talk: LongTalk
) -> None:
    latecomer = visitor(server.base_url, "L").come_back(long_talk.latecomer).open(long_talk.channel)
    expect(latecomer.page.locator(".unread-divider")).to_be_visible()
    assert seqs(latecomer.page)[-1] < 461
    latecomer.page.locator(".to-end").click()
    latecomer.until(lambda: seqs(latecomer.page)[-1] >= 461, "the end")
