"""Contract: read markers, notification settings, contacts; what concerns one person is in their own channel."""

from app.core.ids import ChannelId, UserId, personal_channel
from app.store.drafts import NewMessage, SetContact, SetNotifications, TellProfile
from app.store.events import ContactEvent, ProfileChanged, ReadEvent, SettingsEvent, decode_event
from app.store.port import Accepted, Duplicate, Unchanged
from tests.store.world import World, client_id, kinds, refused


class PersonalContract:
    # Read markers

    def test_unread_is_what_was_said_after_the_marker(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        for _ in range(3):
            world.say(ann, channel)
        assert world.store.channel(ben, channel).unread == 3
        world.read(ben, channel, 3)
        assert world.store.channel(ben, channel).unread == 1

    def test_edits_and_joins_are_not_unread_and_deleted_messages_are(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel = world.group(ann, ben)
        seq = world.say(ann, channel)
        world.edit(ann, channel, seq, "x")
        world.delete(ann, channel, seq)
        world.add(ann, channel, cho)
        assert world.store.channel(ben, channel).unread == 1

    def test_a_marker_is_an_event_in_the_persons_own_channel(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        seq = world.say(ann, channel)
        outcome = world.read(ben, channel, seq)
        assert isinstance(outcome, Accepted)
        event = decode_event(outcome.event.body)
        assert isinstance(event, ReadEvent)
        assert (event.channel_id, event.seq, event.target_channel_id, event.read_seq) == (
            ben,
            1,
            channel,
            seq,
        )
        assert world.store.audience(ChannelId(ben)) == [ben]

    def test_a_marker_only_moves_forward_and_to_the_head_at_most(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        world.say_many(ann, channel, 3)
        assert isinstance(world.read(ben, channel, 999), Accepted)
        assert world.store.channel(ben, channel).read_seq == 4
        for seq in (999, 4, 2, 0, -1):
            assert isinstance(world.read(ben, channel, seq), Unchanged)
        assert world.store.channel(ben, channel).read_seq == 4

    def test_sending_moves_ones_own_marker_without_an_event(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        world.say(ann, channel)
        seq = world.say(ben, channel)
        state = world.store.channel(ben, channel)
        assert (state.unread, state.read_seq) == (0, seq)
        assert world.events(ben, ChannelId(ben)) == []

    def test_only_members_mark_a_channel(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel = world.group(ann, ben)
        world.remove(ben, channel, ben)
        for stranger in (ben, cho):
            assert refused(world.read(stranger, channel, 1)) == "not_found"

    def test_others_see_how_far_a_member_has_read(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        seq = world.say(ann, channel)
        world.read(ben, channel, seq)
        assert {member.user_id: member.read_seq for member in world.store.members(ann, channel)} == {
            ann: seq,
            ben: seq,
        }

    # Notification settings

    def test_a_setting_is_kept_and_is_an_event_of_ones_own(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        draft = SetNotifications(author_id=ben, channel_id=channel, level="none", muted_until=5)
        event = decode_event(world.done(draft).body)
        assert isinstance(event, SettingsEvent)
        assert (event.channel_id, event.target_channel_id) == (ben, channel)
        assert (event.notification_level, event.muted_until) == ("none", 5)
        state = world.store.channel(ben, channel)
        assert (state.notification_level, state.muted_until) == ("none", 5)
        other = world.store.channel(ann, channel)
        assert (other.notification_level, other.muted_until) == ("all", None)
        assert isinstance(world.tell(draft), Unchanged)

    def test_only_members_set_notifications(self, world: World) -> None:
        ann, ben = world.people(2)
        draft = SetNotifications(author_id=ben, channel_id=world.group(ann), level="none")
        assert refused(world.tell(draft)) == "not_found"

    def test_a_changed_profile_is_an_event_of_ones_own_that_says_only_what_changed(
        self, world: World
    ) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        event = world.done(profile(ben, ProfileChanged(display_name="벤", locale=None)))
        assert (event.channel_id, event.seq, event.kind) == (ben, 1, "settings")
        assert b'"profile":{"display_name":"\xeb\xb2\xa4","locale":null}' in event.body
        assert decode_event(event.body) == world.events(ben, ChannelId(ben))[-1]
        assert kinds(world.events(ann, channel)) == ["join"]
        assert world.events(ann, ChannelId(ann)) == []

    def test_a_changed_profile_is_told_once_however_often_it_is_said(self, world: World) -> None:
        ann = world.person()
        draft = profile(ann, ProfileChanged(display_name="Ann"))
        event = world.done(draft)
        assert world.tell(draft) == Duplicate(event)
        other = profile(ann, ProfileChanged(display_name="Anna"), draft.client_message_id)
        assert refused(world.tell(other)) == "conflict"
        assert kinds(world.events(ann, ChannelId(ann))) == ["settings"]

    def test_nobody_tells_the_profile_of_somebody_else(self, world: World) -> None:
        ann, ben = world.people(2)
        foreign = TellProfile(
            author_id=ann, channel_id=ChannelId(ben), profile=ProfileChanged(display_name="x")
        )
        assert refused(world.tell(foreign)) == "not_found"

    # Contacts

    def test_a_request_is_in_both_logs_and_accepting_makes_contacts(self, world: World) -> None:
        ann, ben = world.people(2)
        outcome = world.contact(ann, "request", ben)
        assert isinstance(outcome, Accepted)
        assert [row.channel_id for row in outcome.events] == [ben, ann]
        assert standing(world, ann, ben) == [("requested", False), ("requested", True)]
        assert refused(world.contact(ann, "accept", ben)) == "not_found"
        world.contact(ben, "accept", ann)
        assert standing(world, ann, ben) == [("accepted", False), ("accepted", False)]
        for user in (ann, ben):
            assert kinds(world.events(user, ChannelId(user))) == ["contact", "contact"]

    def test_two_who_ask_each_other_are_contacts(self, world: World) -> None:
        ann, ben = world.people(2)
        world.contact(ann, "request", ben)
        world.contact(ben, "request", ann)
        assert standing(world, ann, ben) == [("accepted", False), ("accepted", False)]

    def test_asking_again_changes_nothing(self, world: World) -> None:
        ann, ben = world.people(2)
        world.contact(ann, "request", ben)
        assert isinstance(world.contact(ann, "request", ben), Unchanged)
        world.contact(ben, "accept", ann)
        assert isinstance(world.contact(ann, "request", ben), Unchanged)
        assert isinstance(world.contact(ben, "accept", ann), Unchanged)

    def test_nobody_asks_themselves_nor_for_others(self, world: World) -> None:
        ann, ben = world.people(2)
        assert refused(world.contact(ann, "request", ann)) == "invalid"
        foreign = SetContact(author_id=ann, channel_id=ChannelId(ben), other_id=ben, action="request")
        assert refused(world.tell(foreign)) == "not_found"

    def test_removing_ends_it_for_both(self, world: World) -> None:
        ann, ben = world.people(2)
        world.contact(ann, "request", ben)
        world.contact(ben, "accept", ann)
        world.contact(ann, "remove", ben)
        assert standing(world, ann, ben) == [None, None]
        assert world.store.contacts(ann) == []
        assert isinstance(world.contact(ann, "remove", ben), Unchanged)
        last = world.events(ben, ChannelId(ben))[-1]
        assert isinstance(last, ContactEvent)
        assert (last.user_id, last.state) == (ann, "none")

    def test_who_is_blocked_sees_nothing_of_it(self, world: World) -> None:
        ann, ben = world.people(2)
        world.contact(ann, "request", ben)
        world.contact(ben, "accept", ann)
        seen = world.events(ann, ChannelId(ann))
        world.contact(ben, "block", ann)
        assert standing(world, ann, ben) == [("accepted", False), ("blocked", False)]
        assert world.events(ann, ChannelId(ann)) == seen
        world.contact(ann, "remove", ben)
        world.contact(ann, "request", ben)
        assert standing(world, ann, ben) == [("requested", False), ("blocked", False)]
        assert kinds(world.events(ben, ChannelId(ben))) == ["contact"] * 3

    def test_peers_are_those_of_the_direct_channels_one_is_in(self, world: World) -> None:
        ann, ben, cho, dan = world.people(4)
        world.direct(ann, ben)
        world.direct(cho, ann)
        world.group(ann, ben, dan)
        assert sorted(world.store.peers(ann)) == [ben, cho]
        assert world.store.peers(cho) == [ann]
        assert world.store.peers(dan) == []

    def test_who_has_blocked_somebody_is_found_among_others(self, world: World) -> None:
        ann, ben, cho, dan = world.people(4)
        world.contact(ben, "block", ann)
        world.contact(ann, "block", cho)
        world.contact(dan, "block", ann)
        assert world.store.blocked_by(ann, [ben, cho]) == {ben}
        world.contact(ben, "remove", ann)
        assert world.store.blocked_by(ann, [ben, cho, dan]) == {dan}

    def test_a_block_ends_when_its_author_removes_it_and_nobody_else_learns(self, world: World) -> None:
        ann, ben = world.people(2)
        world.contact(ann, "block", ben)
        assert isinstance(world.contact(ann, "block", ben), Unchanged)
        assert refused(world.contact(ann, "request", ben)) == "forbidden"
        world.contact(ann, "remove", ben)
        assert standing(world, ann, ben) == [None, None]
        assert world.events(ben, ChannelId(ben)) == []

    def test_contacts_are_listed_with_since_when(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        world.contact(ann, "request", ben)
        world.clock.ms += 10
        world.contact(cho, "request", ann)
        assert [(c.user_id, c.incoming, c.since) for c in world.store.contacts(ann)] == [
            (ben, False, world.clock.ms - 10),
            (cho, True, world.clock.ms),
        ]

    def test_a_block_before_the_channel_exists_and_one_after_count_the_same(self, world: World) -> None:
        ann, ben = world.people(2)
        world.contact(ann, "block", ben)
        world.contact(ann, "remove", ben)
        channel = world.direct(ann, ben)
        world.contact(ann, "block", ben)
        assert refused(world.tell(NewMessage(author_id=ben, channel_id=channel, text="x"))) == "forbidden"
        world.contact(ann, "remove", ben)
        world.say(ben, channel)


def profile(user: UserId, changed: ProfileChanged, said_as: str | None = None) -> TellProfile:
    return TellProfile(
        author_id=user,
        channel_id=personal_channel(user),
        client_message_id=said_as or client_id(),
        profile=changed,
    )


def standing(world: World, one: str, other: str) -> list[tuple[str, bool] | None]:
    """How each of two people stands with the other."""
    found = [world.store.contact(one, other), world.store.contact(other, one)]  # type: ignore[arg-type]
    return [(contact.state, contact.incoming) if contact else None for contact in found]
