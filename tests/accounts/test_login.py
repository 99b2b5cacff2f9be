"""Who a request comes from: cookie, bearer token, or nobody."""

import base64
import time
import zlib
from http.cookies import SimpleCookie

import flask
import pytest
from itsdangerous import TimestampSigner

from app.accounts.login import COOKIE, install_login
from app.config import Config
from tests.accounts.house import PASSWORD, House


def cookie_of(answer: flask.Response) -> SimpleCookie:
    return SimpleCookie(answer.headers["Set-Cookie"])


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_lasts(house: House) -> None:
    house.person("marie")
    answer = house.visitor().send("POST", "/auth/login", {"username": "marie", "password": PASSWORD})
    morsel = cookie_of(answer)[COOKIE]
    assert (morsel["httponly"], morsel["samesite"], morsel["secure"], morsel["path"]) == (
        True,
        "Lax",
        "",
        "/",
    )
    assert "Expires" in answer.headers["Set-Cookie"]


def test_over_https_the_cookie_is_secure(house: House) -> None:
    app = flask.Flask("secure")
    install_login(
        app, house.sessions, b"x" * 32, Config(public_url="https://chat.example.org").secure_cookies
    )
    assert app.config["SESSION_COOKIE_SECURE"] is True


def test_a_cookie_that_was_tampered_with_is_nobodys(house: House) -> None:
    marie = house.person("marie")
    cookie = marie.cookie()
    assert cookie
    other = "A" if cookie[-2] != "A" else "B"  # not the last letter: two of its bits say nothing
    for forged in (cookie[:-2] + other + cookie[-1], "A" + cookie, "", "x.y.z"):
        stranger = house.visitor()
        stranger.set_cookie(forged)
        assert stranger.send("GET", "/me").status_code == 401


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_cookie_of_a_server_with_another_clock_is_believed(
    house: House, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    there = int(time.time()) + hours * 3600
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(TimestampSigner, "get_timestamp", lambda signer: there)
        cookie = house.person("marie").cookie()
    assert cookie
    browser = house.visitor()
    browser.set_cookie(cookie)
    assert browser.send("GET", "/me").status_code == 200


def test_the_cookie_names_neither_the_address_nor_the_browser(house: House) -> None:
    cookie = house.person("marie").cookie()
    assert cookie
    payload = cookie.lstrip(".").split(".")[0]
    content = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    if cookie.startswith("."):
        content = zlib.decompress(content)
    assert set(flask.json.loads(content)) == {"_permanent", "_user_id", "_fresh", "device", "known"}
    assert len(cookie) < 400


def test_a_bearer_token_signs_a_program_in_and_the_scheme_is_in_any_case(house: House) -> None:
    house.person("marie")
    token = house.visitor().log_in("marie", token=True)["token"]
    for scheme in ("Bearer", "bearer", "BEARER"):
        user = house.visitor().call("GET", "/me", headers={"Authorization": f"{scheme} {token}"})["user"]
        assert user["username"] == "marie"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer wrong", "Bearer \xff", "Basic bWFyaWU6eA==", "x"]
)
def test_other_authorizations_are_nobodys(house: House, header: str) -> None:
    house.person("marie")
    assert house.visitor().send("GET", "/me", headers={"Authorization": header}).status_code == 401


def test_a_bearer_token_beside_a_cookie_decides_alone(house: House) -> None:
    marie = house.person("marie")
    house.person("minsu")
    token = house.visitor().log_in("minsu", token=True)["token"]
    assert (
        marie.call("GET", "/me", headers={"Authorization": f"Bearer {token}"})["user"]["username"] == "minsu"
    )
    assert marie.send("GET", "/me", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert marie.call("GET", "/me")["user"]["username"] == "marie"


def test_only_opening_the_page_renews_the_cookie(house: House) -> None:
    marie = house.person("marie")
    assert "Set-Cookie" not in marie.send("GET", "/sessions").headers
    assert COOKIE in cookie_of(marie.send("GET", "/me"))


def test_a_browser_that_signed_out_is_still_known_to_have_signed_in(house: House) -> None:
    marie = house.person("marie")
    before = marie.cookie()
    marie.call("POST", "/auth/logout", expect=204)
    assert marie.send("GET", "/me").status_code == 401
    after = marie.cookie()
    assert after
    assert after != before
    with house.app.test_request_context(headers={"Cookie": f"{COOKIE}={after}"}):
        assert flask.session["known"] == [marie.id]
        assert "_user_id" not in flask.session
