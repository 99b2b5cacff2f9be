"""What may be lost: typing, receipts, changed profiles; here and in another process."""

import pytest

from app.bus.local_broker import LocalBroker
from app.core.ids import ChannelId, SessionId, UserId
from app.realtime import ephemera
from app.realtime.ephemera import TOPIC
from app.realtime.held import HeldRequest
from tests.realtime.live import Client, LiveHouse, user_called


class Two:
    """Two processes, four people in a group, three of whom are connected: Ann and Bob to one, Cho to the other."""

    def __init__(self) -> None:
        broker = LocalBroker()
        self.one = LiveHouse(broker=broker)
        self.other = LiveHouse(store=self.one.store, broker=broker)
        broker.start()
        self.ann, self.bob, self.cho, self.dan = self.one.world.people(4)
        self.group = self.one.world.group(self.ann, self.bob, self.cho, self.dan)
        self.direct = self.one.world.direct(self.ann, self.cho)
        self.one.turns.run()
        self.a, self.b = (self.one.connect(person).hello() for person in (self.ann, self.bob))
        self.c = self.other.connect(self.cho).hello()

    def type(self, client: Client, channel: ChannelId) -> None:
        client.say({"type": "typing", "channel_id": channel})

    def show(self, client: Client, channel: ChannelId | None) -> None:
        client.say({"type": "heartbeat", "active": True, "open": channel})

    def read(self, client: Client, channel: ChannelId, seq: int) -> None:
        client.say({"type": "read", "channel_id": channel, "seq": seq})


@pytest.fixture
def two() -> Two:
    return Two()


# --- typing


def test_who_types_is_shown_to_the_others_here_and_elsewhere(two: Two) -> None:
    two.type(two.a, two.group)
    expected = [{"type": "typing", "channel_id": two.group, "user_id": two.ann}]
    assert (two.b.heard("typing"), two.c.heard("typing")) == (expected, expected)
    assert two.a.heard("typing") == []


def test_typing_is_told_at_most_once_in_three_seconds_per_person_and_channel(two: Two) -> None:
    for _ in range(5):
        two.type(two.a, two.group)
    two.type(two.b, two.group)
    two.type(two.a, two.direct)
    assert len(two.c.heard("typing")) == 3
    two.one.clock.ms += 2_999
    two.type(two.a, two.group)
    assert len(two.c.heard("typing")) == 3
    two.one.clock.ms += 1
    two.type(two.a, two.group)
    assert len(two.c.heard("typing")) == 4


@pytest.mark.parametrize("channel", ["0" * 16, "?", "personal", "left"])
def test_typing_where_one_is_not_is_told_to_nobody(two: Two, channel: str) -> None:
    two.one.world.remove(two.ann, two.group, two.ann)
    named = {"personal": str(two.ann), "left": two.group}.get(channel, channel)
    two.type(two.a, ChannelId(named))
    assert [client.heard("typing") for client in (two.a, two.b, two.c)] == [[], [], []]


def test_only_so_many_who_typed_are_remembered(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ephemera, "MAX_THROTTLED", 1)
    for _ in range(2):
        two.type(two.a, two.group)
        two.type(two.a, two.direct)
    assert len(two.one.ephemera._typed) == 1


@pytest.mark.parametrize("blocker", ["ann", "cho"])
def test_nothing_shows_between_two_of_whom_one_blocked_the_other(two: Two, blocker: str) -> None:
    other = {"ann": two.cho, "cho": two.ann}[blocker]
    seq = two.one.world.say(two.ann, two.direct)
    two.one.world.contact(getattr(two, blocker), "block", other)
    two.type(two.a, two.direct)
    two.type(two.c, two.direct)
    two.read(two.c, two.direct, seq)
    assert [client.heard(kind) for client in (two.a, two.c) for kind in ("typing", "receipt")] == [[]] * 4
    two.type(two.a, two.group)
    assert len(two.c.heard("typing")) == 1


# --- receipts


def test_a_receipt_goes_to_those_who_have_the_channel_on_their_screen(two: Two) -> None:
    seq = two.one.world.say(two.ann, two.group)
    two.show(two.a, two.group)
    two.show(two.b, two.direct)
    two.read(two.c, two.group, seq)
    assert two.a.heard("receipt") == [
        {"type": "receipt", "channel_id": two.group, "user_id": two.cho, "read_seq": seq}
    ]
    assert (two.b.heard("receipt"), two.c.heard("receipt")) == ([], [])


def test_in_a_group_nobody_who_never_said_what_is_on_their_screen_gets_receipts(two: Two) -> None:
    seq = two.one.world.say(two.ann, two.group)
    two.read(two.c, two.group, seq)
    assert (two.a.heard("receipt"), two.b.heard("receipt")) == ([], [])


def test_in_a_direct_channel_they_do(two: Two) -> None:
    """Programs that know nothing of screens still see what was read."""
    seq = two.one.world.say(two.ann, two.direct)
    two.read(two.c, two.direct, seq)
    assert [receipt["read_seq"] for receipt in two.a.heard("receipt")] == [seq]
    two.show(two.a, two.group)
    two.one.world.say(two.ann, two.direct)
    two.one.markers._registers.clear()
    two.read(two.c, two.direct, seq + 1)
    assert len(two.a.heard("receipt")) == 1


def test_a_receipt_of_somebody_who_left_meanwhile_is_told_to_nobody(two: Two) -> None:
    two.show(two.a, two.group)
    two.one.ephemera.receipt(UserId("f" * 16), two.group, 1)
    assert two.a.heard("receipt") == []


# --- profiles


def test_a_changed_profile_reaches_each_device_of_everybody_who_shares_a_channel_once(two: Two) -> None:
    own_other_device = two.other.connect(two.ann).hello()
    stranger = two.one.connect(two.one.world.person()).hello()
    two.one.announcements.user_changed(user_called(two.ann, "민지 2"))
    for client in (two.a, own_other_device, two.b, two.c):
        (frame,) = client.heard("user")
        assert (frame["user"]["id"], frame["user"]["display_name"]) == (two.ann, "민지 2")
    assert stranger.heard("user") == []


# --- the way between processes


def test_held_requests_are_not_woken_by_what_they_could_not_tell(two: Two) -> None:
    held = HeldRequest(two.cho, SessionId("a" * 16), None)
    two.one.hub.join(held, [two.group], two.one.tail.position)
    two.type(two.a, two.group)
    assert not held._woken.is_set()


def test_a_broken_whisper_stops_nothing(two: Two, caplog: pytest.LogCaptureFixture) -> None:
    two.one.broker.publish(TOPIC, b"?")
    two.type(two.a, two.group)
    assert len(two.c.heard("typing")) == 1
    assert "could not be handled" in caplog.text
