"""What friends see of each other, on one server and on two."""

import pytest

from app.core.ids import UserId
from app.presence.belief import GRACE_SECONDS as DEATH_GRACE_SECONDS
from app.presence.here import ACTIVE_SECONDS, GRACE_SECONDS, POLLED_SECONDS
from tests.presence.hall import Hall, frames, shown, state


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def ann(hall: Hall) -> UserId:
    return hall.world.person()


@pytest.fixture
def ben(hall: Hall, ann: UserId) -> UserId:
    """A friend of Ann's."""
    ben = hall.world.person()
    hall.friends(ann, ben)
    return ben


@pytest.mark.parametrize("same", [True, False], ids=["one server", "two servers"])
def test_friends_see_each_other_come_go_away_and_return(
    hall: Hall, ann: UserId, ben: UserId, same: bool
) -> None:
    anns = hall.come(hall.one, ann)
    assert shown(anns) == {ben: {"state": "offline", "last_active_at": None}}
    bens = hall.come(hall.one if same else hall.other, ben)
    came = hall.clock.ms
    assert shown(anns) == {ben: {"state": "online", "last_active_at": came}}
    assert state(bens, ann) == "online"
    hall.let_pass(ACTIVE_SECONDS + 1)
    assert shown(anns) == {ben: {"state": "away", "last_active_at": came}}
    hall.beat(bens, active=True)
    assert shown(anns) == {ben: {"state": "online", "last_active_at": hall.clock.ms}}
    hall.go(bens)
    left = hall.clock.ms
    hall.let_pass(GRACE_SECONDS + 1)
    assert shown(anns) == {ben: {"state": "offline", "last_active_at": left}}


def test_on_becoming_live_one_frame_tells_of_all_it_watches(hall: Hall, ann: UserId) -> None:
    friends = hall.world.people(20)
    hall.friends(ann, *friends)
    for number, friend in enumerate(friends[:10]):
        hall.come(hall.houses[number % 2], friend)
    anns = hall.come(hall.one, ann)
    assert frames(anns) == 1
    assert [state(anns, friend) for friend in friends] == ["online"] * 10 + ["offline"] * 10


def test_a_second_device_of_a_person_gets_a_frame_of_its_own(hall: Hall, ann: UserId, ben: UserId) -> None:
    first = hall.come(hall.one, ann)
    second = hall.come(hall.one, ann)
    assert (frames(first), frames(second)) == (1, 1)
    hall.come(hall.other, ben)
    assert (state(first, ben), state(second, ben)) == ("online", "online")


def test_somebody_without_friends_gets_no_frame(hall: Hall, ann: UserId) -> None:
    assert frames(hall.come(hall.one, ann)) == 0


def test_strangers_and_fellow_members_of_a_group_are_not_watched(hall: Hall, ann: UserId) -> None:
    fellow, stranger = hall.world.people(2)
    hall.world.group(ann, fellow)
    anns = hall.come(hall.one, ann)
    for user in (fellow, stranger):
        hall.come(hall.one, user)
    assert shown(anns) == {}


def test_the_other_of_a_direct_channel_is_watched_from_its_beginning(hall: Hall, ann: UserId) -> None:
    peer = hall.world.person()
    anns, peers = hall.come(hall.one, ann), hall.come(hall.other, peer)
    hall.world.direct(ann, peer)
    hall.catch_up()
    assert (state(anns, peer), state(peers, ann)) == ("online", "online")
    hall.go(peers)
    hall.let_pass(GRACE_SECONDS + 1)
    assert state(anns, peer) == "offline"


def test_who_becomes_a_contact_is_watched_and_who_is_none_any_more_is_not(hall: Hall, ann: UserId) -> None:
    ben = hall.world.person()
    anns = hall.come(hall.one, ann)
    bens = hall.come(hall.other, ben)
    hall.friends(ann, ben)
    assert (state(anns, ben), state(bens, ann)) == ("online", "online")
    hall.world.contact(ben, "remove", ann)
    hall.catch_up()
    assert shown(anns)[ben] == {"state": "unknown", "last_active_at": None}
    told = frames(anns)
    hall.go(bens)
    hall.let_pass(GRACE_SECONDS + 1)
    assert frames(anns) == told


