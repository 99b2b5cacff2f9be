"""Contacts over HTTP, on a real message store."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.accounts.house import Browser, House

NOBODY = "0" * 16


def standings(browser: Browser) -> dict[str, tuple[str, bool]]:
    contacts: list[dict[str, Any]] = browser.call("GET", "/contacts")["contacts"]
    return {one["user"]["username"]: (one["state"], one["incoming"]) for one in contacts}


def test_a_request_shows_on_both_sides_and_is_accepted(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    contact = marie.call("POST", "/contacts", {"user_id": minsu.id}, expect=201)["contact"]
    assert contact["user"] == minsu.call("GET", f"/users/{minsu.id}")["user"]
    assert (contact["state"], contact["incoming"], contact["since"]) == ("requested", False, house.clock.ms)
    assert standings(minsu) == {"marie": ("requested", True)}
    accepted = minsu.call("PATCH", f"/contacts/{marie.id}", {"state": "accepted"})["contact"]
    assert accepted["state"] == "accepted"
    assert standings(marie) == {"minsu": ("accepted", False)}
    assert standings(minsu) == {"marie": ("accepted", False)}


def test_asking_somebody_who_asked_accepts(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    marie.call("POST", "/contacts", {"user_id": minsu.id}, expect=201)
    answer = minsu.call("POST", "/contacts", {"user_id": marie.id}, expect=201)
    assert answer["contact"]["state"] == "accepted"


def test_asking_twice_changes_nothing(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    first = marie.call("POST", "/contacts", {"user_id": minsu.id}, expect=201)
    house.clock.advance(60)
    assert marie.call("POST", "/contacts", {"user_id": minsu.id}, expect=200) == first


def test_who_asks_too_many_is_told_when_to_come_back_and_may_still_answer_and_block(
    open_house: Callable[..., House],
) -> None:
    house = open_house(throttled=True)
    marie, *others = (house.person(name) for name in ("marie", "ada", "blaise", "carl", "dora", "emil"))
    for other in others[:2]:
        marie.call("POST", "/contacts", {"user_id": other.id}, expect=201)
    refused = marie.call("POST", "/contacts", {"user_id": others[2].id}, expect=429)
    assert (refused["code"], refused["retry_after"]) == ("rate_limited", 1)
    marie.call("PATCH", f"/contacts/{others[2].id}", {"state": "requested"}, expect=429)
    others[3].call("POST", "/contacts", {"user_id": marie.id}, expect=201)
    marie.call("PATCH", f"/contacts/{others[3].id}", {"state": "accepted"})
    others[4].call("POST", "/contacts", {"user_id": marie.id}, expect=201)
    marie.call("POST", "/contacts", {"user_id": others[4].id}, expect=201)
    marie.call("PATCH", f"/contacts/{others[2].id}", {"state": "blocked"})
    house.clock.advance(1)
    marie.call("DELETE", f"/contacts/{others[2].id}", expect=204)
    marie.call("POST", "/contacts", {"user_id": others[2].id}, expect=201)


def test_only_a_request_that_was_made_to_oneself_can_be_accepted(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    marie.call("PATCH", f"/contacts/{minsu.id}", {"state": "accepted"}, expect=404)
    marie.call("POST", "/contacts", {"user_id": minsu.id}, expect=201)
    marie.call("PATCH", f"/contacts/{minsu.id}", {"state": "accepted"}, expect=404)


def test_a_block_is_not_seen_by_the_one_who_is_blocked(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    marie.call("PATCH", f"/contacts/{minsu.id}", {"state": "blocked"})
    assert standings(marie) == {"minsu": ("blocked", False)}
    assert standings(minsu) == {}
    minsu.call("POST", "/contacts", {"user_id": marie.id}, expect=201)
    assert standings(minsu) == {"marie": ("requested", False)}
    assert standings(marie) == {"minsu": ("blocked", False)}
    marie.call("DELETE", f"/contacts/{minsu.id}", expect=204)
    assert "blocked" not in {state for state, _ in standings(marie).values()}


def test_removing_a_contact_removes_it_on_both_sides(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    marie.call("POST", "/contacts", {"user_id": minsu.id}, expect=201)
    minsu.call("DELETE", f"/contacts/{marie.id}", expect=204)
    assert (standings(marie), standings(minsu)) == ({}, {})
    minsu.call("DELETE", f"/contacts/{marie.id}", expect=204)


@pytest.mark.parametrize("user_id", [NOBODY, "x", ""])
def test_nobody_can_be_no_contact(house: House, user_id: str) -> None:
    marie = house.person("marie")
    assert marie.call("POST", "/contacts", {"user_id": user_id}, expect=404)["code"] == "not_found"
    if user_id:
        marie.call("PATCH", f"/contacts/{user_id}", {"state": "blocked"}, expect=404)
        marie.call("DELETE", f"/contacts/{user_id}", expect=404)


def test_nobody_is_their_own_contact(house: House) -> None:
    marie = house.person("marie")
    assert list(marie.call("POST", "/contacts", {"user_id": marie.id}, expect=422)["fields"]) == ["user_id"]
    marie.call("PATCH", f"/contacts/{marie.id}", {"state": "blocked"}, expect=422)


def test_a_contact_takes_no_other_state(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    for state in ("none", "friend", None, 1):
        marie.call("PATCH", f"/contacts/{minsu.id}", {"state": state}, expect=422)
