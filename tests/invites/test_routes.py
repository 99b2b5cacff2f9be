"""Invitations over HTTP."""

from typing import Any

import gevent
import pytest
from sqlalchemy import select, update

from app.accounts.models import UserRow
from app.accounts.sessions import Origin
from app.accounts.wire import SignUp
from app.core.errors import MaruError
from app.invites.models import InviteRow, InviteUseRow
from tests.accounts.conftest import OpenHouse
from tests.accounts.house import PASSWORD, Browser, House


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    """By invitation only."""
    return open_house(signup="invite")


def invite(browser: Browser, **wanted: object) -> Any:
    return browser.call("POST", "/invites", wanted, expect=201)["invite"]


def is_valid(house: House, code: str) -> bool:
    answer: dict[str, Any] = house.visitor().call("GET", f"/invites/{code}")["invite"]
    return bool(answer["valid"])


def refused(house: House, username: str, code: str) -> Any:
    body = {"username": username, "password": PASSWORD, "display_name": username, "invite": code}
    return house.visitor().call("POST", "/auth/signup", body, expect=403)


def test_an_invitation_lets_somebody_sign_up_who_may_invite_in_turn(house: House) -> None:
    marie = house.person("marie")
    minsu = house.person("minsu", invite=invite(marie)["code"])
    assert minsu.call("GET", "/me")["user"]["is_admin"] is False
    house.person("jihye", invite=invite(minsu)["code"])


def test_whoever_holds_the_link_learns_who_invites_and_where_to_and_no_more(house: House) -> None:
    marie = house.person("marie", "Marie Curie")
    made = invite(marie, uses=2)
    assert made == {
        "code": made["code"], "server_name": "Maru", "valid": True, "created_at": house.clock.ms,
        "expires_at": house.clock.ms + 7 * 24 * 3600 * 1000, "uses_left": 2,
        "invited_by": {"id": marie.id, "username": "marie", "display_name": "Marie Curie", "avatar_id": None},
    }  # fmt: skip
    assert house.visitor().call("GET", f"/invites/{made['code']}")["invite"] == made


def test_each_use_counts_and_who_came_by_it_is_known(house: House) -> None:
    code = invite(house.person("marie"), uses=2)["code"]
    came = [house.person(name, invite=code).id for name in ("minsu", "jihye")]
    assert not is_valid(house, code)
    assert refused(house, "late", code)["fields"] == {"invite": "Expired, used up or unknown"}
    uses = select(InviteUseRow.user_id).where(InviteUseRow.code == code).order_by(InviteUseRow.user_id)
    assert house.database.read(lambda session: list(session.scalars(uses))) == sorted(came)


def test_without_a_number_of_uses_it_serves_until_it_expires(house: House) -> None:
    code = invite(house.person("marie"), expires_in_seconds=60)["code"]
    for number in range(5):
        house.person(f"person{number}", invite=code)
    house.clock.advance(59.999)
    assert is_valid(house, code)
    house.clock.advance(0.001)
    assert not is_valid(house, code)
    refused(house, "late", code)


def test_of_many_who_want_the_last_place_one_gets_it(house: House) -> None:
    code = invite(house.person("marie"), uses=1)["code"]

    def attempt(number: int) -> str:
        form = SignUp(username=f"person{number}", password=PASSWORD, display_name="x", invite=code)
        try:
            house.accounts.sign_up(form, Origin("test", "203.0.113.7"))
        except MaruError as error:
            return error.code
        return "in"

    greenlets = [gevent.spawn(attempt, number) for number in range(6)]
    assert sorted(greenlet.get(timeout=10) for greenlet in greenlets) == ["forbidden"] * 5 + ["in"]


def test_a_sign_up_that_fails_uses_nothing_up(house: House) -> None:
    marie = house.person("marie")
    code = invite(marie, uses=1)["code"]
    body = {"username": "marie", "password": PASSWORD, "display_name": "x", "invite": code}
    house.visitor().call("POST", "/auth/signup", body, expect=409)
    assert is_valid(house, code)


