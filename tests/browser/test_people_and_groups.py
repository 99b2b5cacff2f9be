"""Groups, friends, invitations, sessions and the profile, on the page."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.people import PASSWORD, Person
from tests.serving import Server

Visitor = Callable[..., Person]


def test_a_group_is_made_renamed_grows_and_is_left(server: Server, visitor: Visitor) -> None:
    host = visitor(server.base_url, "Host").come_in()
    friend, late = visitor(server.base_url, "Friend").come_in(), visitor(server.base_url, "Late").come_in()
    page = host.page
    page.locator(".list-pane .pane-header a").click()
    page.fill(".people-search input", friend.username)
    page.get_by_role("button", name="Add Friend").click()
    page.get_by_label("Make it a group").check()
    page.get_by_label("Name of the group").fill("The move")
    page.get_by_role("button", name="Create group").click()
    expect(page.locator(".conversation h1")).to_have_text("The move")
    host.write("Welcome!")
    expect(friend.page.locator(".channel")).to_contain_text("The move")

    page.get_by_role("link", name="Details").click()
    page.get_by_label("Name of the group").fill("The big move")
    page.get_by_role("button", name="Rename").click()
    expect(friend.page.locator(".channel")).to_contain_text("The big move")
    page.fill(".details .people-search input", late.username)
    page.get_by_role("button", name="Add Late").click()
    expect(late.page.locator(".channel")).to_contain_text("The big move")
    expect(page.locator(".details .people").last.locator(".person")).to_have_count(3)

    late.page.locator(".channel").click()
    late.sees("Welcome!")
    late.page.get_by_role("link", name="Details").click()
    late.page.get_by_role("button", name="Leave this group").click()
    late.page.get_by_role("alertdialog").get_by_role("button", name="Leave this group").click()
    expect(late.page.locator(".channel")).to_have_count(0)
    expect(page.locator(".event").last).to_have_text("Late left")

    friend.page.locator(".channel").click()
    page.get_by_role("button", name="Remove Friend").click()
    expect(friend.page.locator(".sheet")).to_contain_text("no longer in this conversation")
    expect(friend.page.locator(".channel")).to_have_count(0)


def test_who_is_chosen_already_is_called_so_and_the_next_name_is_typed_over_the_last(
    server: Server, visitor: Visitor
) -> None:
    host = visitor(server.base_url, "Host").come_in()
    friend, late = visitor(server.base_url, "Friend").come_in(), visitor(server.base_url, "Late").come_in()
    page = host.page
    page.locator(".list-pane .pane-header a").click()
    expect(page.locator(".people-search input")).to_be_focused()
    page.keyboard.type(friend.username)
    page.get_by_role("button", name="Add Friend").click()
    expect(page.locator(".person", has_text="Friend")).to_contain_text("Already on the list")
    page.keyboard.type(late.username)
    page.get_by_role("button", name="Add Late").click()
    expect(page.get_by_role("list", name="Chosen").locator("bdi")).to_have_text(["Friend", "Late"])
    page.keyboard.type(host.username)
    expect(page.locator(".person", has_text="Host")).to_contain_text("(you)")
    page.keyboard.type("nobody-at-all")
    expect(page.locator(".people-search [role=status]")).to_have_text("Nobody by that name.")


def test_a_search_that_the_server_does_not_answer_says_so(server: Server, visitor: Visitor) -> None:
    host = visitor(server.base_url, "Host").come_in()
    page = host.page
    page.get_by_role("link", name="Friends").click()
    page.route("**/users?q=*", lambda route: route.abort())
    page.fill(".people-search input", "friend")
    said = page.locator(".people-search [role=status]")
    expect(said).to_have_text("The server does not answer. Try again in a moment.")
    page.keyboard.press("Control+k")
    page.keyboard.type("friend")
    expect(page.locator(".switcher [role=status]")).to_have_text(
        "The server does not answer. Try again in a moment."
    )
    page.keyboard.press("Escape")
    page.unroute_all()
    page.fill(".people-search input", host.username)
    expect(page.locator(".person", has_text="Host")).to_be_visible()
    expect(said).to_be_empty()


def test_friends_are_asked_for_accepted_and_removed(server: Server, visitor: Visitor) -> None:
    asker, asked = visitor(server.base_url, "Asker").come_in(), visitor(server.base_url, "Asked").come_in()
    for person in (asker, asked):
        person.page.get_by_role("link", name="Friends").click()
    asker.page.fill(".people-search input", asked.username)
    asker.page.get_by_role("button", name="Add Asked").click()
    asked.page.get_by_role("button", name="Accept Asker").click()
    expect(asker.page.get_by_role("button", name="Write Asked")).to_be_visible()
    asked.page.get_by_role("button", name="Remove Asker").click()
    expect(asker.page.get_by_role("button", name="Write Asked")).to_have_count(0)


def test_the_first_visitor_is_offered_the_owners_account_and_invites_the_second(
    tmp_path: Path, visitor: Visitor, built_page: None
) -> None:
    with Server(tmp_path, env={"MARU_SIGNUP": "invite"}) as server:
        owner, late = visitor(server.base_url, "Owner"), visitor(server.base_url, "Late", locale="ko-KR")
        for one, greeting in (owner, "You are the first here"), (late, "가장 먼저 오셨네요"):
            one.page.goto(server.base_url)
            expect(one.page.locator(".entrance")).to_contain_text(greeting)
        owner.fill_sign_up()
        expect(owner.page.locator(".hall")).to_be_visible()
        late.fill_sign_up()  # somebody else was quicker
        expect(late.page.locator(".entrance")).not_to_contain_text("가장 먼저 오셨네요")
        expect(late.page.get_by_role("button", name="계정이 있나요? 로그인")).to_be_visible()

        owner.page.get_by_role("button", name="New conversation").click()  # with whom?
        owner.page.get_by_role("link", name="Not here yet? Invite them").click()
        owner.page.get_by_role("button", name="Make an invitation link").click()
        link = owner.page.locator("#invite-link").input_value()

        stranger = visitor(server.base_url, "Stranger")
        stranger.page.goto(server.base_url)
        stranger.page.locator(".entrance-card > .link").click()
        stranger.fill_sign_up()
        expect(stranger.page.locator(".why").last).to_contain_text("by invitation only")

        guest = visitor(server.base_url, "Guest")
        guest.page.goto(link)
        expect(guest.page.locator(".entrance")).to_contain_text("Owner invites you")
        guest.fill_sign_up()
        expect(guest.page.locator(".hall")).to_be_visible()
        expect(guest.page).to_have_url(f"{server.base_url}/")


def test_language_name_and_appearance_are_chosen_in_the_settings(server: Server, visitor: Visitor) -> None:
    me = visitor(server.base_url, "Me").come_in()
    other = visitor(server.base_url, "Other").come_in()
    me.direct_with(other)
    page = me.page
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Appearance and language").click()
    page.get_by_label("한국어").check()
    expect(page.locator(".sheet h1")).to_have_text("설정")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.get_by_label("어둡게").check()
    expect(page.locator("html")).to_have_css("color-scheme", "dark")
    page.get_by_role("link", name="프로필").click()
    page.fill("#display_name", "새 이름")
    page.get_by_role("button", name="저장").click()
    expect(other.page.locator(".channel")).to_contain_text("새 이름")
    page.reload()
    expect(page.locator(".sheet h1")).to_have_text("설정")
    assert me.ask("GET", "/me")["user"]["locale"] == "ko"


def test_signing_out_leaves_nothing_on_the_device(server: Server, visitor: Visitor) -> None:
    me = visitor(server.base_url, "Me").come_in()
    other = visitor(server.base_url, "Other").come_in()
    channel = me.direct_with(other)
    me.open(channel).write("a secret")
    me.sees_step("a secret", "delivered")
    me.page.get_by_role("link", name="Settings").click()
    me.page.get_by_role("link", name="Devices").click()
    me.page.get_by_role("button", name="Sign out", exact=True).click()
    me.page.get_by_role("alertdialog").get_by_role("button", name="Sign out").click()
    expect(me.page.locator(".entrance")).to_be_visible()
    me.until(lambda: me.page.evaluate("() => indexedDB.databases()") == [], "the device's store is gone")
    assert "maru.me" not in me.page.evaluate("() => Object.keys(localStorage)")
    me.page.reload()
    expect(me.page.locator(".entrance")).to_be_visible()


def test_who_gets_only_half_of_the_page_is_told_and_may_try_again(server: Server, visitor: Visitor) -> None:
    me = visitor(server.base_url, "Me").come_in()
    me.page.route("**/assets/inside-*", lambda route: route.abort())
    me.page.reload()
    again = me.page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    me.page.unroute_all()
    again.click()
    expect(me.page.locator(".hall")).to_be_visible()


def test_who_signs_in_on_half_of_a_page_is_told_and_may_try_again(server: Server, visitor: Visitor) -> None:
    known = visitor(server.base_url, "Known").come_in()
    me = visitor(server.base_url, "Me")
    me.page.route("**/assets/inside-*", lambda route: route.abort())
    me.page.goto(server.base_url)
    me.page.fill("#username", known.username)
    me.page.fill("#password", PASSWORD)
    me.page.locator("form .primary").click()
    expect(me.page.get_by_role("alert")).to_contain_text("does not answer")
    me.page.unroute_all()
    me.page.locator("form .primary").click()
    expect(me.page.locator(".hall")).to_be_visible()


def test_the_entrance_does_not_bring_what_is_inside(server: Server, visitor: Visitor) -> None:
    guest = visitor(server.base_url, "Guest")
    requests: list[str] = []
    guest.page.on("request", lambda request: requests.append(request.url))
    guest.page.goto(server.base_url)
    guest.page.wait_for_selector(".entrance-card")
    assert not any("/inside-" in url for url in requests)
    guest.page.locator("#username").press_sequentially("a")
    guest.until(lambda: any("/inside-" in url for url in requests), "it comes while they write")


def test_the_page_keeps_within_its_policy_and_budget(server: Server, browser: Browser) -> None:
    """PRODUCT: at most eight requests for a cold load; and the content security policy is never hurt."""
    person = Person(browser, server.base_url, "Guest")
    requests: list[str] = []
    complaints: list[str] = []
    person.page.on("request", lambda request: requests.append(request.url))
    person.page.on("console", lambda message: complaints.append(message.text))
    person.page.goto(server.base_url)
    person.page.wait_for_selector(".entrance")
    person.close()
    assert len(requests) <= 8, requests
    assert [text for text in complaints if "Content Security Policy" in text or "Trusted" in text] == []
