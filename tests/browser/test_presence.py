"""Who is here and who is writing, as others see it."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]


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
