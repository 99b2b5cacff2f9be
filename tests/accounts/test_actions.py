"""Signing up when several do so at once."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import gevent
import pytest

from app.accounts.actions import Entrance
from app.accounts.sessions import Origin
from app.accounts.wire import SignUp
from app.core.errors import Conflict, MaruError
from app.core.migrate import PROJECT
from tests.accounts.conftest import OpenHouse
from tests.accounts.house import PASSWORD, House

HERE = Origin("test", "203.0.113.7")

# A process of its own: opens the house, says so, waits for a line, signs somebody up, says what came of it.
PROGRAM = """
import sys, pathlib
from app.accounts.sessions import Origin
from app.accounts.wire import SignUp
from app.core.errors import MaruError
from tests.accounts.house import House
house = House(sys.argv[1], pathlib.Path(sys.argv[2]), signup="open")
print("ready", flush=True)
sys.stdin.readline()
try:
    form = SignUp(username=sys.argv[3], password="correct horse battery", display_name="x")
    print(house.accounts.sign_up(form, Origin("test", "203.0.113.7")).user.is_admin)
except MaruError as error:
    print(error.code)
house.close()
"""


def sign_up(house: House, username: str) -> Callable[[], Entrance | MaruError]:
    def attempt() -> Entrance | MaruError:
        try:
            return house.accounts.sign_up(
                SignUp(username=username, password=PASSWORD, display_name=username), HERE
            )
        except MaruError as error:
            return error

    return attempt


def all_at_once(*attempts: Callable[[], Entrance | MaruError]) -> list[Entrance | MaruError]:
    greenlets = [gevent.spawn(attempt) for attempt in attempts]
    return [greenlet.get(timeout=10) for greenlet in greenlets]


def test_of_several_first_sign_ups_one_becomes_owner(house: House) -> None:
    results = all_at_once(*[sign_up(house, f"person{number}") for number in range(8)])
    entrances = [result for result in results if isinstance(result, Entrance)]
    assert len(entrances) == 8
    assert [entrance.user.is_admin for entrance in entrances].count(True) == 1


def test_when_only_the_first_may_sign_up_one_does(open_house: OpenHouse) -> None:
    house = open_house(signup="closed")
    results = all_at_once(*[sign_up(house, f"person{number}") for number in range(8)])
    assert sorted(getattr(result, "code", "in") for result in results) == ["forbidden"] * 7 + ["in"]


def test_of_several_who_want_one_name_one_gets_it(house: House) -> None:
    results = all_at_once(*[sign_up(house, name) for name in ("Marie", "marie", "MARIE", "ｍａｒｉｅ")])
    assert [isinstance(result, Conflict) for result in results].count(True) == 3


def test_an_id_that_was_drawn_twice_is_drawn_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([digit * 16 for digit in "1213326"])
    monkeypatch.setattr("app.accounts.actions.new_id", lambda _ms: next(drawn))
    monkeypatch.setattr("app.accounts.sessions.new_id", lambda _ms: next(drawn))
    assert house.person("marie").id == "1" * 16
    assert house.person("minsu").id == "3" * 16
    house.visitor().log_in("marie")
    assert list(drawn) == []


def test_two_processes_make_one_owner_and_give_a_name_once(
    open_house: OpenHouse, database_url: str, tmp_path: Path
) -> None:
    open_house()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, database_url, str(tmp_path), name],
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in ("marie", "minsu", "marie")
    ]  # fmt: skip
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    results = [process.communicate("go\n", timeout=60)[0].strip() for process in processes]
    assert results.count("True") == 1
    assert results[0] == "conflict" or results[2] == "conflict"
