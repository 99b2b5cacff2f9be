"""One person on two devices: both show the same, whichever it was done on. What is unfinished stays where it is."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]
LONG_MS = 30_000


@pytest.fixture
def friend(server: Server, visitor: Visitor) -> Person:
    return visitor(server.base_url, "Friend").come_in()


@pytest.fixture
def desk(server: Server, visitor: Visitor) -> Person:
    return visitor(server.base_url, "Sora").come_in()


@pytest.fixture
def phone(server: Server, visitor: Visitor, desk: Person) -> Person:
    """The same person elsewhere."""
    return visitor(server.base_url, "Sora", screen="phone").come_back(desk.username)


def test_two_devices_show_the_same_conversation(desk: Person, phone: Person, friend: Person) -> None:
    channel = desk.direct_with(friend)
    phone.open(channel).write("from the phone")
    desk.open(channel).sees("from the phone")
    expect(desk.message("from the phone")).to_have_class(re.compile(r"\bown\b"))
    friend.open(channel).write("from a friend")
    desk.sees("from a friend")
    desk.write("from the desk, misspelld")
    phone.sees("from the desk, misspelld")
    assert phone.texts() == desk.texts() == friend.texts()

    desk.sees_step("from the desk, misspelld", "read")
    desk.field.press("ArrowUp")
    expect(desk.field).to_have_value("from the desk, misspelld")
    desk.write("from the desk")
    expect(phone.page.locator(".message .text").last).to_contain_text("from the desk", timeout=LONG_MS)
    phone.ask("DELETE", f"/channels/{channel}/messages/{_seq(desk, 'from the phone')}")
    for person in (desk, phone, friend):
        expect(person.page.locator(".text.deleted")).to_have_count(1, timeout=LONG_MS)
    assert phone.texts() == desk.texts() == friend.texts()


def test_what_was_read_on_one_device_is_read_on_the_other_and_a_draft_stays(
    desk: Person, phone: Person, friend: Person
) -> None:
    channel = desk.direct_with(friend)
    badge = f'.channel[href="/c/{channel}"] .badge'
    friend.post(channel, "one", "two")
    for person in (desk, phone):
        expect(person.page.locator(badge)).to_contain_text("2", timeout=LONG_MS)
    phone.open(channel).sees("two")
    expect(desk.page.locator(badge)).to_have_count(0, timeout=LONG_MS)
    expect(desk.page).to_have_title("Maru")
    desk.open(channel).sees("two")
    expect(desk.page.locator(".unread-divider")).to_have_count(0)  # nothing is new on the second screen

    phone.field.fill("half a thought")
    desk.write("said meanwhile")
    phone.sees("said meanwhile")
    expect(phone.field).to_have_value("half a thought")
    expect(desk.field).to_have_value("")

    phone.page.get_by_role("link", name="Back to the list").click()
    preview = f'.channel[href="/c/{channel}"] .preview'
    expect(phone.page.locator(preview)).to_have_text("[Draft] half a thought")
    expect(desk.page.locator(preview)).to_have_text("You: said meanwhile")


def test_a_device_that_was_away_learns_what_was_changed_and_read_meanwhile(
    desk: Person, phone: Person, friend: Person
) -> None:
    channel = desk.direct_with(friend)
    seqs = friend.post(channel, "to stay", "to change", "to vanish")
    desk.open(channel).sees("to vanish")
    phone.open(channel).sees("to vanish")
    here = phone.page.url
    phone.page.goto("about:blank")
    _change(friend, channel, seqs[1], "changed")
    friend.ask("DELETE", f"/channels/{channel}/messages/{seqs[2]}")
    friend.post(channel, "new")
    desk.sees("new")
    desk.until(lambda: _unread(desk, channel) == 0, "the desk has read it all")

    phone.page.goto(here)
    phone.sees("new")
    expect(phone.page.locator(".text.deleted")).to_have_count(1, timeout=LONG_MS)
    assert phone.texts() == desk.texts()
    expect(phone.page).to_have_title("Maru")


def _seq(person: Person, text: str) -> int:
    return int(str(person.message(text).get_attribute("data-seq")))


def _change(person: Person, channel: str, seq: int, text: str) -> None:
    body = {"client_message_id": f"00000000-0000-7000-9000-{seq:012x}", "text": text}
    person.ask("PATCH", f"/channels/{channel}/messages/{seq}", body)


def _unread(person: Person, channel: str) -> int:
    return int(person.ask("GET", f"/channels/{channel}")["channel"]["unread"])
