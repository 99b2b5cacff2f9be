"""A changed profile becomes an event of the person's own, once, whatever is away or ends in between."""

import uuid

import pytest
from sqlalchemy import func, select, text

from app.accounts.models import OutboxRow
from app.core.errors import Unavailable
from app.core.ids import UserId, personal_channel
from app.store.events import ProfileChanged, SettingsEvent, decode_event
from app.store.port import Rejected, Unknown
from tests.accounts.house import House


def told(house: House, user_id: UserId) -> list[SettingsEvent]:
    """The events in a person's own channel."""
    found = house.store.events(user_id, personal_channel(user_id), 0, 100)
    events = [decode_event(row.body) for row in found.events]
    return [event for event in events if isinstance(event, SettingsEvent)]


def waiting(house: House) -> int:
    return house.database.read(
        lambda session: session.scalar(select(func.count()).select_from(OutboxRow)) or 0
    )


def test_a_change_is_told_with_what_is_different_and_nothing_else(house: House) -> None:
    marie = house.person("marie", "Marie")
    marie.call("PATCH", "/me", {"display_name": "마리", "locale": None, "presence": "contacts"})
    assert (waiting(house), house.rung) == (1, ["outbox"])
    house.outbox.work("")
    (event,) = told(house, marie.id)
    assert event.profile == ProfileChanged(display_name="마리", presence="contacts")
    assert (event.author_id, event.channel_id, event.target_channel_id) == (marie.id, marie.id, None)
    assert uuid.UUID(event.client_message_id).version == 7
    assert waiting(house) == 0


def test_what_is_taken_away_is_told_as_null(house: House) -> None:
    marie = house.person("marie")
    marie.call("PATCH", "/me", {"locale": "ko"})
    marie.call("PATCH", "/me", {"locale": None})
    house.outbox.work("")
    assert [event.profile for event in told(house, marie.id)] == [
        ProfileChanged(locale="ko"),
        ProfileChanged(locale=None),
    ]


def test_a_change_that_changes_nothing_is_told_to_nobody(house: House) -> None:
    marie = house.person("marie", "Marie")
    assert marie.call("PATCH", "/me", {"display_name": "Marie"})["user"]["display_name"] == "Marie"
    marie.call("PATCH", "/me", {})
    assert (waiting(house), house.rung, house.announced) == (0, [], [])


def test_nothing_is_told_of_a_change_that_was_not_made(house: House) -> None:
    marie = house.person("marie")
    marie.call("PATCH", "/me", {"display_name": "x", "locale": "no such tag!"}, expect=422)
    assert waiting(house) == 0


def test_when_there_is_nothing_to_tell_the_job_has_nothing_to_do(house: House) -> None:
    assert house.outbox.work("") is None


def test_an_end_between_telling_and_noting_it_tells_nothing_twice(house: House) -> None:
    marie = house.person("marie")
    marie.call("PATCH", "/me", {"display_name": "one"})
    run = house.database.run
    house.database.run = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(Unavailable):
        house.outbox.work("")
    house.database.run = run  # type: ignore[method-assign]
    assert (len(told(house, marie.id)), waiting(house)) == (1, 1)
    house.outbox.work("")
    assert (len(told(house, marie.id)), waiting(house)) == (1, 0)


@pytest.mark.parametrize("outcome", [Unknown("in doubt"), Rejected("unavailable", "full")])
def test_while_the_store_is_away_nothing_is_dropped(house: House, outcome: Unknown | Rejected) -> None:
    marie = house.person("marie")
    marie.call("PATCH", "/me", {"display_name": "one"})
    committer = house.outbox._committer
    commit = committer.commit
    committer.commit = lambda _draft: outcome  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        house.outbox.work("")
    assert waiting(house) == 1
    committer.commit = commit  # type: ignore[method-assign]
    house.outbox.work("")
    assert (len(told(house, marie.id)), waiting(house)) == (1, 0)


def test_a_row_that_no_store_will_ever_take_keeps_the_others_from_nothing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    marie, minsu = house.person("marie"), house.person("minsu")
    marie.call("PATCH", "/me", {"display_name": "one"})
    minsu.call("PATCH", "/me", {"display_name": "two"})
    spoil = text("UPDATE outbox SET client_message_id = 'no uuid' WHERE user_id = :id")
    house.database.run(lambda session: session.execute(spoil, {"id": marie.id}).close())
    house.outbox.work("")
    assert (told(house, marie.id), len(told(house, minsu.id)), waiting(house)) == ([], 1, 0)
    assert "was refused" in caplog.text


def test_many_changes_are_told_in_their_order_page_by_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.accounts.outbox.PAGE", 5)
    marie = house.person("marie")
    for number in range(8):
        marie.call("PATCH", "/me", {"display_name": f"{number}"})
    pages: list[str] = []
    while (cursor := house.outbox.work("")) is not None:
        pages.append(cursor)
    assert len(pages) == 2
    names = [event.profile.display_name for event in told(house, marie.id) if event.profile]
    assert names == [f"{number}" for number in range(8)]


def fail(_work: object) -> None:
    raise Unavailable("gone")
