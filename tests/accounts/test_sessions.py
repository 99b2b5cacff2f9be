"""Sessions: recognised without SQL, ended everywhere."""

import dataclasses

import gevent
import pytest
from sqlalchemy import event, select, update

from app.accounts.models import SessionRow, UserRow
from app.accounts.sessions import CACHE_SECONDS, DAY_MS, Origin, SignedIn
from app.core.errors import NotFound
from app.core.ids import SessionId, UserId
from tests.accounts.conftest import OpenHouse
from tests.accounts.house import House

LAPTOP = Origin("Firefox · Linux", "203.0.113.7")


def sign_in(house: House, username: str = "marie") -> SignedIn:
    """A further session of a person, who is made when new."""
    user_id = find_user(house, username) or house.person(username).id
    user = house.accounts.own(UserId(user_id))
    return house.database.run(lambda session: house.sessions.begin(session, user, LAPTOP))


def find_user(house: House, username: str) -> str | None:
    return house.database.read(
        lambda session: session.scalar(select(UserRow.id).where(UserRow.username_key == username))
    )


def statements(house: House) -> list[str]:
    """What is asked of the database from here on."""
    seen: list[str] = []
    with house.app.app_context():
        engine = house.app.extensions["sqlalchemy"].engine
    event.listen(engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    return seen


def test_a_token_stands_for_its_session_until_it_is_ended(house: House) -> None:
    signed_in = sign_in(house)
    assert house.sessions.find(signed_in.token) == signed_in
    house.sessions.end(signed_in.user_id, signed_in.session_id)
    assert house.sessions.find(signed_in.token) is None
    assert house.ended == [signed_in.session_id]


def test_no_other_text_is_a_token(house: House) -> None:
    signed_in = sign_in(house)
    for text in ("", signed_in.token[:-1], signed_in.token + "x", signed_in.session_id, "한글"):
        assert house.sessions.find(text) is None


def test_the_database_knows_no_token_and_no_session_shows_its_own(house: House) -> None:
    signed_in = sign_in(house)
    rows = house.database.read(lambda session: session.execute(select(SessionRow.__table__)).all())
    assert not any(signed_in.token in str(value) for row in rows for value in row)
    assert signed_in.token not in repr(signed_in)
    assert signed_in.token not in repr(dataclasses.replace(signed_in, is_admin=False))


def test_recognising_a_session_again_within_five_seconds_asks_no_database(house: House) -> None:
    token = sign_in(house).token
    house.sessions.find(token)
    asked = statements(house)
    for _ in range(10):
        house.sessions.find(token)
    assert asked == []
    house.clock.advance(CACHE_SECONDS)
    house.sessions.find(token)
    assert len([statement for statement in asked if "token_hash" in statement]) == 1


def test_a_session_ended_by_another_process_is_refused_when_told_and_otherwise_after_five_seconds(
    open_house: OpenHouse,
) -> None:
    here, there = open_house(), open_house()
    told, not_told = sign_in(here), sign_in(here)
    for signed_in in (told, not_told):
        assert here.sessions.find(signed_in.token)
        there.sessions.end(signed_in.user_id, signed_in.session_id)
    here.sessions.forget(there.ended[0])
    assert here.sessions.find(told.token) is None
    assert here.sessions.find(not_told.token)
    here.clock.advance(CACHE_SECONDS)
    assert here.sessions.find(not_told.token) is None


def test_a_session_that_ends_while_it_is_looked_up_is_not_remembered(house: House) -> None:
    signed_in = sign_in(house)
    read = house.database.read

    def read_then_lose(work: object) -> object:
        found = read(work)  # type: ignore[arg-type, var-annotated]
        house.sessions.end(signed_in.user_id, signed_in.session_id)
        return found

    house.database.read = read_then_lose  # type: ignore[method-assign, assignment]
    house.sessions.find(signed_in.token)
    house.database.read = read  # type: ignore[method-assign]
    assert house.sessions.find(signed_in.token) is None


def test_somebody_suspended_is_refused_and_their_sessions_count_as_ended(house: House) -> None:
    marie, minsu = sign_in(house), sign_in(house, "minsu")
    house.database.run(
        lambda session: session.execute(
            update(UserRow).where(UserRow.id == minsu.user_id).values(suspended_at=1)
        ).close()
    )
    assert house.sessions.find(minsu.token) is None
    assert house.sessions.ended([marie.session_id, minsu.session_id, SessionId("0" * 16)]) == {
        minsu.session_id,
        SessionId("0" * 16),
    }


def test_a_session_unused_for_four_hundred_days_is_over(house: House) -> None:
    used, unused = sign_in(house), sign_in(house)
    house.clock.ms += 399 * DAY_MS
    assert house.sessions.find(used.token)
    house.clock.ms += DAY_MS
    assert house.sessions.find(used.token)
    assert house.sessions.find(unused.token) is None
    assert house.sessions.ended([used.session_id, unused.session_id]) == {unused.session_id}


def test_a_session_that_is_over_for_its_age_is_removed_and_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.accounts.queries.MOST_IDS", 2)
    unused = [sign_in(house) for _ in range(3)]
    used, ended = sign_in(house), sign_in(house)
    house.clock.ms += 399 * DAY_MS
    house.sessions.find(used.token)
    house.sessions.end(ended.user_id, ended.session_id)
    late = sign_in(house)
    assert not house.sessions.prune()
    house.clock.ms += DAY_MS + 1
    assert [house.sessions.prune() for _ in range(3)] == [True, True, False]
    left = house.database.read(lambda session: set(session.scalars(select(SessionRow.id))))
    assert left == {used.session_id, late.session_id}
    assert len(unused) == 3


def test_the_last_use_is_written_once_in_five_minutes(house: House) -> None:
    signed_in = sign_in(house)
    start = house.clock.ms

    def last_seen() -> int:
        return house.sessions.of(signed_in.user_id, signed_in.session_id)[0].last_seen_at - start

    for _ in range(59):
        house.clock.advance(5)
        house.sessions.find(signed_in.token)
    assert last_seen() == 0
    house.clock.advance(5)
    house.sessions.find(signed_in.token)
    assert last_seen() == 300_000


def test_the_last_use_of_those_who_come_back_at_once_is_written_together(house: House) -> None:
    came = [sign_in(house) for _ in range(20)]
    house.clock.advance(300)
    asked = statements(house)
    finding = [gevent.spawn(house.sessions.find, one.token) for one in came]
    assert [greenlet.get(timeout=20) for greenlet in finding] == came
    assert len([statement for statement in asked if statement.startswith("UPDATE sessions")]) <= 2
    query = select(SessionRow.last_seen_at).where(SessionRow.id.in_([one.session_id for one in came]))
    assert house.database.read(lambda session: set(session.scalars(query))) == {house.clock.ms}


def test_nobody_ends_a_session_of_somebody_else_and_none_ends_twice(house: House) -> None:
    marie, minsu = sign_in(house), sign_in(house, "minsu")
    with pytest.raises(NotFound):
        house.sessions.end(minsu.user_id, marie.session_id)
    house.sessions.end(marie.user_id, marie.session_id)
    with pytest.raises(NotFound):
        house.sessions.end(marie.user_id, marie.session_id)
    assert house.ended == [marie.session_id]


def test_only_so_many_sessions_are_held_at_hand(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.accounts.sessions.CACHE_SIZE", 2)
    tokens = [sign_in(house).token for _ in range(3)]
    for token in tokens:
        house.sessions.find(token)
    asked = statements(house)
    house.sessions.find(tokens[2])
    assert asked == []
    house.sessions.find(tokens[0])
    assert asked
