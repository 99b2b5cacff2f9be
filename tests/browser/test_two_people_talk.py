"""Two people, two browsers, one conversation."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]


def test_two_people_meet_and_talk(server: Server, visitor: Visitor) -> None:
    minji = visitor(server.base_url, "김민지", locale="ko-KR").sign_up()
    james = visitor(server.base_url, "James Hall", screen="phone").sign_up()

    minji.page.locator(".list-pane .pane-header a").click()
    minji.page.fill(".people-search input", james.username)
    minji.page.get_by_role("button", name="추가 James Hall").click()
    minji.page.get_by_role("button", name="대화 열기").click()
    minji.write("안녕하세요, 제임스!")
    minji.sees("안녕하세요, 제임스!")

    james.page.locator(".channel").click()
    james.sees("안녕하세요, 제임스!")
    james.write("Hello, Minji. Have you had lunch?")
    minji.sees("Hello, Minji. Have you had lunch?")
    assert minji.texts() == james.texts() == ["안녕하세요, 제임스!", "Hello, Minji. Have you had lunch?"]


def test_a_message_goes_from_sent_to_delivered_to_read(server: Server, visitor: Visitor) -> None:
    writer = visitor(server.base_url, "Writer").come_in()
    reader = visitor(server.base_url, "Reader").come_in()
    channel = writer.direct_with(reader)
    reader_page = reader.page.url
    reader.page.goto("about:blank")  # nobody there to take it

    writer.open(channel).write("Are you there?")
    writer.sees_step("Are you there?", "sent")
    expect(writer.message("Are you there?").locator(".unread-by")).to_have_text(re.compile("1"))

    reader.page.goto(reader_page)  # there, but reading something else
    writer.sees_step("Are you there?", "delivered")

    reader.open(channel)
    writer.sees_step("Are you there?", "read")
    expect(writer.message("Are you there?").locator(".unread-by")).to_have_count(0)


def test_unread_messages_are_counted_until_they_are_seen(server: Server, visitor: Visitor) -> None:
    writer = visitor(server.base_url, "Writer").come_in()
    reader = visitor(server.base_url, "Reader").come_in()
    channel = writer.direct_with(reader)
    badge = reader.page.locator(f'.channel[href="/c/{channel}"] .badge')

    writer.post(channel, "one", "two", "three")
    expect(badge).to_contain_text("3")
    expect(reader.page).to_have_title("(3) Maru")

    reader.open(channel)
    reader.sees("three")
    expect(badge).to_have_count(0)
    expect(reader.page.locator(".unread-divider")).to_have_count(1)
    expect(reader.page).to_have_title("Maru")

    def marked() -> bool:
        return bool(reader.ask("GET", f"/channels/{channel}")["channel"]["unread"] == 0)

    reader.until(marked, "the server knows that they were read")


def test_an_edited_and_a_deleted_message_change_for_both(server: Server, visitor: Visitor) -> None:
    writer = visitor(server.base_url, "Writer").come_in()
    reader = visitor(server.base_url, "Reader").come_in()
    channel = writer.direct_with(reader)
    reader.open(channel)
    writer.open(channel).write("A mistkae")
    reader.sees("A mistkae")

    writer.field.press("ArrowUp")
    expect(writer.field).to_have_value("A mistkae")
    writer.write("A mistake")
    expect(reader.page.locator(".message .text")).to_have_text(re.compile("A mistake.*edited"))

    writer.page.locator(".message").hover()
    writer.page.get_by_role("button", name="Delete").click()
    writer.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(reader.page.locator(".text.deleted")).to_be_visible()
    expect(writer.page.locator(".text.deleted")).to_be_visible()


def test_on_a_phone_touching_a_message_shows_what_can_be_done_with_it(
    server: Server, visitor: Visitor
) -> None:
    writer = visitor(server.base_url, "Writer", screen="phone").come_in()
    reader = visitor(server.base_url, "Reader").come_in()
    channel = writer.direct_with(reader)
    writer.open(channel).write("A mistake")
    writer.sees_step("A mistake", "delivered")
    delete = writer.page.get_by_role("button", name="Delete")
    writer.message("A mistake").locator(".text").tap()
    delete.tap()
    writer.page.get_by_role("alertdialog").get_by_role("button", name="Delete").tap()
    expect(reader.open(channel).page.locator(".text.deleted")).to_be_visible()


def test_what_comes_while_nobody_looks_is_divided_off(server: Server, visitor: Visitor) -> None:
    writer = visitor(server.base_url, "Writer").come_in()
    reader = visitor(server.base_url, "Reader").come_in()
    channel = writer.direct_with(reader)
    writer.post(channel, "seen")
    reader.open(channel).sees("seen")
    expect(reader.page.locator(".channel .badge")).to_have_count(0)
    away = "() => { document.hasFocus = () => false }"  # another window is in front
    reader.page.evaluate(away)
    writer.post(channel, "unseen 1", "unseen 2")
    expect(reader.page.locator(".channel .badge")).to_contain_text("2")
    expect(reader.page.locator(".unread-divider + .message")).to_contain_text("unseen 1")
    reader.page.evaluate("() => { delete document.hasFocus; dispatchEvent(new Event('focus')) }")
    expect(reader.page.locator(".channel .badge")).to_have_count(0)
    expect(reader.page.locator(".unread-divider")).to_have_count(1)
    reader.write("answered")
    expect(reader.page.locator(".unread-divider")).to_have_count(0)


def test_who_answers_from_a_window_without_focus_has_read_what_they_answer(
    server: Server, visitor: Visitor
) -> None:
    """What one writes moves one's own marker; no receipt tells the others of it."""
    writer, reader = (visitor(server.base_url, name).come_in() for name in ("Writer", "Reader"))
    channel = writer.direct_with(reader)
    writer.open(channel).write("Lunch?")
    reader.page.evaluate("() => { document.hasFocus = () => false }")
    reader.open(channel)
    reader.sees("Lunch?")
    writer.sees_step("Lunch?", "delivered")
    reader.write("Yes.")
    writer.sees("Yes.")
    writer.sees_step("Lunch?", "read")


