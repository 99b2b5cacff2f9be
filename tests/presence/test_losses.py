"""What presence does when Redis loses everything or is away: it is right again within 45 s, and says so until then."""

from collections.abc import Sequence

import pytest

from app.core.ids import UserId
from app.presence import rounds, watching
from app.presence.here import ACTIVE_SECONDS, GRACE_SECONDS
from app.presence.keeping import RECORD_SECONDS, topic
from app.presence.records import Record, encode_record
from app.presence.viewers import TOLD_A_TURN
from tests.presence.hall import Hall, frames, shown, state

RIGHT_AGAIN_SECONDS = 45


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def pair(hall: Hall) -> tuple[UserId, UserId]:
    """Two friends."""
    ann, ben = hall.world.people(2)
    hall.friends(ann, ben)
    return ann, ben


def beating(hall: Hall, seconds: int, *clients: object) -> None:
    """Time passes while these pages are in use."""
    for second in range(seconds):
        if second % 10 == 0:
            for client in clients:
                hall.beat(client, active=True)  # type: ignore[arg-type]
        hall.let_pass(1)


def test_who_stays_for_long_is_found_by_newcomers_all_the_time(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    """The lease of what is kept is renewed."""
    ann, ben = pair
    bens = hall.come(hall.other, ben)
    for _ in range(4):
        beating(hall, RECORD_SECONDS, bens)
        anns = hall.come(hall.one, ann)
        assert state(anns, ben) == "online"
        hall.go(anns)


def test_what_a_dead_server_kept_runs_out(hall: Hall, pair: tuple[UserId, UserId]) -> None:
    ann, ben = pair
    hall.come(hall.other, ben)
    hall.houses.remove(hall.other)
    hall.one.servers["s-2"] = False
    hall.let_pass(RECORD_SECONDS + 50)
    assert state(hall.come(hall.one, ann), ben) == "offline"


def test_after_all_keys_are_lost_newcomers_see_everybody_again(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    ann, ben = pair
    bens = hall.come(hall.other, ben)
    beating(hall, 5, bens)
    hall.leases.lose_everything()
    beating(hall, 9, bens)
    assert state(hall.come(hall.one, ann), ben) == "online"


def test_after_all_keys_are_lost_nobody_is_told_anything_wrong(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    ann, ben = pair
    anns, bens = hall.come(hall.one, ann), hall.come(hall.other, ben)
    beating(hall, 5, anns, bens)
    told = frames(anns)
    hall.leases.lose_everything()
    newcomers = [hall.come(hall.one, pair[0]), hall.come(hall.one, pair[0])]
    beating(hall, RIGHT_AGAIN_SECONDS, bens)
    assert frames(anns) == told
    assert [state(client, ben) for client in (anns, *newcomers)] == ["online"] * 3


def test_who_goes_right_after_a_loss_is_offline_and_not_unknown(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    ann, ben = pair
    anns, bens = hall.come(hall.one, ann), hall.come(hall.other, ben)
    hall.let_pass(5)
    hall.go(bens)
    hall.let_pass(GRACE_SECONDS - 3)
    hall.leases.lose_everything()
    hall.let_pass(4)
    assert state(anns, ben) == "offline"


def test_of_what_is_known_nothing_is_forgotten_because_it_was_lost(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    """Everybody is read again, while a server that is late has not yet written anything."""
    ann, ben = pair
    anns, bens = hall.come(hall.one, ann), hall.come(hall.other, ben)
    hall.let_pass(5)
    told = frames(anns)
    hall.other.lag_ms = 1_000.0
    hall.leases.lose_everything()
    hall.let_pass(3)
    hall.one.presence._watching._to_read[ben] = None
    hall.let_pass(1)
    assert frames(anns) == told
    hall.go(bens)


def test_who_comes_right_after_it_is_told_unknown_rather_than_offline(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    """Before any server has noticed: who reads finds out."""
    ann, ben = pair
    bens = hall.come(hall.other, ben)
    beating(hall, 5, bens)
    hall.one.presence._look_at_canary()
    hall.leases.lose_everything()
    anns = hall.come(hall.one, ann)
    assert state(anns, ben) == "unknown"
    beating(hall, RIGHT_AGAIN_SECONDS, bens)
    assert state(anns, ben) == "online"


def test_who_comes_in_the_middle_of_it_is_told_unknown_rather_than_offline(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    ann, ben = pair
    bens = hall.come(hall.other, ben)
    beating(hall, 5, bens)
    hall.other.lag_ms = 1_000.0  # it does not get round to writing
    hall.leases.lose_everything()
    hall.let_pass(3)
    anns = hall.come(hall.one, ann)
    assert state(anns, ben) == "unknown"
    hall.other.lag_ms = 0.0
    beating(hall, RIGHT_AGAIN_SECONDS, bens)
    assert state(anns, ben) == "online"


def test_what_was_said_while_the_broker_was_away_is_known_after_it(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    ann, ben = pair
    anns, bens = hall.come(hall.one, ann), hall.come(hall.other, ben)
    hall.broker.stop()
    hall.leases.away = True
    hall.let_pass(2)
    hall.go(bens)
    hall.let_pass(GRACE_SECONDS + 1)
    assert state(anns, ben) == "online"  # nobody could tell
    hall.leases.away = False
    hall.leases.lose_everything()
    hall.broker.start()
    hall.let_pass(RIGHT_AGAIN_SECONDS)
    assert state(anns, ben) == "offline"


def test_while_redis_is_away_the_first_frame_does_not_wait_for_long(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    ann, ben = pair
    hall.come(hall.other, ben)
    hall.leases.away = True
    anns = hall.come(hall.one, ann)
    hall.let_pass(4)
    assert state(anns, ben) == "unknown"
    hall.broker.stop()
    assert state(hall.come(hall.one, ann), ben) == "unknown"
    hall.broker.start()
    hall.leases.away = False
    hall.let_pass(RIGHT_AGAIN_SECONDS)
    assert state(anns, ben) in ("online", "away")


def test_friends_on_one_server_see_each_other_without_redis(hall: Hall, pair: tuple[UserId, UserId]) -> None:
    ann, ben = pair
    hall.broker.stop()
    hall.leases.away = True
    anns = hall.come(hall.one, ann)
    bens = hall.come(hall.one, ben)
    assert (state(anns, ben), state(bens, ann)) == ("online", "online")
    hall.let_pass(ACTIVE_SECONDS + 1)
    assert state(anns, ben) == "away"


def test_a_word_that_was_lost_is_made_good_by_the_slow_round(
    hall: Hall, pair: tuple[UserId, UserId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "SLOW_SECONDS", 60)
    ann, ben = pair
    anns, bens = hall.come(hall.one, ann), hall.come(hall.other, ben)
    publish = hall.broker.publish
    monkeypatch.setattr(hall.broker, "publish", lambda topic, payload: None)
    hall.go(bens)
    hall.let_pass(GRACE_SECONDS + 1)
    monkeypatch.setattr(hall.broker, "publish", publish)
    assert state(anns, ben) == "online"
    hall.let_pass(120)
    assert state(anns, ben) == "offline"


def test_late_words_do_not_undo_newer_ones(
    hall: Hall, pair: tuple[UserId, UserId], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = pair
    said: list[tuple[bytes, bytes]] = []
    publish = hall.broker.publish
    monkeypatch.setattr(hall.broker, "publish", lambda topic, payload: said.append((topic, payload)))
    anns, bens = hall.come(hall.one, ann), hall.come(hall.other, ben)
    hall.let_pass(ACTIVE_SECONDS + 1)
    hall.beat(bens, active=True)
    about_ben = [(topic, payload) for topic, payload in said if ben.encode() in topic]
    assert len(about_ben) == 3
    for place, payload in reversed(about_ben):
        publish(place, payload)
    assert state(anns, ben) == "online"
    assert frames(anns) == 1 + 1


def test_what_is_said_while_everybody_is_read_is_newer_than_what_is_read(
    hall: Hall, pair: tuple[UserId, UserId], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = pair
    anns = hall.come(hall.one, ann)
    read = hall.leases.read_fields
    word = Record(ben, "s-2", 7, "online", hall.clock.ms, "everyone")

    def read_slowly(keys: Sequence[bytes]) -> list[dict[bytes, bytes]]:
        found = read(keys)
        hall.broker.publish(topic(ben), encode_record(word))
        return found

    monkeypatch.setattr(hall.leases, "read_fields", read_slowly)
    hall.one.presence._watching._to_read[ben] = None
    hall.let_pass(1)
    assert state(anns, ben) == "online"


def test_what_is_no_record_is_passed_over(hall: Hall, pair: tuple[UserId, UserId]) -> None:
    ann, ben = pair
    anns = hall.come(hall.one, ann)
    hall.broker.publish(b"presence:" + ben.encode(), b"from a later version")
    hall.leases.put(b"seen:" + ben.encode(), b"\xff", 60)
    hall.come(hall.other, ben)
    assert state(anns, ben) == "online"


# --- many --------------------------------------------------------------------------------------------------------


def test_when_a_server_with_many_dies_each_viewer_gets_one_frame_and_some_viewers_a_turn(hall: Hall) -> None:
    theirs = hall.world.people(30)
    ours = hall.world.people(TOLD_A_TURN + 20)
    for one in ours:
        hall.friends(one, *theirs[:3])
    clients = [hall.come(hall.one, user) for user in ours]
    for user in theirs:
        hall.come(hall.other, user)
    hall.houses.remove(hall.other)
    for client in clients:
        client.take()
    hall.one.servers["s-2"] = False
    hall.clock.ms += 1_000
    hall.one.presence.tick()
    hall.one.presence_turns.turn()
    assert sum(frames(client) for client in clients) == TOLD_A_TURN
    hall.settle()
    assert [len(client.heard("presence")) for client in clients] == [1] * len(clients)
    assert all(shown(client).keys() == set(theirs[:3]) for client in clients)


def test_nothing_is_left_of_those_who_went(hall: Hall) -> None:
    people = hall.world.people(6)
    hall.friends(*people)
    clients = [hall.come(hall.one, user) for user in people]
    assert len(hall.one.presence.viewers.watched) == 6
    for client in clients:
        hall.go(client)
    hall.let_pass(60)
    assert not hall.one.presence.viewers.watched
    assert not hall.one.presence.viewers.viewers
    assert len(hall.one.presence.here) == 0
    assert not hall.one.presence.here._due
    assert [topic for topic in hall.broker._interest._handlers if topic.startswith(b"presence:")] == []


def test_beyond_the_largest_number_of_topics_nobody_more_is_watched(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MAX_TOPICS", 4)
    ann, ben, *others = hall.world.people(8)
    hall.friends(ann, *others[:3])
    hall.friends(ben, *others)
    anns, bens = hall.come(hall.one, ann), hall.come(hall.one, ben)
    assert shown(anns).keys() == set(others[:3])
    assert shown(bens).keys() == set(others[:3])
