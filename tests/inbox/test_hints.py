"""Hints carry commits to the tails of other processes, and may be lost, foreign or broken."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bus.local_broker import LocalBroker
from app.core.ids import ChannelId
from app.inbox import hints as hints_module
from app.inbox.hints import TOPIC, decode_hint, encode_hint, last_g
from app.store.port import Committed
from tests.realtime.live import LiveHouse

EPOCH = bytes(range(16))

rows = st.lists(
    st.builds(
        Committed,
        g=st.integers(0, 2**63),
        channel_id=st.integers(0, 2**64 - 1).map(lambda number: ChannelId(f"{number:016x}")),
        seq=st.integers(1, 2**63),
        kind=st.sampled_from(["message", "join", "read"]),
        body=st.binary(max_size=200),
    ),
    min_size=1,
    max_size=5,
)


@given(commits=rows)
def test_a_hint_says_what_was_put_into_it(commits: list[Committed]) -> None:
    hint = encode_hint(EPOCH, commits)
    assert list(decode_hint(hint)) == commits
    assert last_g(hint) == commits[-1].g
    assert hint[:16] == EPOCH


@given(commits=rows, cut=st.integers(1, 60))
def test_a_hint_that_was_cut_short_is_never_half_a_message(commits: list[Committed], cut: int) -> None:
    taken: list[Committed] = []
    with suppress(struct.error, ValueError):
        taken.extend(iter(decode_hint(encode_hint(EPOCH, commits)[:-cut])))
    assert taken == commits[: len(taken)]
    assert len(taken) < len(commits)


def test_too_many_rows_are_left_to_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints_module, "MAX_HINT_BYTES", 100)
    hint = encode_hint(EPOCH, [Committed(7, ChannelId("a" * 16), 1, "message", b"x" * 100)])
    assert (list(decode_hint(hint)), last_g(hint)) == ([], 7)


class Two:
    """Two processes on one store."""

    def __init__(self) -> None:
        self.broker = LocalBroker()
        self.one = LiveHouse(broker=self.broker)
        self.other = LiveHouse(store=self.one.store, broker=self.broker)
        self.broker.start()
        self.ann, self.bob = self.one.world.people(2)
        self.channel = self.one.world.direct(self.ann, self.bob)
        self.one.turns.run()
        self.client = self.other.connect(self.bob).hello()
        self.published: list[bytes] = []
        self.broker.subscribe(TOPIC, self.published.append)


@pytest.fixture
def two() -> Two:
    return Two()


def test_what_one_process_commits_is_heard_in_the_other(two: Two) -> None:
    two.one.world.say(two.ann, two.channel, "over there")
    assert two.client.texts == []
    two.one.turns.run()
    assert two.client.texts == ["over there"]


def test_the_commits_of_a_turn_are_one_hint(two: Two) -> None:
    for _ in range(3):
        two.one.world.say(two.ann, two.channel)
    two.one.turns.run()
    assert len(two.published) == 1
    assert len(two.client.events) == 3


def test_a_lost_hint_is_made_good_by_the_next(two: Two) -> None:
    two.broker.stop()
    two.one.world.say(two.ann, two.channel, "lost")
    two.one.turns.run()
    two.broker.connected = True
    two.one.world.say(two.ann, two.channel, "next")
    two.one.turns.run()
    assert two.client.texts == ["lost", "next"]


def test_when_the_broker_is_back_the_store_is_looked_at(two: Two) -> None:
    two.broker.stop()
    two.one.world.say(two.ann, two.channel, "meanwhile")
    two.one.turns.run()
    two.broker.start()
    assert two.client.texts == ["meanwhile"]


def test_a_hint_without_rows_makes_the_tail_look(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints_module, "MAX_HINT_BYTES", 10)
    two.one.world.say(two.ann, two.channel, "large")
    two.one.turns.run()
    assert two.client.texts == ["large"]


def test_a_hint_of_another_history_is_not_believed(two: Two) -> None:
    row = Committed(two.one.tail.position + 1, two.channel, 2, "message", b'{"kind":"message"}')
    two.broker.publish(TOPIC, encode_hint(EPOCH, [row]))
    assert two.client.events == []


@pytest.mark.parametrize("tail", [b"", b"\x00" * 7, b"\xff" * 8 + b"garbage"])
def test_a_broken_hint_stops_nothing(two: Two, tail: bytes, caplog: pytest.LogCaptureFixture) -> None:
    two.broker.publish(TOPIC, bytes.fromhex(two.one.epoch) + tail)
    two.one.world.say(two.ann, two.channel, "after")
    two.one.turns.run()
    assert two.client.texts == ["after"]
