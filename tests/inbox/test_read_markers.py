"""Read markers: forward only, to the head at most, and one event in a while."""

import pytest

from app.core.errors import NotFound, Unavailable
from app.inbox.read_markers import EVERY_SECONDS, ReadMarkers
from app.store.drafts import MarkRead, RemoveMember
from tests.rest import JIHO, MINJI, SORA, Rest


@pytest.fixture
def rest() -> Rest:
    return Rest()


@pytest.fixture
def channel(rest: Rest) -> str:
    """A channel of two with ten messages of Minji's, seq 2 to 11."""
    direct = rest.direct()
    for number in range(10):
        rest.by(MINJI).say(direct, str(number))
    return direct


def written(rest: Rest) -> list[int]:
    return [draft.seq for draft in rest.committer.drafts if isinstance(draft, MarkRead)]


def read(rest: Rest, channel: str, seq: int) -> int:
    answer = rest.by(JIHO).put(f"/channels/{channel}/read", {"seq": seq})
    assert answer.status_code == 200
    return int(answer.json["read_seq"])


def shown(rest: Rest, channel: str) -> tuple[int, int]:
    """The marker and the unread messages as the person is shown them."""
    one = rest.by(JIHO).get(f"/channels/{channel}").json["channel"]
    assert one in rest.by(JIHO).get("/channels").json["channels"]
    return one["read_seq"], one["unread"]


def test_a_marker_moves_forward_only_and_to_the_head_at_most(rest: Rest, channel: str) -> None:
    assert [read(rest, channel, seq) for seq in (4, 2, 4, 99, 11, 1)] == [4, 4, 4, 11, 11, 11]
    assert shown(rest, channel) == (11, 0)


def test_the_first_is_written_at_once_and_then_the_maximum_of_a_while(rest: Rest, channel: str) -> None:
    for seq in (3, 4, 6, 5):
        read(rest, channel, seq)
    assert written(rest) == [3]
    rest.timers.advance(EVERY_SECONDS)
    assert written(rest) == [3, 6]
    read(rest, channel, 7)
    assert written(rest) == [3, 6]
    rest.timers.advance(EVERY_SECONDS)
    assert written(rest) == [3, 6, 7]
    rest.timers.advance(EVERY_SECONDS)
    assert len(rest.markers) == 0
    read(rest, channel, 8)
    assert written(rest) == [3, 6, 7, 8]


def test_what_was_answered_is_shown_before_it_is_written(rest: Rest, channel: str) -> None:
    read(rest, channel, 3)
    assert shown(rest, channel) == (3, 8)
    read(rest, channel, 6)
    assert rest.store.channel(JIHO, channel).read_seq == 3
    assert shown(rest, channel) == (6, 5)
    read(rest, channel, 11)
    assert shown(rest, channel) == (11, 0)
    rest.timers.advance(EVERY_SECONDS)
    state = rest.store.channel(JIHO, channel)
    assert (state.read_seq, state.unread) == (11, 0)


def test_a_marker_among_events_that_are_no_messages_counts_messages_only(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    rest.by(MINJI).say(group, "하나")
    rest.by(MINJI).patch(f"/channels/{group}", {"topic": "t"})
    rest.by(MINJI).post(f"/channels/{group}/members", {"user_id": SORA})
    rest.by(MINJI).say(group, "둘")
    rest.by(MINJI).patch(f"/channels/{group}", {"topic": "u"})
    read(rest, group, 1)
    for seq, unread in ((2, 1), (3, 1), (4, 1), (5, 0), (6, 0)):
        read(rest, group, seq)
        assert shown(rest, group) == (seq, unread)


def test_people_and_channels_do_not_wait_for_each_other(rest: Rest, channel: str) -> None:
    other = rest.direct(JIHO, SORA)
    rest.by(SORA).say(other, "x")
    read(rest, channel, 3)
    read(rest, other, 2)
    rest.by(SORA).put(f"/channels/{other}/read", {"seq": 2})
    assert written(rest) == [3, 2]  # Sora's own message moved hers already


def test_others_are_told_of_a_marker_once_it_is_on_disk(rest: Rest, channel: str) -> None:
    rest.committer.holding = True
    read(rest, channel, 3)
    assert rest.moved == []
    rest.committer.held.pop()()
    assert rest.moved == [(JIHO, channel, 3)]


def test_a_marker_that_may_not_be_on_disk_is_written_again(rest: Rest, channel: str) -> None:
    rest.committer.broken = True
    assert read(rest, channel, 3) == 3
    rest.timers.advance(EVERY_SECONDS)
    assert written(rest) == [3, 3]
    rest.committer.broken = False
    rest.timers.advance(EVERY_SECONDS)
    assert rest.store.channel(JIHO, channel).read_seq == 3
    assert rest.moved == [(JIHO, channel, 3)]
    rest.timers.advance(EVERY_SECONDS)
    assert len(rest.markers) == 0


def test_a_slow_commit_is_waited_for(rest: Rest, channel: str) -> None:
    rest.committer.holding = True
    read(rest, channel, 3)
    rest.timers.advance(3 * EVERY_SECONDS)
    assert written(rest) == [3]
    rest.committer.held.pop()()
    rest.timers.advance(EVERY_SECONDS)
    assert len(rest.markers) == 0


def test_a_marker_refused_for_leaving_is_let_go(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    rest.committer.holding = True
    rest.by(MINJI).say(group, "하나")
    read(rest, group, 2)
    rest.store.append([RemoveMember(author_id=JIHO, channel_id=group, user_id=JIHO)])
    for finish in rest.committer.held:
        finish()
    rest.timers.advance(3 * EVERY_SECONDS)
    assert len(rest.markers) == 0
    with pytest.raises(NotFound):
        rest.markers.mark(JIHO, group, 2)


@pytest.mark.parametrize("identity", ["0123456789abcdef", "x", ""])
def test_a_marker_in_no_channel_of_ones_own_is_not_found(rest: Rest, identity: str) -> None:
    with pytest.raises(NotFound):
        rest.markers.mark(JIHO, identity, 1)


def test_no_more_markers_wait_than_there_is_room_for(rest: Rest, channel: str) -> None:
    markers = ReadMarkers(rest.store, rest.committer, rest.timers.after, lambda *moved: None, max_held=1)
    other = rest.direct(JIHO, SORA)
    rest.by(SORA).say(other, "x")
    assert markers.mark(JIHO, channel, 3) == 3
    with pytest.raises(Unavailable):
        markers.mark(JIHO, other, 2)
    assert markers.mark(JIHO, channel, 4) == 4
    rest.timers.advance(2 * EVERY_SECONDS)
    assert markers.mark(JIHO, other, 2) == 2


@pytest.mark.parametrize("seq", [0, -1, 2**63, 1.5, "1", None])
def test_a_place_that_cannot_be_is_refused(rest: Rest, channel: str, seq: object) -> None:
    assert rest.by(JIHO).put(f"/channels/{channel}/read", {"seq": seq}).status_code == 422
