"""Open groups: members' presence is read on opening, refreshed now and then, differences only, and shed first."""

import itertools
from typing import Any

import pytest

from app.core.errors import NotFound
from app.core.ids import ChannelId, UserId
from app.presence import groups
from app.presence.groups import REFRESH_SECONDS
from app.presence.here import GRACE_SECONDS
from app.realtime.connection import Connection
from tests.presence.hall import Hall, as_json, frames, shown, state


@pytest.fixture
def hall() -> Hall:
    return Hall()


class Group:
    """Ann has a group with three others on her screen; none of them is a friend."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.ann, self.ben, self.cho, self.dan = hall.world.people(4)
        self.id = hall.world.group(self.ann, self.ben, self.cho, self.dan)
        hall.catch_up()
        self.anns = hall.come(hall.one, self.ann)

    def open(self) -> None:
        self.hall.beat(self.anns, active=True, open=self.id)


@pytest.fixture
def group(hall: Hall) -> Group:
    return Group(hall)


def test_on_opening_a_group_all_its_members_are_told(hall: Hall, group: Group) -> None:
    hall.come(hall.one, group.ben)
    hall.come(hall.other, group.cho, active=False)
    assert frames(group.anns) == 0
    group.open()
    assert frames(group.anns) == 1
    states = {user: seen["state"] for user, seen in shown(group.anns).items()}
    assert states == {group.ann: "online", group.ben: "online", group.cho: "away", group.dan: "offline"}


def test_changes_come_with_the_next_refresh_and_only_they(hall: Hall, group: Group) -> None:
    group.open()
    group.anns.take()
    hall.come(hall.other, group.ben)
    assert frames(group.anns) == 0
    hall.let_pass(REFRESH_SECONDS)
    assert [frame["users"].keys() for frame in group.anns.take() if frame["type"] == "presence"] == [
        {group.ben}
    ]
    for _ in range(3):
        hall.let_pass(REFRESH_SECONDS)
        group.open()
    assert frames(group.anns) == 0


def test_what_is_not_open_any_more_is_not_refreshed(hall: Hall, group: Group) -> None:
    group.open()
    hall.beat(group.anns, active=True)
    group.anns.take()
    hall.come(hall.other, group.ben)
    hall.let_pass(3 * REFRESH_SECONDS)
    assert frames(group.anns) == 0
    assert not hall.one.presence._groups._opened


def test_who_ended_has_nothing_open(hall: Hall, group: Group) -> None:
    group.open()
    hall.go(group.anns)
    assert not hall.one.presence._groups._opened
    assert not hall.one.presence._groups._channel_of


def test_a_channel_is_read_once_for_all_who_have_it_open_and_encoded_once(
    hall: Hall, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [hall.come(hall.one, user) for user in (group.ben, group.cho)]
    for client in (group.anns, *others):
        hall.beat(client, active=True, open=group.id)
    dans = hall.come(hall.other, group.dan)
    queued: list[bytes] = []
    for client in (group.anns, *others):
        monkeypatch.setattr(client.connection, "queue", queued.append)
    reads: list[Any] = []
    read = hall.leases.read_fields
    monkeypatch.setattr(hall.leases, "read_fields", lambda keys: reads.append(keys) or read(keys))
    hall.let_pass(REFRESH_SECONDS)
    assert len(queued) == 3
    assert len({id(frame) for frame in queued}) == 1
    assert len(reads) == 1
    hall.go(dans)


def test_nobody_sees_a_group_they_are_not_in_or_left(hall: Hall, group: Group) -> None:
    stranger = hall.come(hall.one, hall.world.person())
    hall.beat(stranger, active=True, open=group.id)
    assert shown(stranger) == {}
    bens = hall.come(hall.one, group.ben)
    hall.beat(bens, active=True, open=group.id)
    assert state(bens, group.ann) == "online"
    hall.world.remove(group.ann, group.id, group.ben)
    hall.catch_up()
    bens.take()
    hall.come(hall.other, group.cho)
    hall.let_pass(REFRESH_SECONDS + 1)
    assert frames(bens) == 0


def test_who_joins_an_open_group_is_told_and_tells(hall: Hall, group: Group) -> None:
    group.open()
    eve = hall.world.person()
    hall.come(hall.one, eve)
    hall.world.add(group.ann, group.id, eve)
    hall.catch_up()
    hall.let_pass(REFRESH_SECONDS)
    assert state(group.anns, eve) == "online"


def test_in_a_group_too_everybody_sees_only_what_they_may(hall: Hall, group: Group) -> None:
    hall.world.contact(group.cho, "block", group.ann)
    hall.friends(group.ann, group.dan)
    hall.one.visible_to |= {group.ben: "contacts", group.dan: "contacts"}
    for user in (group.ben, group.cho, group.dan):
        hall.come(hall.one, user)
    group.open()
    seen = shown(group.anns)
    assert [seen[user]["state"] for user in (group.ben, group.cho, group.dan)] == [
        "unknown",
        "unknown",
        "online",
    ]
    bens = hall.come(hall.one, group.ben)
    hall.beat(bens, active=True, open=group.id)
    assert [state(bens, user) for user in (group.ann, group.ben, group.cho)] == ["online", "online", "online"]


def test_a_newcomer_who_has_blocked_the_viewer_is_not_seen(hall: Hall, group: Group) -> None:
    eve = hall.world.person()
    hall.world.contact(eve, "block", group.ann)
    bens = hall.world.group(group.ben, group.ann)
    hall.catch_up()
    hall.beat(group.anns, active=True, open=bens)
    hall.come(hall.one, eve)
    hall.world.add(group.ben, bens, eve)
    hall.catch_up()
    hall.let_pass(2 * REFRESH_SECONDS)
    assert eve in hall.one.store.audience(bens)
    assert state(group.anns, eve) == "unknown"


def test_reads_a_second_are_bounded_and_every_group_has_its_turn(
    hall: Hall, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "READS_A_SECOND", 8)  # two groups of four
    viewers = []
    for _ in range(6):
        owner, *members = hall.world.people(4)
        channel = hall.world.group(owner, *members)
        hall.catch_up()
        viewer = hall.come(hall.one, owner)
        hall.one.presence._groups._allowance = 8
        hall.beat(viewer, active=True, open=channel)
        viewers.append((viewer, channel, members))
    for viewer, _, members in viewers:
        viewer.take()
        for member in members:
            hall.come(hall.other, member)
    hall.one.presence._groups._allowance = 0
    told: list[int] = []
    for _ in range(3 * REFRESH_SECONDS):
        hall.let_pass(1)
        told.append(sum(frames(viewer) > 0 for viewer, _, _ in viewers))
    assert told[-1] == len(viewers)
    assert all(now - before <= 4 for before, now in itertools.pairwise(told))


def test_when_the_loop_is_late_refreshes_wait(hall: Hall, group: Group) -> None:
    group.open()
    group.anns.take()
    hall.come(hall.other, group.ben)
    hall.one.lag_ms = 150.0
    hall.let_pass(4 * REFRESH_SECONDS)
    assert frames(group.anns) == 0
    hall.one.lag_ms = 20.0
    hall.let_pass(REFRESH_SECONDS)
    assert state(group.anns, group.ben) in ("online", "away")


def test_while_redis_is_away_members_elsewhere_are_unknown_and_those_here_are_not(
    hall: Hall, group: Group
) -> None:
    hall.come(hall.one, group.ben)
    hall.come(hall.other, group.cho)
    hall.leases.away = True
    group.open()
    assert [state(group.anns, user) for user in (group.ben, group.cho)] == ["online", "unknown"]
    hall.leases.away = False
    hall.let_pass(2 * REFRESH_SECONDS)
    assert [state(group.anns, user) for user in (group.ben, group.cho)] == ["online", "online"]


def test_who_asks_for_a_channel_gets_every_member(hall: Hall, group: Group) -> None:
    hall.friends(group.ann, group.ben)
    bens = hall.come(hall.other, group.ben)
    hall.come(hall.one, group.cho, active=False)
    answer = as_json(hall.one.presence.of_channel(group.ann, group.id))
    assert {user: seen["state"] for user, seen in answer.items()} == {
        group.ann: "online", group.ben: "online", group.cho: "away", group.dan: "offline",
    }  # fmt: skip
    hall.go(bens)
    hall.let_pass(GRACE_SECONDS + 1)
    assert hall.one.presence.of_channel(group.ann, group.id)[group.ben].state == "offline"


@pytest.mark.parametrize("channel_id", ["the group", "0000000000000fff"])
def test_of_a_channel_one_is_not_in_nothing_is_told(hall: Hall, group: Group, channel_id: str) -> None:
    stranger = hall.world.person()
    with pytest.raises(NotFound):
        hall.one.presence.of_channel(
            UserId(stranger), ChannelId(group.id if channel_id == "the group" else channel_id)
        )


def test_a_direct_channel_on_the_screen_is_not_read_for_its_other_side_is_watched(
    hall: Hall, group: Group
) -> None:
    direct = hall.world.direct(group.ann, group.ben)
    hall.catch_up()
    hall.beat(group.anns, active=True, open=direct)
    assert not hall.one.presence._groups._opened
    assert isinstance(group.anns.connection, Connection)
