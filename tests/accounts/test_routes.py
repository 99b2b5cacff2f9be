"""People over HTTP: signing up, in and out, profile, sessions, finding each other."""

import json
import secrets
import time

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select, update

from app.accounts.models import UserRow
from tests.accounts.conftest import OpenHouse
from tests.accounts.house import PASSWORD, House

# --- signing up --------------------------------------------------------------------------------------------------


def test_the_first_account_becomes_the_owners_and_is_signed_in(open_house: OpenHouse) -> None:
    visitor = open_house(signup="closed").visitor()
    user = visitor.sign_up("marie", "Marie")
    assert user == {
        "id": user["id"], "username": "marie", "display_name": "Marie", "avatar_id": None, "is_admin": True,
        "locale": None, "presence": "everyone",
    }  # fmt: skip
    assert visitor.call("GET", "/me")["user"] == user


def test_who_asks_who_is_signed_in_hears_whether_the_owners_account_is_still_to_be_made(
    open_house: OpenHouse,
) -> None:
    house, beside = open_house(), open_house()
    visitor = house.visitor()
    assert visitor.call("GET", "/me", expect=401)["ownerless"] is True
    assert beside.visitor().call("GET", "/me", expect=401)["ownerless"] is True
    house.person("marie")
    for one in (visitor, beside.visitor()):
        assert "ownerless" not in one.call("GET", "/me", expect=401)
        assert "ownerless" not in one.log_in("marie", "wrong password", expect=401)


def test_after_the_first_account_nobody_becomes_admin_by_signing_up(house: House) -> None:
    house.person("marie")
    assert house.visitor().sign_up("minsu")["is_admin"] is False


def test_a_closed_server_takes_nobody_and_one_by_invitation_nobody_without(open_house: OpenHouse) -> None:
    open_house(signup="closed").person("marie")
    body = {"username": "minsu", "password": PASSWORD, "display_name": "민수"}
    for mode in ("closed", "invite"):
        refused = open_house(signup=mode).visitor().call("POST", "/auth/signup", body, expect=403)
        assert refused["code"] == "forbidden"
    open_house(signup="open").visitor().call("POST", "/auth/signup", body, expect=201)


def test_a_username_is_taken_in_any_case_and_composition(house: House) -> None:
    house.person("Marie")
    for username in ("marie", "MARIE", "ｍａｒｉｅ"):
        body = {"username": username, "password": PASSWORD, "display_name": "M"}
        refused = house.visitor().call("POST", "/auth/signup", body, expect=409)
        assert (refused["code"], list(refused["fields"])) == ("conflict", ["username"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "a"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": None}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "password123"}, "password"),
        ({"password": "minsu12345"}, "password"),
        ({"display_name": " "}, "display_name"),
        ({"display_name": "a\u202eb"}, "display_name"),
        ({"display_name": 5}, "display_name"),
        ({"invite": 5}, "invite"),
    ],
)
def test_what_is_wrong_with_a_sign_up_is_named(house: House, change: dict[str, object], field: str) -> None:
    body = {"username": "minsu", "password": PASSWORD, "display_name": "민수", **change}
    refused = house.visitor().call("POST", "/auth/signup", body, expect=422)
    assert (refused["code"], list(refused["fields"])) == ("invalid", [field])


@pytest.mark.parametrize("missing", ["username", "password", "display_name"])
def test_username_password_and_name_are_required(house: House, missing: str) -> None:
    body = {"username": "minsu", "password": PASSWORD, "display_name": "민수"}
    del body[missing]
    refused = house.visitor().call("POST", "/auth/signup", body, expect=422)
    assert list(refused["fields"]) == [missing]


# --- signing in and out ------------------------------------------------------------------------------------------


def test_signing_in_answers_who_one_is_where_to_connect_and_a_token_only_when_asked(house: House) -> None:
    house.person("marie")
    answer = house.visitor().log_in("MARIE")
    assert answer["user"]["username"] == "marie"
    assert answer["servers"] == [{"id": "s1", "url": "/s/s1", "region": "here"}]
    assert "token" not in answer
    assert house.visitor().log_in("marie", token=True)["token"]


