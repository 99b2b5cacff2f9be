"""Two tabs of one browser: one connection, and nothing is lost when the tab that holds it goes."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]


def test_when_the_leading_tab_goes_in_mid_send_another_takes_over_and_nothing_is_lost_or_doubled(
    server: Server, visitor: Visitor
) -> None:
    me = visitor(server.base_url, "Me").come_in()
    other = visitor(server.base_url, "Other").come_in()
    channel = me.direct_with(other)
    me.open(channel).is_connected("live")
    sockets: list[str] = []
    second = me.context.new_page()
    second.on("websocket", lambda socket: sockets.append(socket.url))
    second.goto(f"{server.base_url}/c/{channel}")
    expect(second.locator(".list-footer .connection")).to_have_attribute("data-manner", "elsewhere")
    assert sockets == [], "one connection for both"
    written = [f"line {number}" for number in range(5)]
    for text in written:
        me.write(text)
    expect(second.locator(".message")).to_have_count(len(written))  # kept on the device, sent or not
    me.page.close()
    me.page = second
    me.is_connected("live")
    assert len(sockets) == 1
    other.open(channel).sees(written[-1])
    me.sees_step(written[-1], "read")
    assert me.texts() == other.texts() == written