def test_a_refused_message_says_why_and_can_be_sent_again_or_discarded(
    server: Server, visitor: Visitor
) -> None:
    writer = visitor(server.base_url, "Writer").come_in()
    blocker = visitor(server.base_url, "Blocker").come_in()
    channel = writer.direct_with(blocker)
    writer.open(channel)
    blocker.ask("POST", "/contacts", {"user_id": writer.id})
    blocker.ask("PATCH", f"/contacts/{writer.id}", {"state": "blocked"})

    writer.write("Can you hear me?")
    note = writer.page.locator(".failed-note")
    expect(note).to_be_visible()
    blocker.ask("DELETE", f"/contacts/{writer.id}")
    note.get_by_role("button", name="Try again").click()
    writer.sees_kept("Can you hear me?")

    blocker.ask("POST", "/contacts", {"user_id": writer.id})
    blocker.ask("PATCH", f"/contacts/{writer.id}", {"state": "blocked"})
    writer.write("And now?")
    note.get_by_role("button", name="Discard").click()
    expect(writer.message("And now?")).to_have_count(0)


def test_two_tabs_of_one_person_share_one_connection(server: Server, visitor: Visitor) -> None:
    writer = visitor(server.base_url, "Writer").come_in()
    reader = visitor(server.base_url, "Reader").come_in()
    channel = writer.direct_with(reader)
    writer.is_connected("live")
    second = writer.context.new_page()
    second.goto(f"{server.base_url}/c/{channel}")
    expect(second.locator(".list-footer .connection")).to_have_attribute("data-manner", "elsewhere")

    second.locator(".composer textarea").fill("from the second tab")
    second.keyboard.press("Enter")
    writer.open(channel).sees("from the second tab")
    writer.sees_kept("from the second tab")
    reader.open(channel).sees("from the second tab")

    writer.page.close()  # the one that held the connection
    expect(second.locator(".list-footer .connection")).to_have_attribute("data-manner", "live")
    reader.write("still here?")
    expect(second.locator(".message .text").last).to_have_text("still here?")
