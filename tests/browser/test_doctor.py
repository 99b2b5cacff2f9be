"""The connection doctor, behind proxies that behave badly: what is wrong is found, and how to mend it is said."""

import re
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


def test_what_a_proxy_refuses_and_cuts_is_found_with_the_lines_that_mend_it(
    server: Server, visitor: Visitor, proxy: Proxy
) -> None:
    proxy.behaviour.upgrades = "refuse"
    proxy.behaviour.hold_seconds = 1
    proxy.behaviour.cut_with = "504"
    me = visitor(proxy.url, "Me").come_in()
    me.is_connected("poll")
    page = me.page
    page.locator(".list-footer .connection-line").click()
    page.get_by_role("link", name="Examine the connection").click()
    page.get_by_role("button", name="Examine the connection").click()
    found = page.locator(".findings li")
    expect(found.nth(0)).to_have_attribute("data-found", "refused")
    expect(found.nth(1)).to_have_attribute("data-found", "cut")
    expect(found.nth(1)).to_contain_text("HTTP 504")
    expect(found.nth(2)).to_have_attribute("data-found", "good")
    remedies = page.locator(".remedy")
    expect(remedies).to_contain_text(["proxy_set_header Upgrade", "proxy_read_timeout"])
    page.get_by_label("Traefik").check()
    expect(remedies.last).to_contain_text("respondingTimeouts")
    page.get_by_role("button", name="Copy a report").click()
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    report = page.evaluate("() => navigator.clipboard.readText()")
    assert "In use: Slow (poll)" in report
    assert re.search(r"Held requests \(long poll\): Cut after 1\.\d s\. \(HTTP 504\)", report)
