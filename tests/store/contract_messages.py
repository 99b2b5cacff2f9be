"""Contract: what is said, changed and taken back; once, in one order."""

import msgspec
import pytest

from app.core.errors import NotFound
from app.store.drafts import ChangeChannel, CloseChannel, NewDelete, NewEdit, NewMessage
from app.store.events import EditEvent, MessageEvent, decode_event
from app.store.port import Accepted, Duplicate, Rejected, Unchanged
from tests.store.world import World, client_id, kinds, refused


class MessagesContract:
    # Order

    def test_every_event_of_a_channel_takes_the_next_seq(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        for number in range(2, 6):
            assert world.say(ann if number % 2 else ben, channel) == number
        assert [event.seq for event in world.events(ann, channel)] == [1, 2, 3, 4, 5]

    def test_every_commit_takes_the_next_g_over_all_channels(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        one, other = world.direct(ann, ben), world.direct(ann, cho)
        drafts = [NewMessage(author_id=ann, channel_id=(one, other)[n % 2], text=str(n)) for n in range(6)]
        world.store.append(drafts)
        assert [row.g for row in world.store.commits(0, 100)] == list(range(1, 9))
        assert world.store.head_g() == 8

    def test_drafts_of_one_channel_keep_their_order_and_are_neighbours_in_g(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channels = [world.direct(ann, ben), world.direct(ann, cho)]
        before = world.store.head_g()
        drafts = [NewMessage(author_id=ann, channel_id=channels[n % 2], text=str(n)) for n in range(6)]
        outcomes = world.store.append(drafts)
        for number, outcome in enumerate(outcomes):
            assert isinstance(outcome, Accepted)
            event = decode_event(outcome.event.body)
            assert isinstance(event, MessageEvent)
            assert (event.text, event.channel_id) == (str(number), channels[number % 2])
        log = world.store.commits(before, 100)
        assert [row.channel_id for row in log] == [channels[0]] * 3 + [channels[1]] * 3
        assert [row.seq for row in log] == [2, 3, 4, 2, 3, 4]

    def test_time_never_runs_backwards_within_a_channel(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel = world.direct(ann, ben)
        world.say(ann, channel)
        world.clock.ms -= 60_000
        world.say(ann, channel)
        later = [event.at for event in world.events(ann, channel)]
        assert later == sorted(later)
        elsewhere = world.direct(ann, cho)
        assert world.events(ann, elsewhere)[0].at == world.clock.ms

    def test_a_message_counts_the_messages_up_to_it_and_deleted_ones_count_on(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        first = world.say(ann, channel)
        world.delete(ann, channel, first)
        second = world.say(ann, channel)
        assert world.message(ann, channel, second).count == 2
        assert world.store.channel(ann, channel).head.count == 2

    # Once

    def test_a_repeat_is_answered_with_the_first_event_and_writes_nothing(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        draft = NewMessage(author_id=ann, channel_id=channel, client_message_id=client_id(), text="hi")
        first = world.done(draft)
        position = world.store.head_g()
        again = world.tell(draft)
        assert again == Duplicate(first)
        assert world.store.head_g() == position

    def test_a_repeat_in_the_same_batch_is_recognised(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        draft = NewMessage(author_id=ann, channel_id=channel, client_message_id=client_id(), text="hi")
        first, second = world.store.append([draft, draft])
        assert isinstance(first, Accepted)
        assert second == Duplicate(first.event)

    def test_the_same_id_with_other_content_is_a_conflict(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel, elsewhere = world.direct(ann, ben), world.direct(ann, cho)
        same = client_id()
        target = world.done(
            NewMessage(author_id=ann, channel_id=channel, client_message_id=same, text="hi")
        ).seq
        others = [
            NewMessage(author_id=ann, channel_id=channel, client_message_id=same, text="ho"),
            NewMessage(author_id=ann, channel_id=elsewhere, client_message_id=same, text="hi"),
            NewMessage(author_id=ann, channel_id=channel, client_message_id=same, text="hi", reply_to=target),
            NewEdit(author_id=ann, channel_id=channel, client_message_id=same, target=target, text="hi"),
            NewDelete(author_id=ann, channel_id=channel, client_message_id=same, target=target),
        ]
        assert [refused(world.tell(draft)) for draft in others] == ["conflict"] * 5

    def test_two_people_may_use_the_same_id(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        same = client_id()
        for author in (ann, ben):
            world.done(NewMessage(author_id=author, channel_id=channel, client_message_id=same, text="hi"))

    def test_a_repeat_after_being_put_out_still_gets_its_first_answer(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        draft = NewMessage(author_id=ben, channel_id=channel, client_message_id=client_id(), text="hi")
        first = world.done(draft)
        world.remove(ann, channel, ben)
        assert world.tell(draft) == Duplicate(first)
        fresh = NewMessage(author_id=ben, channel_id=channel, client_message_id=client_id(), text="hi")
        assert refused(world.tell(fresh)) == "not_found"

    def test_a_rejected_draft_does_not_use_up_its_id(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel = world.group(ann, ben)
        draft = NewMessage(author_id=cho, channel_id=channel, client_message_id=client_id(), text="hi")
        assert refused(world.tell(draft)) == "not_found"
        world.add(ann, channel, cho)
        world.done(draft)

    def test_a_repeat_of_an_edited_message_is_recognised_whatever_its_content(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        draft = NewMessage(author_id=ann, channel_id=channel, client_message_id=client_id(), text="first")
        seq = world.done(draft).seq
        world.edit(ann, channel, seq, "second")
        answers = [
            world.tell(draft),
            world.tell(
                NewMessage(
                    author_id=ann, channel_id=channel, client_message_id=draft.client_message_id, text="x"
                )
            ),
        ]
        for answer in answers:
            assert isinstance(answer, Duplicate)
            event = decode_event(answer.event.body)
            assert isinstance(event, MessageEvent)
            assert (event.seq, event.text) == (seq, "second")

    def test_a_repeat_of_an_edit_that_was_edited_away_is_recognised_whatever_its_content(
        self, world: World
    ) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        seq = world.say(ann, channel, "first")
        draft = NewEdit(
            author_id=ann, channel_id=channel, client_message_id=client_id(), target=seq, text="second"
        )
        world.done(draft)
        other = msgspec.structs.replace(draft, text="guessed")
        assert refused(world.tell(other)) == "conflict"
        world.edit(ann, channel, seq, "third")
        assert isinstance(world.tell(draft), Duplicate)
        assert isinstance(world.tell(other), Duplicate)

    # Rights

    @pytest.mark.parametrize("what", ["stranger", "no channel", "malformed"])
    def test_no_channel_and_not_being_in_it_look_the_same(self, world: World, what: str) -> None:
        ann, ben, cho = world.people(3)
        channel = {"stranger": world.direct(ann, ben), "no channel": world.channel_id(), "malformed": "?"}[
            what
        ]
        outcome = world.tell(NewMessage(author_id=cho, channel_id=channel, text="hi"))  # type: ignore[arg-type]
        assert refused(outcome) == "not_found"
        if what != "malformed":
            assert outcome == world.tell(NewMessage(author_id=cho, channel_id=world.channel_id(), text="hi"))

    def test_nobody_writes_into_a_personal_channel(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        world.say(ben, channel)
        world.read(ann, channel, 2)
        for author in (ann, ben):
            assert refused(world.tell(NewMessage(author_id=author, channel_id=ann, text="x"))) == "not_found"  # type: ignore[arg-type]

    def test_each_draft_of_a_batch_has_its_own_answer(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel = world.direct(ann, ben)
        outcomes = world.store.append(
            [
                NewMessage(author_id=ann, channel_id=channel, text="one"),
                NewMessage(author_id=cho, channel_id=channel, text="two"),
                NewMessage(author_id=ben, channel_id=channel, text="three"),
            ]
        )
        assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected, Accepted]
        assert [event.seq for event in world.events(ann, channel)] == [1, 2, 3]

    def test_nothing_is_said_in_a_closed_channel(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        seq = world.say(ben, channel)
        world.done(CloseChannel(author_id=ann, channel_id=channel))
        assert refused(world.tell(NewMessage(author_id=ann, channel_id=channel, text="x"))) == "forbidden"
        assert refused(world.edit(ben, channel, seq, "x")) == "forbidden"
        assert refused(world.delete(ben, channel, seq)) == "forbidden"
        assert refused(world.tell(ChangeChannel(author_id=ann, channel_id=channel, name="x"))) == "forbidden"
        assert world.store.history(ben, channel).events

    def test_a_block_by_either_side_stops_direct_messages_and_its_end_lets_them_through(
        self, world: World
    ) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        seq = world.say(ann, channel)
        for blocker, blocked in ((ann, ben), (ben, ann)):
            world.contact(blocker, "block", blocked)
            for author in (ann, ben):
                draft = NewMessage(author_id=author, channel_id=channel, text="x")
                assert refused(world.tell(draft)) == "forbidden"
            assert refused(world.edit(ann, channel, seq, "x")) == "forbidden"
        world.contact(ann, "remove", ben)
        assert refused(world.tell(NewMessage(author_id=ann, channel_id=channel, text="x"))) == "forbidden"
        world.contact(ben, "remove", ann)
        world.say(ann, channel)

    def test_people_who_block_each_other_still_talk_in_groups(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        world.contact(ben, "block", ann)
        world.say(ann, channel)

    # Replies

    def test_a_reply_names_a_message_of_its_channel(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel, elsewhere = world.direct(ann, ben), world.direct(ann, cho)
        seq = world.say(ann, channel)
        reply = world.done(NewMessage(author_id=ben, channel_id=channel, text="yes", reply_to=seq))
        assert world.message(ann, channel, reply.seq).reply_to == seq
        for wrong in (1, 99, 0, -1):  # a join, and no event
            draft = NewMessage(author_id=ben, channel_id=channel, text="yes", reply_to=wrong)
            assert refused(world.tell(draft)) == "invalid"
        assert (
            refused(world.tell(NewMessage(author_id=ann, channel_id=elsewhere, text="x", reply_to=2)))
            == "invalid"
        )

    # Edits

    def test_an_edit_changes_the_message_where_it_stands(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        seq = world.say(ann, channel, "first")
        before = world.store.event(ann, channel, seq)
        world.clock.ms += 5
        outcome = world.edit(ann, channel, seq, "second")
        assert isinstance(outcome, Accepted)
        after = world.store.event(ben, channel, seq)
        assert (after.g, after.seq) == (before.g, before.seq)
        message = world.message(ben, channel, seq)
        assert (message.text, message.version, message.edited_at) == (
            "second",
            outcome.event.seq,
            world.clock.ms,
        )
        edit = decode_event(outcome.event.body)
        assert isinstance(edit, EditEvent)
        assert (edit.target, edit.text) == (seq, "second")

    def test_an_edit_to_the_same_text_changes_nothing(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        seq = world.say(ann, channel, "same")
        position = world.store.head_g()
        assert world.edit(ann, channel, seq, "same") == Unchanged(world.store.event(ann, channel, seq))
        assert world.store.head_g() == position

    def test_only_its_author_edits_a_message(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel = world.group(ann, ben)
        seq = world.say(ben, channel)
        assert refused(world.edit(ann, channel, seq, "x")) == "forbidden"
        assert refused(world.edit(cho, channel, seq, "x")) == "not_found"
        world.remove(ann, channel, ben)
        assert refused(world.edit(ben, channel, seq, "x")) == "not_found"

    @pytest.mark.parametrize("target", [0, 1, 99, -3])
    def test_only_a_message_can_be_edited_or_deleted(self, world: World, target: int) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        assert refused(world.edit(ann, channel, target, "x")) == "not_found"
        assert refused(world.delete(ann, channel, target)) == "not_found"

    def test_what_was_edited_away_is_in_no_answer(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        start = world.here()
        seq = world.say(ann, channel, "secret one")
        world.edit(ann, channel, seq, "secret two")
        world.edit(ann, channel, seq, "plain")
        answers = [
            *world.store.history(ben, channel).events,
            *world.store.events(ben, channel, 0, 100).events,
            *world.store.inbox(ben, start).events,
            *world.store.commits(0, 100),
        ]
        assert not [row for row in answers if b"secret" in row.body]
        assert [row for row in answers if b"plain" in row.body]
        first_edit = world.events(ben, channel)[seq]
        assert isinstance(first_edit, EditEvent)
        assert (first_edit.text, first_edit.version) == ("", seq + 2)

    # Deletes

    def test_a_deleted_message_has_no_text_anywhere(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        start = world.here()
        seq = world.say(ann, channel, "secret")
        world.edit(ann, channel, seq, "secret too")
        assert isinstance(world.delete(ann, channel, seq), Accepted)
        message = world.message(ben, channel, seq)
        assert (message.text, message.deleted, message.version) == (None, True, seq + 2)
        answers = [*world.store.inbox(ben, start).events, *world.store.commits(0, 100)]
        assert not [row for row in answers if b"secret" in row.body]
        assert kinds(world.events(ben, channel)) == ["join", "message", "edit", "delete"]

    def test_deleting_again_changes_nothing_and_editing_finds_nothing(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        seq = world.say(ann, channel)
        world.delete(ann, channel, seq)
        position = world.store.head_g()
        assert isinstance(world.delete(ann, channel, seq), Unchanged)
        assert refused(world.edit(ann, channel, seq, "x")) == "not_found"
        assert world.store.head_g() == position

    def test_those_in_charge_of_a_group_delete_any_message_and_others_only_their_own(
        self, world: World
    ) -> None:
        ann, ben, cho = world.people(3)
        channel = world.group(ann, ben, cho)
        by_ann, by_ben = world.say(ann, channel), world.say(ben, channel)
        assert refused(world.delete(ben, channel, by_ann)) == "forbidden"
        assert isinstance(world.delete(ben, channel, by_ben), Accepted)
        by_ben = world.say(ben, channel)
        assert isinstance(world.delete(ann, channel, by_ben), Accepted)

    def test_in_a_direct_channel_nobody_deletes_what_the_other_said(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        seq = world.say(ann, channel)
        assert refused(world.delete(ben, channel, seq)) == "forbidden"

    def test_a_message_can_be_taken_back_from_somebody_who_blocks(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        seq = world.say(ann, channel)
        world.contact(ben, "block", ann)
        assert isinstance(world.delete(ann, channel, seq), Accepted)

    def test_a_message_edited_in_the_batch_that_sent_it_has_its_last_text(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        world.store.append(
            [
                NewMessage(author_id=ann, channel_id=channel, text="one"),
                NewEdit(author_id=ann, channel_id=channel, target=2, text="two"),
                NewMessage(author_id=ann, channel_id=channel, text="gone"),
                NewDelete(author_id=ann, channel_id=channel, target=4),
            ]
        )
        assert world.message(ben, channel, 2).text == "two"
        assert world.message(ben, channel, 4).deleted
        with pytest.raises(NotFound):
            world.store.event(ben, channel, 6)
