"""The directory: names at hand, and never stale once told."""

import gevent
import pytest

from app.accounts.directory import Directory
from app.core.errors import NotFound
from app.core.ids import UserId
from tests.accounts.conftest import OpenHouse
from tests.accounts.house import House
from tests.accounts.test_sessions import statements

NOBODY = UserId("0" * 16)


def test_people_are_read_once_and_the_unknown_left_out(house: House) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    asked = statements(house)
    for _ in range(3):
        users = house.directory.users([marie.id, minsu.id])
        assert {user_id: user.username for user_id, user in users.items()} == {
            marie.id: "marie",
            minsu.id: "minsu",
        }
    assert len([statement for statement in asked if "FROM users" in statement]) == 1
    assert house.directory.users([NOBODY]) == {}


def test_those_who_sign_in_at_once_cost_two_reads_of_names(house: House) -> None:
    people = [house.person(f"person{number}").id for number in range(20)]
    house.directory.forget_everybody()
    asked = statements(house)
    reading = [gevent.spawn(house.directory.user, user_id) for user_id in people]
    assert [greenlet.get(timeout=20).id for greenlet in reading] == people
    assert len([statement for statement in asked if "FROM users" in statement]) <= 2


def test_what_everybody_sees_of_a_person_does_not_say_more(house: House) -> None:
    user = house.directory.user(house.person("marie", "Marie").id)
    assert user.display_name == "Marie"
    assert (bool(user.is_admin), bool(user.locale)) == (False, False)


def test_asking_for_somebody_who_does_not_exist_says_so(house: House) -> None:
    marie = house.person("marie")
    assert house.directory.require([marie.id, marie.id]).keys() == {marie.id}
    for ask in (lambda: house.directory.user(NOBODY), lambda: house.directory.require([marie.id, NOBODY])):
        with pytest.raises(NotFound):
            ask()


def test_a_change_is_seen_here_at_once_and_in_another_process_when_told(open_house: OpenHouse) -> None:
    here, there = open_house(), open_house()
    marie = here.person("marie", "Marie")
    assert there.directory.user(marie.id).display_name == "Marie"
    marie.call("PATCH", "/me", {"display_name": "마리"})
    assert here.directory.user(marie.id).display_name == "마리"
    there.directory.forget(marie.id)
    assert there.directory.user(marie.id).display_name == "마리"


def test_a_change_during_a_read_is_not_covered_by_what_was_read_before_it(house: House) -> None:
    marie = house.person("marie", "Marie")
    directory, read = Directory(house.database), house.database.read

    def read_then_change(work: object) -> object:
        found = read(work)  # type: ignore[arg-type, var-annotated]
        directory.forget(marie.id)
        return found

    house.database.read = read_then_change  # type: ignore[method-assign, assignment]
    directory.user(marie.id)
    house.database.read = read  # type: ignore[method-assign]
    marie.call("PATCH", "/me", {"display_name": "마리"})
    assert directory.user(marie.id).display_name == "마리"


def test_only_so_many_people_are_held_at_hand(house: House) -> None:
    people = [house.person(f"person{number}").id for number in range(4)]
    directory = Directory(house.database, size=2)
    assert len(directory.users(people)) == 4
    asked = statements(house)
    directory.users(people)
    assert len([statement for statement in asked if "FROM users" in statement]) == 1


def test_many_people_are_read_in_several_statements(house: House) -> None:
    ids = [UserId(f"{number:016x}") for number in range(40_000)]
    marie = house.person("marie").id
    assert house.directory.users([*ids, marie]).keys() == {marie}