def test_a_wrong_password_and_nobody_get_the_same_answer(house: House) -> None:
    house.person("marie")
    wrong = house.visitor().send("POST", "/auth/login", {"username": "marie", "password": "wrong password"})
    nobody = house.visitor().send("POST", "/auth/login", {"username": "nobody", "password": "wrong password"})
    impossible = house.visitor().send("POST", "/auth/login", {"username": "\x00", "password": ""})
    assert (wrong.status_code, wrong.json["code"]) == (401, "unauthenticated")
    assert wrong.data == nobody.data == impossible.data
    assert dict(wrong.headers) == dict(nobody.headers)


def test_nobody_costs_the_same_work_as_a_wrong_password(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.person("marie")
    checked: list[str] = []

    def verify(_hasher: PasswordHasher, _hashed: str, password: str) -> bool:
        checked.append(password)
        raise VerifyMismatchError

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    for username in ("marie", "nobody"):
        house.visitor().send("POST", "/auth/login", {"username": username, "password": "wrong password"})
    assert checked == ["wrong password"] * 2


def test_guessing_is_slowed_down_and_a_known_browser_still_gets_in(open_house: OpenHouse) -> None:
    house = open_house(throttled=True)
    marie = house.person("marie")
    marie.call("POST", "/auth/logout", expect=204)
    attacker = house.visitor(address="198.51.100.9")
    for _ in range(10):
        attacker.log_in("marie", "wrong password", expect=401)
    refused = attacker.send("POST", "/auth/login", {"username": "marie", "password": PASSWORD})
    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (
        429,
        "rate_limited",
        "30",
    )
    assert marie.log_in("marie")
    house.clock.advance(31)
    assert attacker.log_in("marie")


def test_an_address_used_before_has_a_bucket_of_its_own_even_with_a_new_browser(
    open_house: OpenHouse,
) -> None:
    house = open_house(throttled=True)
    house.person("marie")
    for number in range(100):
        house.visitor(address=f"198.51.100.{number}").log_in("marie", "wrong password", expect=401)
    house.visitor(address="192.0.2.1").log_in("marie", expect=429)
    assert house.visitor().log_in("marie")


def test_when_too_many_wait_for_their_password_to_be_checked_the_next_is_told_so_and_not_punished(
    open_house: OpenHouse,
) -> None:
    house = open_house(throttled=True)
    marie = house.person("marie")
    house.hashing._taken += 12  # as if all places were taken
    for _ in range(20):
        answer = marie.send("POST", "/auth/login", {"username": "marie", "password": PASSWORD})
        assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (
            503,
            "unavailable",
            "1",
        )
    house.hashing._taken -= 12
    assert marie.log_in("marie")


def test_somebody_suspended_is_told_so_only_with_the_right_password(house: House) -> None:
    house.person("marie")
    minsu = house.person("minsu")
    suspend(house, minsu.id)
    house.visitor().log_in("minsu", "wrong password", expect=401)
    assert house.visitor().log_in("minsu", expect=403)["code"] == "forbidden"


def test_signing_in_renews_a_hash_of_older_parameters(open_house: OpenHouse) -> None:
    old = open_house()
    marie = old.person("marie")
    before = hash_of(old, marie.id)
    new = open_house(hasher=PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    new.visitor().log_in("marie")
    after = hash_of(new, marie.id)
    assert before != after
    assert "t=2" in after
    new.visitor().log_in("marie")
    assert hash_of(new, marie.id) == after


def test_signing_out_ends_the_session_for_cookie_and_token_alike(house: House) -> None:
    house.person("marie")
    browser = house.visitor()
    token = browser.log_in("marie", token=True)["token"]
    browser.call("POST", "/auth/logout", expect=204)
    browser.call("GET", "/me", expect=401)
    house.visitor().call("GET", "/me", headers={"Authorization": f"Bearer {token}"}, expect=401)
    browser.call("POST", "/auth/logout", expect=401)
    assert len(house.ended) == 1


# --- profile -----------------------------------------------------------------------------------------------------


def test_a_profile_is_changed_in_part_and_those_who_show_it_hear_of_it(house: House) -> None:
    marie, minsu = house.person("marie", "Marie"), house.person("minsu")
    assert minsu.call("GET", f"/users/{marie.id}")["user"]["display_name"] == "Marie"
    user = marie.call("PATCH", "/me", {"display_name": " 마리 ", "locale": "ko"})["user"]
    assert (user["display_name"], user["locale"]) == ("마리", "ko")
    assert marie.call("PATCH", "/me", {"locale": None})["user"]["locale"] is None
    assert marie.call("GET", "/me")["user"]["display_name"] == "마리"
    shown = {"id": marie.id, "username": "marie", "display_name": "마리", "avatar_id": None}
    assert minsu.call("GET", f"/users/{marie.id}")["user"] == shown
    assert [user.display_name for user in house.announced] == ["마리", "마리"]
    assert [user["id"] for user in minsu.call("GET", "/users?q=ㅁㄹ")["users"]] == [marie.id]


def test_who_may_see_that_one_is_here_is_told_to_nobody_else(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    for choice in ("contacts", "nobody", "everyone"):
        assert marie.call("PATCH", "/me", {"presence": choice})["user"]["presence"] == choice
        assert marie.call("GET", "/me")["user"]["presence"] == choice
        assert "presence" not in minsu.call("GET", f"/users/{marie.id}")["user"]


def test_an_empty_change_changes_nothing_and_announces_nothing(house: House) -> None:
    marie = house.person("marie")
    before = marie.call("GET", "/me")
    assert marie.call("PATCH", "/me", {"unknown": 1}) == before
    assert house.announced == []


@pytest.mark.parametrize(
    "change",
    [{"display_name": ""}, {"display_name": None}, {"locale": "not a tag"}, {"locale": ""}, {"locale": "x" * 40},
     {"avatar_id": "0123456789abcdef"}, {"presence": "friends"}, {"presence": None}],
)  # fmt: skip
def test_a_profile_takes_no_nonsense(house: House, change: dict[str, object]) -> None:
    refused = house.person("marie").call("PATCH", "/me", change, expect=422)
    assert list(refused["fields"]) == list(change)


# --- sessions ----------------------------------------------------------------------------------------------------


def test_sessions_show_device_address_and_which_is_current(house: House) -> None:
    marie = house.person("marie")
    house.clock.advance(10)
    phone = house.visitor(address="2001:db8::9", agent="Mozilla/5.0 (iPhone) Safari/604.1")
    phone.log_in("marie")
    sessions = phone.call("GET", "/sessions")["sessions"]
    assert [(one["device"], one["ip"], one["current"]) for one in sessions] == [
        ("Safari · iPhone", "2001:db8::9", True),
        ("test/1.0", "203.0.113.7", False),
    ]
    assert sessions[0]["created_at"] == sessions[0]["last_seen_at"] == house.clock.ms
    marie.call("DELETE", f"/sessions/{sessions[0]['id']}", expect=204)
    phone.call("GET", "/me", expect=401)
    assert house.ended == [sessions[0]["id"]]
    assert len(marie.call("GET", "/sessions")["sessions"]) == 1


def test_sessions_of_others_and_nobodys_are_not_found(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    [session] = marie.call("GET", "/sessions")["sessions"]
    for session_id in (session["id"], "0" * 16, "x"):
        assert minsu.call("DELETE", f"/sessions/{session_id}", expect=404)["code"] == "not_found"
    assert marie.call("GET", "/me")


# --- finding people ----------------------------------------------------------------------------------------------


def names(house: House, query: str) -> list[str]:
    """Usernames a search finds, asked for by the first person."""
    asking = house.visitor()
    asking.log_in("marie")
    return [user["username"] for user in asking.call("GET", f"/users?{query}")["users"]]


def test_people_are_found_by_part_of_username_or_name_and_by_initials(house: House) -> None:
    for username, name in (
        ("marie", "Marie Curie"),
        ("minsu", "김민수"),
        ("deploy", "배포 봇"),
        ("pct", "100%_ \\o/"),
    ):
        house.person(username, name)
    assert names(house, "q=CUR") == ["marie"]
    assert names(house, "q=ins") == ["minsu"]
    assert names(house, "q=ㅂㅍ") == ["deploy"]
    assert names(house, "q=김ㅁ") == ["minsu"]
    assert names(house, "q=%25_") == ["pct"]
    assert names(house, "q=%5Co") == ["pct"]
    assert names(house, "q=nobody") == []
    assert names(house, "q=") == ["deploy", "marie", "minsu", "pct"]


def test_a_search_is_read_in_pages_without_gap_or_repetition(house: House) -> None:
    house.person("marie")
    ids = [house.person(f"a{number:02}", "배포" if number % 3 == 0 else "반품").id for number in range(10)]
    reader = house.visitor()
    reader.log_in("marie")
    for query, expected in (("a0", ids), ("배ㅍ", ids[::3]), ("ㅂㅍ", ids)):
        read: list[str] = []
        after = ""
        while page := reader.call("GET", f"/users?q={query}&limit=3{after}")["users"]:
            assert len(page) <= 3
            read += [user["id"] for user in page]
            after = f"&after={page[-1]['id']}"
        assert read == expected


def test_several_people_are_answered_in_the_order_asked_for_and_unknown_ones_left_out(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    path = f"/users?ids={minsu.id},{'0' * 16},x,{marie.id},{minsu.id}"
    assert [user["id"] for user in marie.call("GET", path)["users"]] == [minsu.id, marie.id]
    assert marie.call("GET", "/users?ids=")["users"] == []
    many = ",".join(secrets.token_hex(8) for _ in range(201))
    marie.call("GET", f"/users?ids={many[:-17]}")
    assert list(marie.call("GET", f"/users?ids={many}", expect=422)["fields"]) == ["ids"]


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=x", "limit"), ("after=0000000000000000", "after")]
)
def test_what_is_wrong_with_a_search_is_named(house: House, query: str, field: str) -> None:
    assert list(house.person("marie").call("GET", f"/users?{query}", expect=422)["fields"]) == [field]


def test_somebody_suspended_is_not_found_by_name_but_has_one(house: House) -> None:
    house.person("marie")
    minsu = house.person("minsu")
    suspend(house, minsu.id)
    assert names(house, "q=min") == []
    assert names(house, f"ids={minsu.id}") == ["minsu"]


def test_nobody_is_not_found(house: House) -> None:
    marie = house.person("marie")
    for user_id in ("0" * 16, "x", "%00"):
        assert marie.call("GET", f"/users/{user_id}", expect=404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/me"), ("PATCH", "/me"), ("GET", "/sessions"), ("DELETE", "/sessions/x"), ("GET", "/users"),
     ("GET", "/users/x"), ("POST", "/auth/logout"), ("GET", "/contacts"), ("POST", "/contacts"),
     ("PATCH", "/contacts/x"), ("DELETE", "/contacts/x"), ("POST", "/invites"), ("DELETE", "/invites/x")],
)  # fmt: skip
def test_strangers_learn_nothing(house: House, method: str, path: str) -> None:
    answer = house.visitor().send(method, path, {})
    assert (answer.status_code, json.loads(answer.data)["code"]) == (401, "unauthenticated")


def test_no_secret_is_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    marie = house.person("marie")
    token = house.visitor().log_in("marie", token=True)["token"]
    house.visitor().log_in("marie", "wrong password", expect=401)
    marie.call("POST", "/auth/logout", expect=204)
    for secret in (PASSWORD, "wrong password", token):
        assert secret not in caplog.text


def suspend(house: House, user_id: str) -> None:
    suspended = update(UserRow).where(UserRow.id == user_id).values(suspended_at=round(time.time()))
    house.database.run(lambda session: session.execute(suspended).close())


def hash_of(house: House, user_id: str) -> str:
    asked = select(UserRow.password_hash).where(UserRow.id == user_id)
    return house.database.read(lambda session: session.scalars(asked).one())
