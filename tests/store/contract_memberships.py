"""Contract: membership is a function of the log, and a group always has one owner."""

import pytest

from app.core.errors import NotFound
from app.store.drafts import NewMessage, RemoveMember, SetRole
from app.store.events import JoinEvent, LeaveEvent, RoleEvent, decode_event
from app.store.port import Accepted, Unchanged
from tests.store.world import World, kinds, refused


class MembershipsContract:
    def test_any_member_of_a_group_brings_people_in_with_one_event(self, world: World) -> None:
        ann, ben, cho, dan = world.people(4)
        channel = world.group(ann, ben)
        outcome = world.add(ben, channel, cho, ann, dan, cho)
        assert isinstance(outcome, Accepted)
        join = decode_event(outcome.event.body)
        assert isinstance(join, JoinEvent)
        assert join.user_ids == [cho, dan]
        assert world.store.audience(channel) == [ann, ben, cho, dan]
        assert world.store.channel(dan, channel).member_count == 4

    def test_adding_those_who_are_in_changes_nothing(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        assert isinstance(world.add(ann, channel, ben, ann), Unchanged)

    def test_strangers_add_nobody_and_nobody_adds_to_a_direct_channel(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel, direct = world.group(ann), world.direct(ann, ben)
        assert refused(world.add(ben, channel, cho)) == "not_found"
        assert refused(world.add(ann, direct, cho)) == "forbidden"

    def test_what_was_said_before_joining_is_not_unread_but_can_be_read(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann)
        world.say_many(ann, channel, 5)
        world.add(ann, channel, ben)
        state = world.store.channel(ben, channel)
        assert (state.unread, state.read_seq, state.head.count) == (0, 7, 5)
        assert len(world.store.history(ben, channel).events) == 7
        world.say(ann, channel)
        assert world.store.channel(ben, channel).unread == 1

    def test_a_person_who_left_reads_nothing_and_is_in_no_list(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        seq = world.say(ann, channel)
        outcome = world.remove(ben, channel, ben)
        assert isinstance(outcome, Accepted)
        leave = decode_event(outcome.event.body)
        assert isinstance(leave, LeaveEvent)
        assert (leave.user_id, leave.author_id) == (ben, ben)
        for look in (
            lambda: world.store.channel(ben, channel),
            lambda: world.store.history(ben, channel),
            lambda: world.store.events(ben, channel, 0, 10),
            lambda: world.store.event(ben, channel, seq),
            lambda: world.store.members(ben, channel),
        ):
            with pytest.raises(NotFound):
                look()
        assert world.store.channel_ids(ben) == []
        assert world.store.heads(ben).channels == []
        assert world.store.audience(channel) == [ann]
        assert [member.user_id for member in world.store.members(ann, channel)] == [ann]

    def test_an_unknown_channel_and_one_of_others_raise_the_same(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann)
        details = []
        for asked in (channel, world.channel_id()):
            with pytest.raises(NotFound) as raised:
                world.store.history(ben, asked)
            details.append(raised.value.detail)
        assert details[0] == details[1]

    def test_who_comes_back_reads_all_of_the_history(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        world.remove(ben, channel, ben)
        world.say(ann, channel, "meanwhile")
        world.add(ann, channel, ben)
        assert kinds(world.events(ben, channel)) == ["join", "leave", "message", "join"]
        assert world.store.channel(ben, channel).unread == 0

    def test_removing_who_is_not_in_changes_nothing(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann)
        assert isinstance(world.remove(ann, channel, ben), Unchanged)

    def test_the_owner_puts_anyone_out_and_admins_plain_members(self, world: World) -> None:
        ann, ben, cho, dan = world.people(4)
        channel = world.group(ann, ben, cho, dan)
        world.done(SetRole(author_id=ann, channel_id=channel, user_id=ben, role="admin"))
        world.done(SetRole(author_id=ann, channel_id=channel, user_id=cho, role="admin"))
        assert refused(world.remove(dan, channel, ann)) == "forbidden"
        assert refused(world.remove(ben, channel, cho)) == "forbidden"
        assert refused(world.remove(ben, channel, ann)) == "forbidden"
        assert isinstance(world.remove(ben, channel, dan), Accepted)
        assert isinstance(world.remove(ann, channel, cho), Accepted)

    def test_a_direct_channel_cannot_be_left(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        assert refused(world.remove(ann, channel, ann)) == "forbidden"
        assert refused(world.remove(ann, channel, ben)) == "forbidden"

    def test_in_one_batch_who_leaves_in_the_middle_gets_what_came_before(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        start = world.here()
        world.store.append(
            [
                NewMessage(author_id=ann, channel_id=channel, text="before"),
                RemoveMember(author_id=ann, channel_id=channel, user_id=ben),
                NewMessage(author_id=ann, channel_id=channel, text="after"),
            ]
        )
        assert world.missed(ben, start) == [(channel, 2), (channel, 3)]
        assert world.missed(ann, start) == [(channel, 2), (channel, 3), (channel, 4)]

    # Roles

    def test_the_owner_gives_and_takes_the_admin_role(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        for role in ("admin", "member"):
            committed = world.done(SetRole(author_id=ann, channel_id=channel, user_id=ben, role=role))  # type: ignore[arg-type]
            event = decode_event(committed.body)
            assert isinstance(event, RoleEvent)
            assert (event.user_id, event.role) == (ben, role)
            assert world.store.channel(ben, channel).role == role
        again = SetRole(author_id=ann, channel_id=channel, user_id=ben, role="member")
        assert isinstance(world.tell(again), Unchanged)

    def test_only_the_owner_gives_roles_and_only_to_members(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel = world.group(ann, ben)
        world.done(SetRole(author_id=ann, channel_id=channel, user_id=ben, role="admin"))
        by_admin = SetRole(author_id=ben, channel_id=channel, user_id=ben, role="owner")
        assert refused(world.tell(by_admin)) == "forbidden"
        to_stranger = SetRole(author_id=ann, channel_id=channel, user_id=cho, role="admin")
        assert refused(world.tell(to_stranger)) == "not_found"
        direct = world.direct(ann, ben)
        in_direct = SetRole(author_id=ann, channel_id=direct, user_id=ben, role="owner")
        assert refused(world.tell(in_direct)) == "forbidden"

    def test_ownership_is_handed_on_and_the_former_owner_is_admin(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        outcome = world.tell(SetRole(author_id=ann, channel_id=channel, user_id=ben, role="owner"))
        assert isinstance(outcome, Accepted)
        events = [decode_event(row.body) for row in outcome.events]
        assert [(event.user_id, event.role) for event in events if isinstance(event, RoleEvent)] == [
            (ann, "admin"),
            (ben, "owner"),
        ]
        assert world.store.channel(ann, channel).role == "admin"
        assert world.store.channel(ben, channel).role == "owner"

    def test_an_owner_cannot_just_lay_down_the_role(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        draft = SetRole(author_id=ann, channel_id=channel, user_id=ann, role="member")
        assert refused(world.tell(draft)) == "forbidden"

    def test_when_the_owner_leaves_the_longest_serving_admin_follows(self, world: World) -> None:
        ann, ben, cho, dan = world.people(4)
        channel = world.group(ann, ben)
        world.add(ann, channel, dan)
        world.add(ann, channel, cho)
        for admin in (cho, dan):
            world.done(SetRole(author_id=ann, channel_id=channel, user_id=admin, role="admin"))
        outcome = world.remove(ann, channel, ann)
        assert isinstance(outcome, Accepted)
        assert [row.kind for row in outcome.events] == ["role", "leave"]
        assert world.store.channel(dan, channel).role == "owner"
        assert world.store.channel(cho, channel).role == "admin"

    def test_without_admins_the_longest_serving_member_follows(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel = world.group(ann, ben, cho)
        world.remove(ben, channel, ben)
        world.add(ann, channel, ben)
        world.remove(ann, channel, ann)
        assert world.store.channel(cho, channel).role == "owner"

    def test_the_last_one_out_leaves_an_empty_group(self, world: World) -> None:
        ann = world.person()
        channel = world.group(ann)
        outcome = world.remove(ann, channel, ann)
        assert isinstance(outcome, Accepted)
        assert [row.kind for row in outcome.events] == ["leave"]
        assert world.store.audience(channel) == []

    def test_an_admin_who_comes_back_is_a_plain_member(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        world.done(SetRole(author_id=ann, channel_id=channel, user_id=ben, role="admin"))
        world.remove(ben, channel, ben)
        world.add(ann, channel, ben)
        assert world.store.channel(ben, channel).role == "member"
