"""Poll and long poll: answers from the inbox, held while there is nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gevent
import msgspec
import pytest

from app.core.errors import Draining, MaruError, Superseded, Unauthenticated, Unavailable
from app.core.ids import SessionId, UserId
from app.realtime.sync import SyncAnswer, SyncQuery
from app.realtime.wire import Close
from app.store.cursor import decode_cursor
from app.store.port import RESET_ABOVE
from tests.realtime.live import LiveHouse

DEADLINE_SECONDS = 20.0


@dataclass(frozen=True)
class Calling:
    user_id: UserId
    session_id: SessionId
    is_admin: bool = False


class Asking:
    """One device that asks; `hold` begins a request and leaves it waiting."""

    def __init__(self, house: LiveHouse, user_id: UserId, session_id: SessionId | None = None) -> None:
        self._house = house
        self.caller = Calling(user_id, session_id or house.session())
        self.cursor: str | None = None

    def ask(self, cursor: str | None = None, **query: Any) -> Any:
        """The answer, as a program sees it; it fits the typed one."""
        answer = self._house.sync.answer(self.caller, SyncQuery(cursor=cursor or self.cursor, **query))
        msgspec.json.decode(answer, type=SyncAnswer, strict=True)
        found = msgspec.json.decode(answer)
        self.cursor = found["cursor"]
        return found

    def hold(self, **query: Any) -> "gevent.Greenlet[[], Any]":
        """A held request; its greenlet ends with the answer, or the error."""
        before = self._house.listeners()

        def answer_or_error() -> Any:
            try:
                return self.ask(**{"wait": 55, **query})
            except MaruError as error:
                return error

        held = gevent.spawn(answer_or_error)
        until(lambda: self._house.listeners() > before or held.ready())
        return held


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        gevent.sleep(0.001)


@pytest.fixture
def house() -> Iterator[LiveHouse]:
    """In the end nothing may still listen."""
    house = LiveHouse()
    yield house
    assert house.listeners() == 0
    assert house.devices._claims == {}


def answer_of(held: "gevent.Greenlet[[], Any]") -> Any:
    return held.get(timeout=DEADLINE_SECONDS)


def texts(answer: Any) -> list[str]:
    return [event["text"] for event in answer["events"] if event["kind"] == "message"]


def test_without_a_cursor_it_is_the_start(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    answer = Asking(house, ann).ask(wait=55)
    assert [head["id"] for head in answer["heads"]] == [channel]
    assert (answer["events"], answer["resync"], answer["more"], answer["reset"]) == ([], False, False, [])
    assert decode_cursor(answer["cursor"]) == house.world.here()


def test_with_a_cursor_it_is_what_was_missed_each_once(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    phone = Asking(house, ann)
    phone.ask()
    house.world.say(bob, channel, "one")
    house.world.say(bob, channel, "two")
    answer = phone.ask()
    assert (texts(answer), answer["heads"]) == (["one", "two"], None)
    assert phone.ask()["events"] == []


def test_a_lost_answer_is_simply_asked_for_again(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    phone = Asking(house, ann)
    cursor = phone.ask()["cursor"]
    house.world.say(bob, channel, "again")
    assert phone.ask(cursor) == phone.ask(cursor)


def test_much_is_paged_and_more_says_so(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(bob, ann)
    phone = Asking(house, ann)
    phone.ask()
    house.world.say_many(bob, channel, 700)
    pages = [phone.ask(wait=55), phone.ask(wait=55)]
    assert [(len(page["events"]), page["more"]) for page in pages] == [(500, True), (200, False)]


@pytest.mark.parametrize("cursor", ["nonsense", "0" * 32 + ".1", "{epoch}.fff"])
def test_a_cursor_that_cannot_be_continued_is_answered_with_heads_at_once(
    house: LiveHouse, cursor: str
) -> None:
    (ann,) = house.world.people(1)
    answer = Asking(house, ann).ask(cursor.format(epoch=house.epoch), wait=55)
    assert (answer["resync"], answer["heads"]) == (True, [])
    assert decode_cursor(answer["cursor"]) == house.world.here()


def test_a_channel_with_too_much_is_reset(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    loud = house.world.direct(ann, bob)
    phone = Asking(house, ann)
    phone.ask()
    house.elsewhere.say_many(bob, loud, RESET_ABOVE + 1)
    answer = phone.ask(wait=55)
    assert [channel["id"] for channel in answer["reset"]] == [loud]
    assert answer["events"] == []


def test_presenting_a_cursor_acknowledges_unless_it_lies_ahead(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    house.world.direct(ann, bob)
    phone = Asking(house, ann)
    phone.ask(f"{house.epoch}.fff")
    assert house.delivered.upto(ann) == 0
    phone.ask()
    assert house.delivered.upto(ann) == house.tail.position


def test_a_held_request_is_answered_when_something_comes(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    phone = Asking(house, ann)
    phone.ask()
    held = phone.hold()
    assert not held.ready()
    house.world.say(bob, channel, "now")
    assert texts(answer_of(held)) == ["now"]


def test_a_held_request_is_answered_by_a_channel_that_was_joined_meanwhile(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    phone = Asking(house, ann)
    phone.ask()
    held = phone.hold()
    house.world.group(bob, ann)
    assert [event["kind"] for event in answer_of(held)["events"]] == ["join"]


def test_what_does_not_concern_a_person_does_not_wake_them_and_the_cursor_moves_all_the_same(
    house: LiveHouse,
) -> None:
    ann, bob, cho = house.world.people(3)
    channel = house.world.direct(bob, cho)
    phone = Asking(house, ann)
    phone.ask()
    held = phone.hold(wait=1)
    house.world.say(bob, channel)
    assert not held.ready()
    answer = answer_of(held)
    assert answer["events"] == []
    assert decode_cursor(answer["cursor"]) == house.world.here()


def test_what_another_process_commits_between_reading_and_listening_wakes_it(house: LiveHouse) -> None:
    """The tail lags behind the snapshot of the first reading, and behind what came after it."""
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    phone = Asking(house, ann)
    phone.ask()
    house.elsewhere.say(bob, channel, "read")
    assert texts(phone.ask()) == ["read"]
    held = phone.hold()
    house.elsewhere.say(bob, channel, "waited for")
    house.tail.look()
    assert texts(answer_of(held)) == ["waited for"]


def test_a_newer_request_of_the_device_ends_the_older(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    phone = Asking(house, ann)
    cursor = phone.ask()["cursor"]
    older = phone.hold(cursor=cursor, device="phone")
    newer = gevent.spawn(phone.ask, cursor, wait=55, device="phone")
    assert isinstance(answer_of(older), Superseded)
    until(lambda: house.listeners() == 1)
    house.world.say(bob, channel, "to the newer")
    assert texts(answer_of(newer)) == ["to the newer"]


def test_a_websocket_of_the_device_ends_its_held_request(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    house.world.direct(ann, bob)
    phone = Asking(house, ann)
    phone.ask()
    held = phone.hold(device="phone")
    client = house.connect(ann, phone.caller.session_id).hello(device="phone")
    assert isinstance(answer_of(held), Superseded)
    client.connection.gone()


def test_without_a_device_nothing_is_superseded(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    phone = Asking(house, ann)
    phone.ask()
    both = [phone.hold(), phone.hold()]
    house.world.say(bob, channel, "to both")
    assert [texts(answer_of(held)) for held in both] == [["to both"]] * 2


def test_ending_the_session_ends_its_held_request(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    phone = Asking(house, ann)
    phone.ask()
    held = phone.hold()
    house.announcements.session_ended(phone.caller.session_id)
    assert isinstance(answer_of(held), Unauthenticated)


def test_a_session_that_ended_before_the_request_was_held_is_not_held(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    phone = Asking(house, ann)
    phone.ask()
    house.announcements.session_ended(phone.caller.session_id)
    assert isinstance(answer_of(phone.hold()), Unauthenticated)


def test_a_server_that_goes_away_says_so_to_held_requests_and_to_those_that_come(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    phone = Asking(house, ann)
    phone.ask()
    held = phone.hold()
    house.admission.draining = True
    (request,) = house.sync.held
    request.close(Close.DRAIN)
    for error in (answer_of(held), refusal(phone, wait=0), refusal(phone, wait=20)):
        assert (type(error), error.status) == (Draining, 503)
        assert error.retry_after is not None
        assert 0.5 <= error.retry_after <= 1.5
    assert not house.sync.held


def test_who_asks_why_a_handshake_failed_is_told_what_it_would_be_told(house: LiveHouse) -> None:
    """A browser cannot see the answer to a handshake, so it asks here. Who starts from nothing asks something else."""
    (ann,) = house.world.people(1)
    phone = Asking(house, ann)
    phone.ask()
    with suppress(Unavailable):
        while True:
            house.admission.require_handshake()
    assert isinstance(refusal(phone, wait=0), Unavailable)
    assert house.sync.answer(phone.caller, SyncQuery())


def refusal(phone: "Asking", wait: int) -> MaruError:
    with pytest.raises(MaruError) as refused:
        phone.ask(wait=wait)
    return refused.value


def test_a_history_that_is_renamed_while_a_request_is_held_is_a_resync(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    phone = Asking(house, ann)
    phone.ask()
    held = phone.hold(wait=1)
    house.store.new_epoch()
    assert answer_of(held)["resync"] is True


def test_a_request_that_could_not_be_woken_properly_still_reads_the_store(
    house: LiveHouse, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    phone = Asking(house, ann)
    phone.ask()
    held = phone.hold()
    monkeypatch.setattr(house.hub, "_frame", None)
    house.world.say(bob, channel, "all the same")
    assert texts(answer_of(held)) == ["all the same"]
    assert "could not be delivered" in caplog.text


def test_the_reason_of_an_end_is_one_the_catalogue_knows(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    codes = {}
    for close in (Close.SUPERSEDED, Close.REVOKED, Close.DRAIN):
        phone = Asking(house, ann)
        phone.ask()
        held = phone.hold()
        for listener in house.hub._all():
            listener.close(close)
        codes[close] = answer_of(held).code
    assert codes == {
        Close.SUPERSEDED: "superseded",
        Close.REVOKED: "unauthenticated",
        Close.DRAIN: "draining",
    }
