"""A server that is asked by plain HTTP from another machine: browsers trust its pages less, and Maru works there."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import ELSEWHERE
from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]


def test_somebody_is_invited_by_a_copied_link_and_the_two_talk(
    tmp_path: Path, visitor: Visitor, built_page: None
) -> None:
    with Server(tmp_path, env={"MARU_SIGNUP": "invite"}) as server:
        url = f"http://{ELSEWHERE}:{server.port}"
        owner, guest = visitor(url, "Owner").sign_up(), visitor(url, "Guest")
        page = owner.page
        assert not page.evaluate("isSecureContext")
        page.goto(f"{url}/settings/invites")
        page.get_by_role("button", name="Make an invitation link").click()
        page.get_by_role("button", name="Copy").click()
        expect(page.locator(".notice")).to_have_text("Copied")
        expect(page.get_by_role("button", name="Copy")).to_be_focused()
        page.evaluate("() => { document.execCommand = () => false }")
        page.get_by_role("button", name="Copy").click()
        expect(page.locator(".notice")).to_have_text("The browser did not let it be copied.")
        page.goto(f"{url}/new")
        page.locator(".people-search input").press("Control+v")
        guest.page.goto(page.locator(".people-search input").input_value())
        guest.fill_sign_up()

        page.fill(".people-search input", "Guest")
        page.get_by_role("button", name="Add Guest").click()
        page.get_by_role("button", name="Open conversation").click()
        owner.write("Come in!")
        guest.page.locator(".channel").click()
        guest.sees("Come in!")
        guest.is_connected("live")
        owner.sees_step("Come in!", "read")
