"""Two tabs of one browser: one connection, and nothing is lost when the tab that holds it goes."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]


class Tabs:
    """Somebody with two tabs of one conversation, of which the first holds the connection."""

    def __init__(self, server: Server, visitor: Visitor) -> None:
        self.me = visitor(server.base_url, "Me").come_in()
        self.other = visitor(server.base_url, "Other").come_in()
        self.channel = self.me.direct_with(self.other)
        self.other.open(self.channel).is_connected("live")
        self.me.open(self.channel).is_connected("live")
        self.second = self.me.context.new_page()
        self.sockets: list[str] = []
        self.second.on("websocket", lambda socket: self.sockets.append(socket.url))
        self.second.goto(f"{server.base_url}/c/{self.channel}")
        connection = self.second.locator(".list-footer .connection")
        expect(connection).to_have_attribute("data-manner", "elsewhere")
        expect(self.second.locator(".composer textarea")).to_be_visible()
        assert self.sockets == [], "one connection for both"

    def close_the_first(self) -> None:
        self.me.page.close()
        self.me.page = self.second
        self.me.is_connected("live")
        assert len(self.sockets) == 1

    def both_have(self, written: list[str]) -> None:
        self.me.sees(written[-1])
        self.other.sees(written[-1])
        self.me.sees_step(written[-1], "read")
        assert self.me.texts() == self.other.texts() == written


def test_when_the_leading_tab_goes_in_mid_send_another_takes_over_and_nothing_is_lost_or_doubled(
    server: Server, visitor: Visitor
) -> None:
    tabs = Tabs(server, visitor)
    written = [f"line {number}" for number in range(5)]
    for text in written:
        tabs.me.write(text)
    expect(tabs.second.locator(".message")).to_have_count(len(written))  # kept on the device, sent or not
    tabs.close_the_first()
    tabs.both_have(written)


def test_what_the_leading_tab_kept_and_had_no_time_to_tell_is_shown_by_the_one_that_takes_over(
    server: Server, visitor: Visitor
) -> None:
    tabs = Tabs(server, visitor)
    tabs.me.write("told")
    expect(tabs.second.locator(".message .progress")).to_have_attribute("data-step", "read")
    tabs.me.page.evaluate("() => { BroadcastChannel.prototype.postMessage = () => undefined }")
    tabs.me.write("not told")
    tabs.me.sees_step("not told", "read")
    tabs.other.post(tabs.channel, "nor this")
    tabs.me.sees("nor this")
    tabs.me.write("to the end")
    tabs.me.sees_step("to the end", "read")
    tabs.close_the_first()
    tabs.both_have(["told", "not told", "nor this", "to the end"])