def test_a_sign_up_by_a_bad_invitation_leaves_no_account(house: House) -> None:
    house.person("marie")
    refused(house, "minsu", "nonsense")
    assert house.visitor().log_in("minsu", expect=401)


def test_an_invitation_is_taken_back_by_who_made_it_or_an_administrator(house: House) -> None:
    marie = house.person("marie")
    minsu, jihye = (house.person(name, invite=invite(marie)["code"]) for name in ("minsu", "jihye"))
    first, second = invite(minsu)["code"], invite(minsu)["code"]
    jihye.call("DELETE", f"/invites/{first}", expect=403)
    assert is_valid(house, first)
    minsu.call("DELETE", f"/invites/{first}", expect=204)
    marie.call("DELETE", f"/invites/{second}", expect=204)
    for code in (first, second):
        house.visitor().call("GET", f"/invites/{code}", expect=404)
        refused(house, "late", code)
        minsu.call("DELETE", f"/invites/{code}", expect=404)


def test_the_invitations_of_somebody_suspended_are_void(house: House) -> None:
    minsu = house.person("minsu", invite=invite(house.person("marie"))["code"])
    code = invite(minsu)["code"]
    house.database.run(
        lambda session: session.execute(
            update(UserRow).where(UserRow.id == minsu.id).values(suspended_at=1)
        ).close()
    )
    assert not is_valid(house, code)
    refused(house, "late", code)


def test_on_a_closed_server_only_administrators_invite_and_nobody_can_come_yet(open_house: OpenHouse) -> None:
    before = open_house(signup="open")
    marie, minsu = before.person("marie"), before.person("minsu")
    closed = open_house(signup="closed")
    admin, other = closed.visitor(), closed.visitor()
    admin.log_in("marie")
    other.log_in("minsu")
    assert marie.id != minsu.id
    code = invite(admin)["code"]
    other.call("POST", "/invites", {}, expect=403)
    assert not is_valid(closed, code)
    refused(closed, "late", code)
    assert is_valid(before, code)


def test_where_everybody_may_sign_up_an_invitation_still_counts(open_house: OpenHouse) -> None:
    house = open_house(signup="open")
    code = invite(house.person("marie"), uses=1)["code"]
    house.person("minsu", invite=code)
    assert not is_valid(house, code)
    refused(house, "late", code)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({"uses": 0}, "uses"), ({"uses": 100_001}, "uses"), ({"uses": "1"}, "uses"),
     ({"expires_in_seconds": 0}, "expires_in_seconds"), ({"expires_in_seconds": 367 * 86400}, "expires_in_seconds"),
     ({"expires_in_seconds": 1.5}, "expires_in_seconds")],
)  # fmt: skip
def test_what_is_wrong_with_an_invitation_is_named(
    house: House, wanted: dict[str, object], field: str
) -> None:
    answer = house.person("marie").call("POST", "/invites", wanted, expect=422)
    assert list(answer["fields"]) == [field]


def test_an_invitation_is_removed_when_it_expired_long_ago_and_with_it_who_came_by_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.invites.queries.MOST_REMOVED", 2)
    marie = house.person("marie")
    old = [invite(marie, expires_in_seconds=60)["code"] for _ in range(3)]
    house.person("minsu", invite=old[0])
    house.clock.advance(400 * 86_400)
    marie.log_in("marie")
    young = invite(marie)["code"]
    assert not house.invites.prune()
    house.clock.advance(61)
    assert [house.invites.prune() for _ in range(2)] == [True, False]
    assert house.database.read(lambda session: list(session.scalars(select(InviteRow.code)))) == [young]
    assert house.database.read(lambda session: list(session.scalars(select(InviteUseRow.code)))) == []
    house.visitor().log_in("minsu")


def test_codes_cannot_be_guessed(house: House) -> None:
    marie = house.person("marie")
    codes = {invite(marie)["code"] for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) == 22 for code in codes)
    house.visitor().call("GET", "/invites/nonsense", expect=404)
