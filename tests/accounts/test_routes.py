"""People over HTTP: signing up, in and out, profile and sessions."""

from tests.accounts.conftest import OpenHouse
from tests.accounts.house import House


def test_the_first_account_becomes_the_owners_and_is_signed_in(open_house: OpenHouse) -> None:
    visitor = open_house(signup="closed").visitor()
    user = visitor.sign_up("marie", "Marie")
    assert (user["username"], user["display_name"], user["is_admin"]) == ("marie", "Marie", True)
    assert visitor.call("GET", "/me")["user"] == user


def test_after_the_first_account_nobody_becomes_admin_by_signing_up(house: House) -> None:
    house.person("marie")
    assert house.visitor().sign_up("minsu")["is_admin"] is False


def test_signing_in_answers_who_one_is_where_to_connect_and_a_token_only_when_asked(house: House) -> None:
    house.person("marie")
    answer = house.visitor().log_in("marie")
    assert answer["servers"] == [{"id": "s1", "url": "/s/s1", "region": "here"}]
    assert "token" not in answer
    assert house.visitor().log_in("marie", token=True)["token"]