@pytest.mark.parametrize("blocks", ["ann", "ben"])
def test_between_two_of_whom_one_has_blocked_the_other_nothing_is_seen(
    hall: Hall, ann: UserId, ben: UserId, blocks: str
) -> None:
    hall.world.direct(ann, ben)
    anns, bens = hall.come(hall.one, ann), hall.come(hall.other, ben)
    assert (state(anns, ben), state(bens, ann)) == ("online", "online")
    hall.world.contact(*((ann, "block", ben) if blocks == "ann" else (ben, "block", ann)))  # type: ignore[arg-type]
    hall.catch_up()
    assert (state(anns, ben), state(bens, ann)) == ("unknown", "unknown")
    hall.let_pass(ACTIVE_SECONDS + 1)
    hall.beat(bens, active=True)
    assert (state(anns, ben), state(bens, ann)) == ("unknown", "unknown")
    assert ben not in shown(hall.come(hall.one, ann))


def test_a_change_is_encoded_once_for_all_who_watch(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    ben, *friends = hall.world.people(5)
    hall.friends(ben, *friends)
    clients = [hall.come(hall.one, friend) for friend in friends]
    queued: list[bytes] = []
    for client in clients:
        monkeypatch.setattr(client.connection, "queue", queued.append)
    hall.come(hall.other, ben)
    assert len(queued) == 4
    assert len({id(frame) for frame in queued}) == 1


# --- several devices ---------------------------------------------------------------------------------------------


def test_of_several_devices_the_best_counts_wherever_they_are(hall: Hall, ann: UserId, ben: UserId) -> None:
    anns = hall.come(hall.one, ann)
    phone = hall.come(hall.other, ben, active=False)
    assert state(anns, ben) == "away"
    laptop = hall.come(hall.one, ben)
    assert state(anns, ben) == "online"
    hall.go(laptop)
    hall.let_pass(GRACE_SECONDS + 1)
    assert state(anns, ben) == "away"
    hall.beat(phone, active=True)
    assert state(anns, ben) == "online"


def test_a_device_that_says_it_is_not_in_use_stays_until_it_is_not(
    hall: Hall, ann: UserId, ben: UserId
) -> None:
    anns = hall.come(hall.one, ann)
    bens = hall.come(hall.one, ben, active=False)
    for _ in range(20):
        hall.let_pass(25)
        hall.beat(bens, active=False)
        assert shown(anns) == {ben: {"state": "away", "last_active_at": None}}


def test_who_beats_every_ten_seconds_is_online_and_nobody_is_told_of_it_again(
    hall: Hall, ann: UserId, ben: UserId
) -> None:
    anns, bens = hall.come(hall.one, ann), hall.come(hall.other, ben)
    told = frames(anns)
    for _ in range(30):
        hall.let_pass(10)
        hall.beat(bens, active=True)
    assert state(anns, ben) == "online"
    assert frames(anns) == told


@pytest.mark.parametrize("same", [True, False], ids=["same server", "another server"])
def test_loading_the_page_again_is_seen_by_nobody(hall: Hall, ann: UserId, ben: UserId, same: bool) -> None:
    anns, bens = hall.come(hall.one, ann), hall.come(hall.one, ben)
    told = frames(anns)
    hall.go(bens)
    hall.let_pass(GRACE_SECONDS - 2)
    bens = hall.come(hall.one if same else hall.other, ben)
    hall.let_pass(5)
    assert frames(anns) == told
    assert state(anns, ben) == "online"


def test_what_a_closed_page_was_in_use_for_does_not_outlast_the_grace(
    hall: Hall, ann: UserId, ben: UserId
) -> None:
    anns = hall.come(hall.one, ann)
    hall.come(hall.one, ben, active=False)
    hall.go(hall.come(hall.one, ben))
    assert state(anns, ben) == "online"
    hall.let_pass(GRACE_SECONDS + 1)
    assert state(anns, ben) == "away"


def test_polling_counts_as_being_here(hall: Hall, ann: UserId, ben: UserId) -> None:
    anns = hall.come(hall.one, ann)
    hall.other.presence.polled(ben, active=True)
    hall.settle()
    assert state(anns, ben) == "online"
    hall.let_pass(ACTIVE_SECONDS + 1)
    assert state(anns, ben) == "away"
    hall.let_pass(POLLED_SECONDS - ACTIVE_SECONDS)
    assert state(anns, ben) == "offline"
    hall.other.presence.polled(ben, active=False)
    hall.settle()
    assert state(anns, ben) == "away"


# --- who may see it ----------------------------------------------------------------------------------------------


def test_who_may_see_it_is_decided_by_the_person(hall: Hall, ann: UserId, ben: UserId) -> None:
    peer = hall.world.person()
    hall.world.direct(ben, peer)
    anns, peers = hall.come(hall.one, ann), hall.come(hall.other, peer)
    hall.other.visible_to[ben] = "contacts"
    bens = hall.come(hall.other, ben)
    assert (state(anns, ben), state(peers, ben)) == ("online", "unknown")
    hall.other.presence.here.set_visibility(ben, "nobody")
    hall.settle()
    assert (state(anns, ben), state(peers, ben)) == ("unknown", "unknown")
    hall.beat(bens, active=True)
    hall.go(bens)
    hall.let_pass(GRACE_SECONDS + 1)
    assert (state(anns, ben), state(peers, ben)) == ("unknown", "unknown")
    hall.other.visible_to[ben] = "everyone"
    hall.come(hall.one, ben)
    assert hall.one.presence.here.record(ben) is not None
    hall.one.presence.here.set_visibility(ben, "everyone")
    hall.settle()
    assert (state(anns, ben), state(peers, ben)) == ("online", "online")


def test_who_hides_is_hidden_when_away_too_and_nothing_is_kept_that_says_otherwise(
    hall: Hall, ann: UserId, ben: UserId
) -> None:
    """Chosen by a program while no device is connected."""
    bens = hall.come(hall.other, ben)
    hall.go(bens)
    hall.let_pass(GRACE_SECONDS + 1)
    anns = hall.come(hall.one, ann)
    assert shown(anns)[ben]["last_active_at"] is not None
    hall.other.presence._allow(ben, "nobody")
    hall.settle()
    assert shown(anns)[ben] == {"state": "unknown", "last_active_at": None}
    hall.go(anns)
    hall.let_pass(60)
    assert shown(hall.come(hall.one, ann))[ben] == {"state": "unknown", "last_active_at": None}


def test_until_it_is_known_who_may_see_somebody_nobody_does(hall: Hall, ann: UserId, ben: UserId) -> None:
    anns = hall.come(hall.one, ann)
    hall.one.presence._introductions._busy = True  # the database does not answer
    hall.come(hall.one, ben)
    assert state(anns, ben) == "offline"
    hall.one.presence._introductions._busy = False
    hall.let_pass(1)
    assert state(anns, ben) == "online"


# --- what lasts --------------------------------------------------------------------------------------------------


def test_when_somebody_was_last_active_outlives_their_going(hall: Hall, ann: UserId, ben: UserId) -> None:
    bens = hall.come(hall.other, ben)
    left = hall.clock.ms
    hall.go(bens)
    hall.let_pass(3_600)
    assert shown(hall.come(hall.one, ann)) == {ben: {"state": "offline", "last_active_at": left}}


def test_after_a_server_died_its_people_are_unknown_for_a_while_then_offline(
    hall: Hall, ann: UserId, ben: UserId
) -> None:
    anns = hall.come(hall.one, ann)
    hall.come(hall.other, ben)
    last = hall.clock.ms
    hall.houses.remove(hall.other)
    hall.one.servers["s-2"] = False
    hall.let_pass(1)
    assert shown(anns) == {ben: {"state": "unknown", "last_active_at": last}}
    hall.let_pass(DEATH_GRACE_SECONDS + 1)
    assert shown(anns) == {ben: {"state": "offline", "last_active_at": last}}


def test_who_comes_back_on_another_server_is_online_at_once_and_stays_so(
    hall: Hall, ann: UserId, ben: UserId
) -> None:
    anns = hall.come(hall.one, ann)
    hall.come(hall.other, ben)
    hall.houses.remove(hall.other)
    hall.one.servers["s-2"] = False
    hall.let_pass(1)
    bens = hall.come(hall.one, ben)
    assert state(anns, ben) == "online"
    told = frames(anns)
    for _ in range(6):
        hall.let_pass(10)
        hall.beat(bens, active=True)
    assert frames(anns) == told


def test_a_server_that_was_only_silent_is_believed_again(hall: Hall, ann: UserId, ben: UserId) -> None:
    anns = hall.come(hall.one, ann)
    bens = hall.come(hall.other, ben)
    hall.one.servers["s-2"] = False
    hall.let_pass(DEATH_GRACE_SECONDS + 2)
    assert state(anns, ben) == "offline"
    hall.one.servers["s-2"] = True
    for _ in range(3):
        hall.let_pass(10)
        hall.beat(bens, active=True)
    assert state(anns, ben) == "online"


def test_while_nobody_can_say_which_servers_live_their_people_are_unknown_however_long(
    hall: Hall, ann: UserId, ben: UserId
) -> None:
    anns = hall.come(hall.one, ann)
    hall.come(hall.other, ben)
    hall.one.servers["s-2"] = None
    hall.let_pass(DEATH_GRACE_SECONDS * 3)
    assert state(anns, ben) == "unknown"
    hall.one.servers["s-2"] = True
    hall.let_pass(1)
    assert state(anns, ben) in ("online", "away")
