"""One client's side of the protocol, over the real hub and store: what it may say, and what it hears."""

import pytest

from app.accounts.wire import ServerEntry
from app.core.errors import Unavailable
from app.core.ids import SessionId
from app.realtime.catch_up import STEPS_A_TURN
from app.realtime.connection import MAX_REFUSED, Phase
from app.realtime.wire import HEARTBEAT_SECONDS, Close
from app.store.cursor import decode_cursor
from app.store.port import RESET_ABOVE
from tests.realtime.live import Client, LiveHouse
from tests.store.world import client_id


@pytest.fixture
def house() -> LiveHouse:
    return LiveHouse()


def types(client: Client) -> list[str]:
    return [frame["type"] for frame in client.heard()]


# --- the greeting


def test_without_a_cursor_the_stream_begins_at_heads_and_cursor_of_one_snapshot(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    house.world.say(bob, channel)
    client = house.connect(ann).hello()
    welcome, live = client.heard()
    assert live == {"type": "live"}
    assert welcome["resync"] is False
    assert [(head["id"], head["head"]["seq"], head["unread"]) for head in welcome["heads"]] == [
        (channel, 2, 1)
    ]
    assert decode_cursor(welcome["cursor"]) == house.world.here()


def test_with_a_cursor_everything_missed_comes_and_then_live(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    cursor = house.world.here().encode()
    for text in ("one", "two"):
        house.world.say(bob, channel, text)
    client = house.connect(ann).hello(cursor)
    assert types(client) == ["welcome", "events", "live"]
    assert client.heard("welcome")[0]["cursor"] == cursor
    assert "heads" not in client.heard("welcome")[0]
    assert client.texts == ["one", "two"]
    assert decode_cursor(client.cursor) == house.world.here()


def test_with_nothing_missed_it_is_live_at_once(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    assert types(house.connect(ann).hello(house.world.here().encode())) == ["welcome", "live"]


@pytest.mark.parametrize("cursor", ["", "nonsense", "0" * 32 + ".1"])
def test_a_cursor_that_cannot_be_continued_is_answered_with_a_new_start(
    house: LiveHouse, cursor: str
) -> None:
    ann, bob = house.world.people(2)
    house.world.direct(ann, bob)
    client = house.connect(ann).hello(cursor)
    assert types(client) == ["welcome", "live"]
    assert client.heard()[0]["resync"] is True
    assert len(client.heard()[0]["heads"]) == 1


def test_a_cursor_ahead_of_the_head_is_answered_with_a_new_start(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    client = house.connect(ann).hello(f"{house.epoch}.{99:x}")
    assert client.heard()[0]["resync"] is True
    assert decode_cursor(client.cursor) == house.world.here()


def test_a_cursor_ahead_of_a_lagging_tail_is_continued(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    house.elsewhere.say(bob, channel)
    client = house.connect(ann).hello(house.world.here().encode())
    assert (types(client), client.heard()[0]["resync"]) == (["welcome", "live"], False)


def test_more_missed_in_one_channel_than_is_worth_replaying_is_reset_and_the_rest_exact(
    house: LiveHouse,
) -> None:
    ann, bob = house.world.people(2)
    loud, quiet = house.world.group(bob, ann), house.world.direct(ann, bob)
    cursor = house.world.here().encode()
    house.elsewhere.say_many(bob, loud, RESET_ABOVE + 1)
    house.world.say(bob, quiet, "psst")
    client = house.connect(ann).hello(cursor)
    welcome = client.heard("welcome")[0]
    assert [channel["id"] for channel in welcome["reset"]] == [loud]
    assert welcome["cursor"] == cursor
    assert client.texts == ["psst"]
    assert types(client)[-1] == "live"


def test_the_first_frame_must_be_a_hello(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    client = house.connect(ann)
    client.say({"type": "heartbeat"})
    assert types(client) == ["bye"]
    assert client.transport.closed == (1008, "policy")
    assert len(house.pulse) == 0


def test_a_first_frame_that_is_no_frame_says_why_and_closes(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    client = house.connect(ann)
    client.connection.receive(b"hello?")
    assert types(client) == ["error", "bye"]
    assert client.heard()[0]["code"] == "bad_json"
    assert client.transport.closed == (1008, "policy")


def test_larger_frames_are_taken_once_it_is_known_who_speaks(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    client = house.connect(ann)
    assert not client.transport.admitted
    client.hello()
    assert client.transport.admitted


def test_a_second_hello_ends_the_connection(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    client = house.connect(ann).hello()
    client.say({"type": "hello"})
    assert client.transport.closed == (1008, "policy")
    assert house.listeners() == 0


# --- catching up


def test_the_next_page_is_read_when_the_one_before_has_left(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(bob, ann)
    cursor = house.world.here().encode()
    house.elsewhere.say_many(bob, channel, 1_200)
    client = house.connect(ann)
    client.transport.stuck = True
    client.hello(cursor)
    assert len(client.events) == 500
    client.transport.release()
    house.turns.run()
    assert [event["seq"] for event in client.events] == list(range(2, 1_202))
    assert types(client)[-1] == "live"


def test_a_herd_is_served_a_few_a_turn_with_a_cursor_and_without(house: LiveHouse) -> None:
    """So that those who are live are not held up by those who come back."""
    people = house.world.people(30)
    house.world.group(*people)
    cursor = house.world.here().encode().encode()
    clients = [house.connect(person) for person in people]
    for number, client in enumerate(clients):
        client.connection.receive(b'{"type":"hello","cursor":"%b"}' % (cursor if number % 2 else b""))
    served = 0
    while served < len(clients):
        house.turns.turn()
        house.turns.turn()  # of which one may have begun what waits for names
        now = sum(bool(client.heard("welcome")) for client in clients)
        assert now - served <= 2 * STEPS_A_TURN
        served = now


def test_however_fast_pages_leave_there_is_one_turn_at_a_time(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(bob, ann)
    cursor = house.world.here().encode()
    house.elsewhere.say_many(bob, channel, 4_000)
    house.turns.run()
    client = house.connect(ann)
    client.connection.receive(b'{"type":"hello","cursor":"%b"}' % cursor.encode())
    while house.turns.waiting:
        assert house.turns.waiting == 1
        house.turns.turn()
    assert len(client.events) == 4_000


def test_what_is_said_while_catching_up_comes_once_and_in_order(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(bob, ann)
    cursor = house.world.here().encode()
    house.world.say_many(bob, channel, 600)
    client = house.connect(ann)
    client.connection.receive(b'{"type":"hello","cursor":"%b"}' % cursor.encode())
    for _ in range(4):
        house.turns.turn()
        house.world.say(bob, channel)
        house.elsewhere.say(bob, channel)
    house.turns.run()
    house.tail.look()
    assert [event["seq"] for event in client.events] == list(range(2, 610))


def test_what_another_process_committed_before_the_joining_comes_once_though_the_tail_lags(
    house: LiveHouse,
) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    cursor = house.world.here().encode()
    house.elsewhere.say(bob, channel, "before")
    client = house.connect(ann).hello(cursor)
    house.elsewhere.say(bob, channel, "after")
    house.tail.look()
    assert client.texts == ["before", "after"]


def test_a_join_and_a_leave_that_the_tail_has_yet_to_take_change_nothing_in_the_end(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    staying, leaving = house.elsewhere.group(bob), house.elsewhere.group(bob, ann)
    house.tail.look()
    house.elsewhere.add(bob, staying, ann)
    house.elsewhere.remove(ann, leaving, ann)
    client = house.connect(ann).hello()
    assert not client.events
    house.tail.look()
    house.world.say(bob, staying, "here")
    house.world.say(bob, leaving, "there")
    assert client.texts == ["here"]


def test_a_connection_that_ends_while_its_last_page_is_queued_does_not_listen(house: LiveHouse) -> None:
    """A page may be what makes a reader slow: then the transport ends it from within."""
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    cursor = house.world.here().encode()
    house.world.say(bob, channel)
    client = house.connect(ann)
    client.transport.send_paced = lambda text: client.connection.gone()  # type: ignore[method-assign]
    client.hello(cursor)
    assert client.connection.phase is Phase.CLOSED
    assert house.listeners() == 0


def test_a_page_that_cannot_be_read_ends_that_connection_only(
    house: LiveHouse, caplog: pytest.LogCaptureFixture
) -> None:
    ann, bob = house.world.people(2)
    house.world.direct(ann, bob)
    cursor = house.world.here().encode()
    first, second = house.connect(ann), house.connect(bob)
    first.connection._desk.catch_up._store = None  # type: ignore[assignment]
    first.hello(cursor)
    first.connection._desk.catch_up._store = house.store
    second.hello(cursor)
    assert (first.transport.aborted, types(second)) == (True, ["welcome", "live"])
    assert "could not be served" in caplog.text


@pytest.mark.parametrize("cursor", [None, "reset"])
@pytest.mark.parametrize(
    ("failing", "closed"),
    [
        (Unavailable("too much is waiting", retry_after=3), (4029, "rate_limited")),
        (ValueError("?"), (1006, "")),
    ],
)
def test_names_that_cannot_be_looked_up_end_the_connection_instead_of_leaving_it_waiting(
    house: LiveHouse, cursor: str | None, failing: Exception, closed: tuple[int, str]
) -> None:
    ann, bob = house.world.people(2)
    loud = house.world.direct(ann, bob)
    start = house.world.here().encode()
    house.elsewhere.say_many(bob, loud, RESET_ABOVE + 1)
    house.people.failing = failing
    client = house.connect(ann).hello(start if cursor else None)
    assert client.transport.closed == closed
    assert [bye["after_ms"] for bye in client.heard("bye")] == ([3_000] if closed[1] else [])
    assert len(house.pulse) == 0


@pytest.mark.parametrize("cursor", [None, "reset"])
def test_a_client_that_left_before_its_welcome_was_ready_is_not_welcomed(
    house: LiveHouse, cursor: str | None
) -> None:
    ann, bob = house.world.people(2)
    loud = house.world.direct(ann, bob)
    start = house.world.here().encode()
    house.elsewhere.say_many(bob, loud, RESET_ABOVE + 1)
    client = house.connect(ann)
    house.people.meanwhile = client.connection.gone
    client.hello(start if cursor else None)
    assert client.heard() == []
    assert house.listeners() == 0


def test_a_history_that_got_another_name_while_catching_up_is_not_welcomed_twice(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(bob, ann)
    cursor = house.world.here().encode()
    house.elsewhere.say_many(bob, channel, 600)
    client = house.connect(ann)
    client.transport.stuck = True
    client.hello(cursor)
    house.store.new_epoch()
    client.transport.release()
    house.turns.run()
    assert client.transport.closed == (4008, "slow")
    assert len(client.heard("welcome")) == 1


# --- speaking


def test_what_is_sent_is_answered_with_its_event_and_comes_to_all_devices_of_both(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    clients = [house.connect(person).hello() for person in (ann, ann, bob)]
    message = client_id()
    clients[0].say(
        {"type": "send", "id": 7, "channel_id": channel, "client_message_id": message, "text": "안녕\r\n"}
    )
    (ok,) = clients[0].heard("ok")
    assert (ok["id"], ok["event"]["seq"], ok["event"]["text"]) == (7, 2, "안녕\n")
    assert "duplicate" not in ok
    for client in clients:
        assert client.events == [ok["event"]]
        assert decode_cursor(client.cursor) == house.world.here()


def test_the_same_message_again_gets_its_first_answer_and_is_told_to_nobody(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    one, other = house.connect(ann).hello(), house.connect(bob).hello()
    frame = {"type": "send", "id": 1, "channel_id": channel, "client_message_id": client_id(), "text": "x"}
    one.say(frame)
    one.say({**frame, "id": 2})
    first, second = one.heard("ok")
    assert second == {**first, "id": 2, "duplicate": True}
    assert len(other.events) == 1


def test_another_content_under_the_same_id_is_a_conflict(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    client = house.connect(ann).hello()
    frame = {"type": "send", "id": 1, "channel_id": channel, "client_message_id": client_id(), "text": "x"}
    client.say(frame)
    client.say({**frame, "id": 2, "text": "y"})
    (error,) = client.heard("error")
    assert (error["id"], error["code"]) == (2, "conflict")


def test_edits_and_deletions_are_answered_and_told(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    seq = house.world.say(ann, channel, "helo")
    client, other = house.connect(ann).hello(), house.connect(bob).hello()
    edit = {"type": "edit", "id": 1, "channel_id": channel, "client_message_id": client_id(), "target": seq}
    client.say({**edit, "text": "hello"})
    client.say({"type": "delete", "id": 2, "channel_id": channel, "target": seq})
    client.say({"type": "delete", "id": 3, "channel_id": channel, "target": seq})
    assert [ok["event"]["kind"] for ok in client.heard("ok")][:2] == ["edit", "delete"]
    assert [(event["kind"], event["target"]) for event in other.events] == [("edit", seq), ("delete", seq)]
    assert client.heard("ok")[2]["id"] == 3


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "dance", "id": 1}, "invalid"),
        ({"type": "send", "id": 1}, "invalid"),
        (
            {"type": "send", "id": 1, "channel_id": "x", "client_message_id": client_id(), "text": "x"},
            "not_found",
        ),
        (
            {"type": "send", "id": 1, "channel_id": "0" * 16, "client_message_id": client_id(), "text": ""},
            "invalid",
        ),
        ({"type": "send", "id": 1, "channel_id": "0" * 16, "client_message_id": "1", "text": "x"}, "invalid"),
        ({"type": "read", "id": 1, "channel_id": "0" * 16, "seq": 1}, "not_found"),
        ({"type": "heartbeat", "id": 1, "open": "x" * 100_000}, "not_found"),
        ([1, 2], "invalid"),
    ],
)
def test_what_cannot_be_done_is_an_error_and_the_connection_stays(
    house: LiveHouse, frame: object, code: str
) -> None:
    (ann,) = house.world.people(1)
    client = house.connect(ann).hello()
    client.say(frame)  # type: ignore[arg-type]
    (error,) = client.heard("error")
    assert (error["code"], error.get("id")) == (code, 1 if isinstance(frame, dict) else None)
    assert client.transport.closed is None


def test_who_is_refused_again_and_again_is_closed_but_not_for_what_long_ago_was_refused(
    house: LiveHouse,
) -> None:
    ann, bob = house.world.people(2)
    house.world.direct(ann, bob)
    tiresome, clumsy = house.connect(ann).hello(), house.connect(bob).hello()
    for _ in range(2):
        for client in (tiresome, clumsy):
            for _ in range(MAX_REFUSED - 10):
                client.connection.receive(b"?")
        clumsy.connection.beat(house.tail.position)
    assert tiresome.transport.closed == (4029, "rate_limited")
    assert clumsy.transport.closed is None


def test_an_answer_that_comes_after_the_end_is_dropped(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    client = house.connect(ann).hello()
    kept = []
    house.committer.submit = lambda draft, done: kept.append((draft, done))  # type: ignore[method-assign]
    client.say(
        {"type": "send", "id": 1, "channel_id": channel, "client_message_id": client_id(), "text": "x"}
    )
    client.connection.gone()
    heard = len(client.heard())
    for draft, done in kept:
        done(house.committer.commit(draft))
    assert len(client.heard()) == heard
    assert house.world.message(bob, channel, 2).text == "x"


# --- cursors, markers, beats


def test_a_cursor_acknowledged_is_what_delivered_is_shown_from(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    client = house.connect(ann).hello()
    house.world.say(bob, channel)
    client.say({"type": "ack", "cursor": client.cursor})
    assert house.delivered.upto(ann) == house.tail.position


def test_presenting_a_cursor_acknowledges_all_before_it(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    house.world.direct(ann, bob)
    house.connect(ann).hello(house.world.here().encode())
    assert house.delivered.upto(ann) == house.tail.position


@pytest.mark.parametrize("cursor", ["?", "0" * 32 + ".1", "{epoch}.fffffff"])
def test_nobody_acknowledges_what_nobody_can_have(house: LiveHouse, cursor: str) -> None:
    (ann,) = house.world.people(1)
    client = house.connect(ann).hello(cursor.format(epoch=house.epoch))
    client.say({"type": "ack", "cursor": cursor.format(epoch=house.epoch)})
    assert house.delivered.upto(ann) == 0


def test_a_read_marker_reaches_all_own_devices_and_nobody_else(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    house.world.say(bob, channel)
    phone, desktop, other = (house.connect(person).hello() for person in (ann, ann, bob))
    phone.say({"type": "read", "id": 4, "channel_id": channel, "seq": 2})
    assert phone.heard("ok") == [{"type": "ok", "id": 4}]
    for client in (phone, desktop):
        assert [
            (event["kind"], event["target_channel_id"], event["read_seq"]) for event in client.events
        ] == [("read", channel, 2)]
    assert other.events == []


def test_a_contact_reaches_all_own_devices(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    clients = [house.connect(person).hello() for person in (ann, ann, bob)]
    house.world.contact(ann, "request", bob)
    assert [[event["user_id"] for event in client.events] for client in clients] == [[bob], [bob], [ann]]


def test_a_beat_says_how_far_everything_was_sent(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    client = house.connect(ann).hello()
    house.world.direct(bob, house.world.person())
    for _ in range(HEARTBEAT_SECONDS):
        house.pulse.tick()
    (beat,) = client.heard("heartbeat")
    assert decode_cursor(beat["cursor"]) == house.world.here()


def test_a_beat_never_speaks_of_less_than_was_sent_when_joining(house: LiveHouse) -> None:
    """The tail may be behind the snapshot of the last page."""
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    house.elsewhere.say(bob, channel)
    client = house.connect(ann).hello()
    client.connection.beat(house.tail.position)
    assert decode_cursor(client.heard("heartbeat")[0]["cursor"]) == house.world.here()


def test_a_beat_while_catching_up_speaks_of_the_pages_that_were_sent(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(bob, ann)
    cursor = house.world.here().encode()
    house.world.say_many(bob, channel, 600)
    client = house.connect(ann)
    client.transport.stuck = True
    client.connection.beat(house.tail.position)
    client.connection.receive(b'{"type":"hello","cursor":"%b"}' % cursor.encode())
    client.connection.beat(house.tail.position)
    assert types(client) == []
    house.turns.run()
    client.connection.beat(house.tail.position)
    assert types(client) == ["welcome", "events", "heartbeat"]
    assert client.heard("heartbeat")[0]["cursor"] == client.heard("events")[0]["cursor"]


# --- its end


def test_saying_goodbye_comes_before_the_close_and_leaves_nothing_behind(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    client = house.connect(ann).hello(device="phone")
    client.take()
    client.connection.close(Close.DRAIN, after_ms=17)
    assert client.heard() == [{"type": "bye", "code": "drain", "after_ms": 17}]
    assert client.transport.closed == (1001, "drain")
    assert (house.listeners(), len(house.pulse), house.devices._claims) == (0, 0, {})


def test_who_is_sent_elsewhere_is_told_where(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    client = house.connect(ann).hello()
    other = ServerEntry(id="b", url="https://chat.example.org/s/b", region="")
    client.connection.pause()
    assert client.transport.paused
    client.connection.close(Close.DRAIN, servers=[other])
    assert client.heard("bye") == [
        {
            "type": "bye",
            "code": "drain",
            "after_ms": 0,
            "servers": [{"id": "b", "url": other.url, "region": ""}],
        }
    ]


def test_ending_twice_is_ending_once(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    client = house.connect(ann).hello()
    client.connection.gone()
    client.connection.close(Close.DRAIN)
    client.connection.gone()
    assert client.heard("bye") == []


def test_a_newer_connection_of_the_device_supersedes_the_older(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.direct(ann, bob)
    session = house.session()
    older = house.connect(ann, session).hello(device="phone")
    newer = house.connect(ann, session).hello(device="phone")
    apart = house.connect(ann, session).hello(device="desktop")
    house.world.say(bob, channel)
    assert older.transport.closed == (4009, "superseded")
    assert [len(client.events) for client in (older, newer, apart)] == [0, 1, 1]
    house.connect(ann, session).hello(device="phone")
    assert newer.transport.closed == (4009, "superseded")


def test_without_a_device_nothing_is_superseded_nor_by_another_session(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    session = house.session()
    clients = [house.connect(ann, session).hello() for _ in range(2)]
    clients += [house.connect(ann, SessionId(f"{number:016x}")).hello(device="phone") for number in (91, 92)]
    assert [client.transport.closed for client in clients] == [None] * 4
