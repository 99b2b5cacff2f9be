"""What follows from several servers' words, and who may see it."""

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.wire import Visibility
from app.core.ids import UserId
from app.presence.records import Record, Sight, combine, decode_record, encode_record
from app.presence.wire import UNKNOWN, Presence

ANN = UserId("ann")


def word(
    state: str, last_active_at: int | None = None, visibility: Visibility = "everyone", instance: str = "s-1"
) -> Record:
    return Record(ANN, instance, 1, state, last_active_at, visibility)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("believed", "doubted", "seen", "unsure", "state"),
    [
        ([], [], None, False, "offline"),
        ([], [], None, True, "unknown"),
        (["away", "online"], [], None, False, "online"),
        (["away", "offline"], [], None, True, "away"),
        (["offline"], ["online"], None, False, "unknown"),
        (["away"], ["online"], None, False, "away"),
        (["offline"], ["offline"], "offline", False, "offline"),
    ],
)
def test_the_best_device_of_living_servers_counts(
    believed: list[str], doubted: list[str], seen: str | None, unsure: bool, state: str
) -> None:
    last = None if seen is None else word(seen)
    sight = combine([word(one) for one in believed], [word(one) for one in doubted], last, unsure=unsure)
    assert sight.presence.state == state


def test_the_latest_activity_of_all_counts() -> None:
    sight = combine([word("away", 5), word("away")], [word("online", 7)], word("offline", 6), unsure=False)
    assert sight.presence.last_active_at == 7
    assert combine([word("away")], [], None, unsure=False).presence.last_active_at is None


def test_of_several_words_about_who_may_see_it_the_strictest_of_those_who_have_the_person_counts() -> None:
    stale = word("offline", 1, "nobody")
    words = [word("online", 1, "everyone"), word("away", 1, "contacts")]
    assert combine(words, [], stale, unsure=False).visibility == "contacts"
    assert combine([word("offline", 1, "everyone")], [], stale, unsure=False).visibility == "nobody"


_records = st.builds(
    word,
    st.sampled_from(["online", "away", "offline"]),
    st.none() | st.integers(0, 1 << 50),
    st.sampled_from(["everyone", "contacts", "nobody"]),
)
_lists = st.lists(_records, max_size=4)


@given(_lists, _lists, st.none() | _records, st.booleans(), st.randoms())
def test_the_order_of_words_does_not_matter(
    believed: list[Record], doubted: list[Record], seen: Record | None, unsure: bool, chance: Random
) -> None:
    sight = combine(believed, doubted, seen, unsure=unsure)
    chance.shuffle(believed)
    chance.shuffle(doubted)
    assert combine(believed, doubted, seen, unsure=unsure) == sight


@given(_records)
def test_a_record_is_read_as_it_was_written(record: Record) -> None:
    assert decode_record(encode_record(record)) == record


@pytest.mark.parametrize(
    "payload", [b"", b"\xff", b"\x91\xa1x", msgspec.msgpack.encode(["a", "b", 1, "here", None, "all"])]
)
def test_what_is_no_record_is_refused(payload: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_record(payload)


@pytest.mark.parametrize(
    ("visibility", "contact", "other"),
    [("everyone", True, True), ("contacts", True, False), ("nobody", False, False)],
)
def test_who_may_see_it(visibility: Visibility, contact: bool, other: bool) -> None:
    here = Presence("online", 3)
    sight = Sight(here, visibility)
    assert sight.shown_to(True) == (here if contact else UNKNOWN)
    assert sight.shown_to(False) == (here if other else UNKNOWN)


def test_when_exactly_somebody_online_was_active_is_no_news() -> None:
    assert not Sight(Presence("online", 2)).differs_from(Sight(Presence("online", 1)))
    assert Sight(Presence("away", 2)).differs_from(Sight(Presence("away", 1)))
    assert Sight(Presence("online", 1), "nobody").differs_from(Sight(Presence("online", 1)))
