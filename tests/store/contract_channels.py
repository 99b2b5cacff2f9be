"""Contract: opening, naming and closing conversations."""

from app.store.drafts import (
    MAX_MEMBERS,
    ChangeChannel,
    CloseChannel,
    NewDirect,
    NewGroup,
    NewMessage,
    SetRole,
)
from app.store.events import ChannelEvent, JoinEvent, decode_event
from app.store.port import Accepted, Duplicate, Existing, Rejected, Unchanged
from tests.store.world import World, client_id, kinds, refused


class ChannelsContract:
    def test_a_direct_channel_begins_with_both_people_joining(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        (join,) = world.events(ben, channel)
        assert isinstance(join, JoinEvent)
        assert (join.seq, join.author_id, join.user_ids) == (1, ann, [ann, ben])
        state = world.store.channel(ben, channel)
        assert (state.kind, state.peer_id, state.member_count, state.role) == ("direct", ann, 2, "member")
        assert world.store.audience(channel) == [ann, ben]

    def test_a_pair_has_one_channel_whoever_opens_it(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        for one, other in ((ann, ben), (ben, ann)):
            draft = NewDirect(author_id=one, channel_id=world.channel_id(), peer_id=other)
            assert world.tell(draft) == Existing(channel)

    def test_a_pair_that_opens_at_once_from_both_sides_gets_one_channel(self, world: World) -> None:
        ann, ben = world.people(2)
        outcomes = world.store.append(
            [
                NewDirect(author_id=ann, channel_id=world.channel_id(), peer_id=ben),
                NewDirect(author_id=ben, channel_id=world.channel_id(), peer_id=ann),
            ]
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Accepted", "Existing"]
        assert world.store.channel_ids(ann) == world.store.channel_ids(ben)
        assert len(world.store.channel_ids(ann)) == 1

    def test_nobody_opens_a_direct_channel_with_themselves(self, world: World) -> None:
        ann = world.person()
        draft = NewDirect(author_id=ann, channel_id=world.channel_id(), peer_id=ann)
        assert refused(world.tell(draft)) == "invalid"

    def test_blocked_people_open_nothing_but_find_what_there_is(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel = world.direct(ann, ben)
        for other in (ben, cho):
            world.contact(other, "block", ann)
        assert world.tell(NewDirect(author_id=ann, channel_id=world.channel_id(), peer_id=ben)) == Existing(
            channel
        )
        for one, other in ((ann, cho), (cho, ann)):
            draft = NewDirect(author_id=one, channel_id=world.channel_id(), peer_id=other)
            assert refused(world.tell(draft)) == "forbidden"

    def test_a_group_begins_with_one_join_of_all_its_people(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        draft = NewGroup(
            author_id=ann,
            channel_id=world.channel_id(),
            name="마루",
            topic="talk",
            member_ids=[ben, ann, cho, ben],
        )
        committed = world.done(draft)
        join = decode_event(committed.body)
        assert isinstance(join, JoinEvent)
        assert (join.seq, join.user_ids) == (1, [ann, ben, cho])
        state = world.store.channel(ann, draft.channel_id)
        assert (state.kind, state.name, state.topic, state.role) == ("group", "마루", "talk", "owner")
        assert (state.member_count, state.head.count, state.unread, state.peer_id) == (3, 0, 0, None)
        assert world.store.channel(ben, draft.channel_id).role == "member"

    def test_a_group_of_one_is_a_group(self, world: World) -> None:
        ann = world.person()
        assert world.store.channel(ann, world.group(ann)).member_count == 1

    def test_a_group_has_at_most_a_hundred_people(self, world: World) -> None:
        ann, *others = world.people(MAX_MEMBERS + 1)
        draft = NewGroup(author_id=ann, channel_id=world.channel_id(), name="x", member_ids=others)
        assert refused(world.tell(draft)) == "too_many_members"
        channel = world.group(ann, *others[:-1])
        assert world.store.channel(ann, channel).member_count == MAX_MEMBERS
        assert refused(world.add(ann, channel, others[-1])) == "too_many_members"

    def test_an_id_in_use_is_refused(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann)
        assert (
            refused(world.tell(NewGroup(author_id=ben, channel_id=channel, name="x", member_ids=[])))
            == "conflict"
        )
        assert refused(world.tell(NewDirect(author_id=ben, channel_id=channel, peer_id=ann))) == "conflict"

    def test_opening_again_with_the_same_client_id_finds_the_first_whatever_id_was_drawn(
        self, world: World
    ) -> None:
        ann, ben = world.people(2)
        same = client_id()
        drafts = [
            NewGroup(
                author_id=ann,
                channel_id=world.channel_id(),
                client_message_id=same,
                name="x",
                member_ids=[ben],
            )
            for _ in range(2)
        ]
        first = world.done(drafts[0])
        assert world.tell(drafts[1]) == Duplicate(first)

    def test_who_blocked_the_author_is_not_brought_into_groups(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        world.contact(ben, "block", ann)
        draft = NewGroup(author_id=ann, channel_id=world.channel_id(), name="x", member_ids=[ben, cho])
        outcome = world.tell(draft)
        assert isinstance(outcome, Rejected)
        assert (outcome.code, list(outcome.fields)) == ("forbidden", [ben])
        channel = world.group(ann, cho)
        outcome = world.add(ann, channel, ben)
        assert isinstance(outcome, Rejected)
        assert (outcome.code, list(outcome.fields)) == ("forbidden", [ben])
        assert isinstance(world.add(cho, channel, ben), Accepted)

    # Changing

    def test_a_change_says_only_what_differs(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        committed = world.done(
            ChangeChannel(author_id=ann, channel_id=channel, name="hall", topic="new", avatar_id="a1")
        )
        event = decode_event(committed.body)
        assert isinstance(event, ChannelEvent)
        assert (event.name, event.topic, event.avatar_id, event.closed) == (None, "new", "a1", False)
        state = world.store.channel(ben, channel)
        assert (state.name, state.topic, state.avatar_id) == ("hall", "new", "a1")

    def test_an_empty_topic_or_avatar_takes_it_away(self, world: World) -> None:
        ann = world.person()
        channel = world.group(ann)
        world.done(ChangeChannel(author_id=ann, channel_id=channel, topic="t", avatar_id="a"))
        event = decode_event(
            world.done(ChangeChannel(author_id=ann, channel_id=channel, topic="", avatar_id="")).body
        )
        assert isinstance(event, ChannelEvent)
        assert (event.topic, event.avatar_id) == ("", "")
        state = world.store.channel(ann, channel)
        assert (state.topic, state.avatar_id) == ("", None)

    def test_a_change_to_what_is_there_already_changes_nothing(self, world: World) -> None:
        ann = world.person()
        channel = world.group(ann)
        for draft in (
            ChangeChannel(author_id=ann, channel_id=channel, name="hall"),
            ChangeChannel(author_id=ann, channel_id=channel, avatar_id=""),
            ChangeChannel(author_id=ann, channel_id=channel),
        ):
            assert isinstance(world.tell(draft), Unchanged)

    def test_only_those_in_charge_change_a_group_and_nobody_a_direct_channel(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel, direct = world.group(ann, ben), world.direct(ann, ben)
        assert refused(world.tell(ChangeChannel(author_id=ben, channel_id=channel, name="x"))) == "forbidden"
        assert refused(world.tell(ChangeChannel(author_id=ann, channel_id=direct, name="x"))) == "forbidden"
        assert refused(world.tell(ChangeChannel(author_id=cho, channel_id=channel, name="x"))) == "not_found"
        world.done(SetRole(author_id=ann, channel_id=channel, user_id=ben, role="admin"))
        world.done(ChangeChannel(author_id=ben, channel_id=channel, name="x"))

    # Closing

    def test_only_the_owner_closes_a_group_and_it_can_still_be_read_and_left(self, world: World) -> None:
        ann, ben = world.people(2)
        channel, direct = world.group(ann, ben), world.direct(ann, ben)
        assert refused(world.tell(CloseChannel(author_id=ben, channel_id=channel))) == "forbidden"
        assert refused(world.tell(CloseChannel(author_id=ann, channel_id=direct))) == "forbidden"
        event = decode_event(world.done(CloseChannel(author_id=ann, channel_id=channel)).body)
        assert isinstance(event, ChannelEvent)
        assert event.closed
        assert world.store.channel(ben, channel).closed
        assert isinstance(world.tell(CloseChannel(author_id=ann, channel_id=channel)), Unchanged)
        assert refused(world.add(ann, channel, world.person())) == "forbidden"
        assert refused(world.remove(ann, channel, ben)) == "forbidden"
        assert isinstance(world.remove(ben, channel, ben), Accepted)
        assert kinds(world.events(ann, channel)) == ["join", "channel", "leave"]

    def test_a_message_after_the_close_in_one_batch_is_refused(self, world: World) -> None:
        ann = world.person()
        channel = world.group(ann)
        outcomes = world.store.append(
            [
                NewMessage(author_id=ann, channel_id=channel, text="before"),
                CloseChannel(author_id=ann, channel_id=channel),
                NewMessage(author_id=ann, channel_id=channel, text="after"),
            ]
        )
        assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted, Rejected]
