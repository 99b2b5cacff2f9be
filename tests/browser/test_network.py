"""Bad networks and dead servers: forced from outside, never by a flag of the page."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.proxy import Proxy
from tests.serving import Server

Visitor = Callable[..., Person]


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    with Proxy(server.port) as proxy:
        yield proxy


def test_behind_a_proxy_that_refuses_upgrade_messages_come_by_held_requests(
    server: Server, visitor: Visitor, proxy: Proxy
) -> None:
    proxy.behaviour.upgrades = "refuse"
    hidden = visitor(proxy.url, "Behind a proxy").come_in()
    free = visitor(server.base_url, "Outside").come_in()
    channel = hidden.direct_with(free)
    hidden.is_connected("longpoll")
    hidden.open(channel).write("Do you hear me?")
    free.open(channel).sees("Do you hear me?")
    free.write("Loud and clear.")
    hidden.sees("Loud and clear.")
    hidden.sees_step("Do you hear me?", "read")
    assert hidden.texts() == free.texts()


def test_behind_a_proxy_that_also_cuts_held_requests_messages_come_by_asking(
    server: Server, visitor: Visitor, proxy: Proxy
) -> None:
    proxy.behaviour.upgrades = "refuse"
    proxy.behaviour.hold_seconds = 1
    hidden = visitor(proxy.url, "Behind a bad proxy").come_in()
    free = visitor(server.base_url, "Outside").come_in()
    channel = hidden.direct_with(free)
    hidden.is_connected("poll")
    hidden.open(channel).write("Slow, but here.")
    free.open(channel).sees("Slow, but here.")
    free.write("And nothing is lost.")
    hidden.sees("And nothing is lost.")
    assert hidden.texts() == free.texts()


def test_after_the_server_was_killed_everything_goes_on(own_server: Server, visitor: Visitor) -> None:
    writer = visitor(own_server.base_url, "Writer").come_in()
    reader = visitor(own_server.base_url, "Reader").come_in()
    channel = writer.direct_with(reader)
    reader.open(channel)
    writer.open(channel).write("before")
    reader.sees("before")
    own_server.kill9()
    writer.is_connected("offline")
    writer.write("meanwhile 1")
    writer.write("meanwhile 2")
    writer.sees_step("meanwhile 2", "waiting")
    expect(writer.page.locator(".list-footer .connection")).to_contain_text("Offline, 2 waiting")
    own_server.start()
    for person in (writer, reader):
        person.is_connected("live")  # by itself, after a pause
    reader.sees("meanwhile 2")
    writer.sees_step("meanwhile 2", "read")
    assert writer.texts() == reader.texts() == ["before", "meanwhile 1", "meanwhile 2"]


def test_who_goes_into_a_tunnel_is_told_before_anything_is_missed(server: Server, visitor: Visitor) -> None:
    traveller = visitor(server.base_url, "Traveller", screen="phone").come_in()
    friend = visitor(server.base_url, "Friend").come_in()
    channel = traveller.direct_with(friend)
    traveller.open(channel).write("before the tunnel")
    traveller.sees_step("before the tunnel", "delivered")
    traveller.context.set_offline(True)
    expect(traveller.page.locator(".conversation .connection")).to_contain_text("Offline")
    traveller.write("in the tunnel")
    traveller.sees_step("in the tunnel", "waiting")
    traveller.context.set_offline(False)
    traveller.sees_step("in the tunnel", "delivered")
    expect(traveller.page.locator(".conversation .connection")).to_have_count(0)
    friend.open(channel)
    assert friend.texts() == ["before the tunnel", "in the tunnel"]


def test_what_was_written_offline_survives_a_reload_and_is_sent_once(
    own_server: Server, visitor: Visitor
) -> None:
    writer = visitor(own_server.base_url, "Writer").come_in()
    reader = visitor(own_server.base_url, "Reader").come_in()
    channel = writer.direct_with(reader)
    writer.open(channel).write("stored")
    writer.sees_step("stored", "delivered")
    # From now on the page itself can be loaded, but nothing of the API.
    writer.context.route("**/api/v1/**", lambda route: route.abort())
    writer.context.route_web_socket("**/api/v1/ws", lambda socket: socket.close())
    own_server.kill9()
    writer.is_connected("offline")
    writer.write("written without a server")
    writer.sees_step("written without a server", "waiting")
    own_server.start()
    reader.is_connected_again()
    writer.page.reload()
    writer.sees("stored")  # from this device: the API is still out of reach
    writer.sees_step("written without a server", "waiting")
    writer.context.unroute_all()
    writer.page.reload()
    writer.sees_step("written without a server", "delivered")
    reader.open(channel).sees("written without a server")
    assert reader.texts() == ["stored", "written without a server"]


def test_an_answer_that_is_lost_does_not_double_the_message(
    server: Server, visitor: Visitor, proxy: Proxy
) -> None:
    writer = visitor(proxy.url, "Writer").come_in()
    reader = visitor(server.base_url, "Reader").come_in()
    channel = writer.direct_with(reader)
    writer.open(channel).write("first")
    writer.sees_step("first", "delivered")
    proxy.behaviour.deaf = "client"  # the server gets it and answers; the answer never arrives
    writer.write("Did you get this?")
    reader.open(channel).sees("Did you get this?")
    writer.sees_step("Did you get this?", "sending")
    proxy.behaviour.deaf = None
    proxy.cut()
    writer.sees_step("Did you get this?", "read")
    assert writer.texts() == reader.texts() == ["first", "Did you get this?"]


def test_a_session_that_is_ended_elsewhere_leads_to_the_entrance_and_keeps_what_was_written(
    server: Server, visitor: Visitor
) -> None:
    me = visitor(server.base_url, "Me").come_in()
    other = visitor(server.base_url, "Other").come_in()
    channel = me.direct_with(other)
    me.open(channel).field.fill("unfinished")
    elsewhere = visitor(server.base_url, "Me").come_back(me.username)
    for session in elsewhere.ask("GET", "/sessions")["sessions"]:
        if not session["current"]:
            elsewhere.ask("DELETE", f"/sessions/{session['id']}")
    expect(me.page.locator(".entrance")).to_contain_text("Your session has ended")
    me.page.fill("#username", me.username)
    me.page.fill("#password", "a quiet wooden hall")
    me.page.locator("form .primary").click()
    expect(me.field).to_have_value("unfinished")


def test_a_browser_that_keeps_nothing_is_told_so_instead_of_a_promise(
    server: Server, visitor: Visitor
) -> None:
    me = visitor(server.base_url, "Me").come_in()
    private = "IDBFactory.prototype.open = () => { throw new DOMException('not here', 'InvalidStateError') }"
    me.page.add_init_script(private)
    me.page.reload()
    expect(me.page.locator(".empty")).to_contain_text("does not let Maru keep anything")
    assert me.errors == ["not here"], "the cause is told to the console"
    me.errors.clear()


def test_over_a_line_that_breaks_all_the_time_everything_arrives_once_and_in_one_order(
    server: Server, visitor: Visitor, proxy: Proxy
) -> None:
    one = visitor(proxy.url, "One").come_in()
    two = visitor(proxy.url, "Two").come_in()
    outside = visitor(server.base_url, "Outside").come_in()
    channel = one.group_with("Broken lines", two, outside)
    written = []
    for person in (one, two, outside):
        person.open(channel)
    for number in range(12):
        for person in (one, two):
            written.append(f"{person.display_name} {number}")
            person.write(written[-1])
        if number % 2:
            proxy.cut()
        if number == 6:
            proxy.behaviour.upgrades = "refuse"
        if number == 9:
            proxy.behaviour.upgrades = "pass"
    for person in (one, two, outside):
        person.until(lambda person=person: len(person.texts()) == len(written), "all have arrived")
        person.until(lambda person=person: not person.page.locator(".pending").count(), "all are sent")
    assert one.texts() == two.texts() == outside.texts()
    assert sorted(one.texts()) == sorted(written)
    for person in (one, two):
        own = [text for text in outside.texts() if text.startswith(person.display_name)]
        assert own == [text for text in written if text.startswith(person.display_name)], (
            "in the order of writing"
        )


def test_where_tabs_cannot_elect_a_leader_each_connects_and_nothing_doubles(
    server: Server, visitor: Visitor
) -> None:
    """Browsers offer locks to secure origins only: a server in the house, reached by http, has none."""
    me = visitor(server.base_url, "Me")
    me.context.add_init_script("delete Navigator.prototype.locks")
    me.come_in()
    other = visitor(server.base_url, "Other").come_in()
    channel = other.direct_with(me)
    second = me.context.new_page()
    second.goto(f"{server.base_url}/c/{channel}")
    me.open(channel)
    for manner in (me.page, second):
        expect(manner.locator(".list-footer .connection")).to_have_attribute("data-manner", "live")
    other.open(channel)
    for number in range(5):
        other.write(f"from outside {number}")
        me.write(f"from the first tab {number}")
        second.locator(".composer textarea").fill(f"from the second tab {number}")
        second.keyboard.press("Enter")
    other.until(lambda: len(other.texts()) == 15, "all have arrived")
    me.until(lambda: me.texts() == other.texts(), "the first tab shows the same")
    me.until(
        lambda: second.locator(".message .text").all_inner_texts() == other.texts(),
        "the second tab shows the same",
    )
