"""Contract: the inbox is exactly what a person may see beyond a position, oldest first, in bounded pages."""

import pytest

from app.core.ids import ChannelId
from app.store.cursor import Position
from app.store.drafts import SetContact
from app.store.port import MAX_INBOX_BYTES, MAX_INBOX_EVENTS, RESET_ABOVE
from tests.store.world import World, places


class InboxContract:
    def test_all_channels_come_merged_in_the_order_of_their_commits(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        one, two = world.direct(ann, ben), world.direct(ann, cho)
        start = world.here()
        for channel, author in ((one, ben), (two, cho), (one, ann), (two, cho)):
            world.say(author, channel)
        world.read(ann, one, 3)
        page = world.store.inbox(ann, start)
        assert places(page.events) == [(one, 2), (two, 2), (one, 3), (two, 3)]
        assert (page.more, page.resync, page.reset) == (False, False, [])
        assert page.position == world.here()
        assert page.g == world.store.head_g()
        assert sorted(page.channel_ids) == sorted([one, two])

    def test_what_is_ones_own_alone_is_in_the_own_inbox_only(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        world.say(ann, channel)
        start = world.here()
        world.read(ben, channel, 2)
        world.contact(ben, "block", ann)
        assert places(world.store.inbox(ben, start).events) == [(ben, 1), (ben, 2)]
        assert world.store.inbox(ann, start).events == []

    def test_the_position_moves_when_nothing_of_ones_own_happened(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        start = world.here()
        world.direct(ann, ben)
        page = world.store.inbox(cho, start)
        assert (page.events, page.more, page.position) == ([], False, world.here())

    def test_asking_again_from_the_same_position_gives_the_same(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        start = world.here()
        world.say_many(ann, channel, 5)
        assert world.store.inbox(ben, start) == world.store.inbox(ben, start)

    def test_a_row_is_missed_in_its_present_state(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        start = world.here()
        seq = world.say(ann, channel, "first")
        world.edit(ann, channel, seq, "second")
        page = world.store.inbox(ben, start)
        assert [row.kind for row in page.events] == ["message", "edit"]
        assert page.events[0].body == world.store.event(ben, channel, seq).body

    # Membership

    def test_one_gets_what_lies_between_ones_own_join_and_leave_both_included(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann)  # 1
        world.say(ann, channel)  # 2
        world.add(ann, channel, ben)  # 3
        world.say(ann, channel)  # 4
        world.remove(ann, channel, ben)  # 5
        world.say(ann, channel)  # 6
        world.add(ann, channel, ben)  # 7
        world.say(ann, channel)  # 8
        assert [seq for _, seq in world.missed(ben, world.beginning())] == [3, 4, 5, 7, 8]

    def test_a_position_in_the_middle_of_a_stay_continues_there(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        marks = []
        for _ in range(4):
            world.say(ann, channel)
            marks.append(world.here())
        world.remove(ben, channel, ben)
        world.say(ann, channel)
        assert [
            [seq for _, seq in world.missed(ben, position)] for position in [world.beginning(), *marks]
        ] == [
            [1, 2, 3, 4, 5, 6],
            [3, 4, 5, 6],
            [4, 5, 6],
            [5, 6],
            [6],
        ]

    def test_after_the_leave_nothing_comes(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        world.remove(ben, channel, ben)
        position = world.here()
        world.say(ann, channel)
        assert world.missed(ben, position) == []
        assert world.store.inbox(ben, position).channel_ids == []

    # Pages

    @pytest.mark.parametrize(
        ("count", "pages"), [(MAX_INBOX_EVENTS, [500]), (MAX_INBOX_EVENTS + 1, [500, 1])]
    )
    def test_a_page_has_five_hundred_events_at_most(self, world: World, count: int, pages: list[int]) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        start = world.here()
        world.say_many(ann, channel, count)
        got = world.catch_up(ben, start)
        assert [len(page.events) for page in got] == pages
        assert [page.more for page in got] == [False] if count == 500 else [True, False]
        assert [seq for page in got for _, seq in places(page.events)] == list(range(2, count + 2))
        assert world.store.inbox(ben, start, 10_000) == got[0]

    def test_a_page_has_so_many_bytes_at_most(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        start = world.here()
        for number in range(30):
            world.say(ann, channel, f"{number:02d}" + "가" * 9_998)
        got = world.catch_up(ben, start)
        sizes = [sum(len(row.body) + 1 for row in page.events) for page in got]
        largest = max(len(row.body) + 1 for page in got for row in page.events)
        assert all(size <= MAX_INBOX_BYTES for size in sizes)
        assert all(size > MAX_INBOX_BYTES - largest for size in sizes[:-1])
        assert [seq for page in got for _, seq in places(page.events)] == list(range(2, 32))

    @pytest.mark.parametrize("over", [0, 1])
    def test_a_page_may_be_full_to_the_byte(self, world: World, over: int) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        start = world.here()
        for _ in range(20):
            world.say(ann, channel, "x" * 12_000)
        room = MAX_INBOX_BYTES - sum(len(row.body) + 1 for row in world.store.inbox(ben, start).events)
        position = world.here()
        last = world.say_sized(ann, channel, room - 1 + over)
        page = world.store.inbox(ben, start)
        assert page.more == bool(over)
        assert page.position.g == position.g + 1 - over
        assert places(page.events)[-1] == (channel, last - over)

    def test_every_page_of_one_catch_up_is_fresh_and_nothing_is_said_twice(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        one, two = world.direct(ann, ben), world.direct(ann, cho)
        start = world.here()
        world.say_many(ben, one, 30)
        first = world.store.inbox(ann, start, 20)
        world.say_many(cho, two, 30)
        seen = places(first.events)
        for page in world.catch_up(ann, first.position, 20):
            seen += places(page.events)
        assert seen == [(one, seq) for seq in range(2, 32)] + [(two, seq) for seq in range(2, 32)]

    # Positions that cannot be continued

    def test_another_epoch_or_a_position_ahead_of_the_head_is_a_resync(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        here = world.here()
        for wrong in (
            Position("0" * 32, 1),
            Position(here.epoch, here.g + 1),
            Position(here.epoch, 0, 0, here.g + 1),
        ):
            page = world.store.inbox(ann, wrong)
            assert (page.resync, page.events, page.more, page.position) == (True, [], False, here)
            assert page.channel_ids == [channel]

    # Too much

    def test_five_thousand_missed_events_are_replayed_and_one_more_is_a_reset(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        much, too_much = world.direct(ann, ben), world.direct(ann, cho)
        start = world.here()
        world.say_many(ben, much, RESET_ABOVE)
        world.say_many(cho, too_much, RESET_ABOVE + 1)
        pages = world.catch_up(ann, start)
        assert [state.id for state in pages[0].reset] == [too_much]
        assert not any(page.reset for page in pages[1:])
        assert [place for page in pages for place in places(page.events)] == [
            (much, seq) for seq in range(2, RESET_ABOVE + 2)
        ]
        assert pages[0].reset[0].head.seq == RESET_ABOVE + 2
        assert pages[0].reset[0].unread == RESET_ABOVE + 1
        assert pages[-1].position == world.here()

    def test_after_a_reset_every_page_can_be_asked_of_a_store_that_knows_nothing_else(
        self, world: World
    ) -> None:
        """What a reset channel says after the first page comes; what it said before does not, on any later page."""
        ann, ben, cho = world.people(3)
        quiet, loud = world.direct(ann, ben), world.direct(ann, cho)
        start = world.here()
        world.say_many(cho, loud, RESET_ABOVE)
        world.say_many(ben, quiet, 1_200)
        world.say(cho, loud)
        first = world.store.inbox(ann, start)
        head = first.reset[0].head.seq
        assert first.more
        world.say(cho, loud, "after the reset")
        world.say(ben, quiet, "after the reset too")
        seen = places(first.events)
        for page in world.catch_up(ann, first.position):
            assert page.reset == []
            seen += places(page.events)
        assert seen == [(quiet, seq) for seq in range(2, 1_202)] + [(loud, head + 1), (quiet, 1_202)]

    def test_a_channel_left_with_too_much_missed_says_only_that_one_left(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel, other = world.group(ann, ben), world.direct(ben, cho)
        start = world.here()
        world.say_many(ann, channel, RESET_ABOVE + 1)
        world.say_many(cho, other, 600)
        world.remove(ann, channel, ben)
        world.say(ann, channel)
        pages = world.catch_up(ben, start)
        assert not any(page.reset for page in pages)
        seen = [place for page in pages for place in places(page.events)]
        assert seen == [(other, seq) for seq in range(2, 602)] + [(channel, RESET_ABOVE + 3)]

    def test_who_left_in_the_middle_of_a_catch_up_learns_of_it(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel, other = world.group(ann, ben), world.direct(ben, cho)
        start = world.here()
        world.say_many(ann, channel, RESET_ABOVE + 1)
        world.say_many(cho, other, 600)
        first = world.store.inbox(ben, start)
        assert [state.id for state in first.reset] == [channel]
        world.say(ann, channel)
        world.remove(ann, channel, ben)
        world.say(ann, channel)
        rest = [place for page in world.catch_up(ben, first.position) for place in places(page.events)]
        head = first.reset[0].head.seq
        assert [place for place in rest if place[0] == channel] == [(channel, head + 1), (channel, head + 2)]

    def test_stays_are_counted_together(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.group(ann, ben)
        start = world.here()
        world.say_many(ann, channel, RESET_ABOVE - 100)
        world.remove(ann, channel, ben)
        world.say_many(ann, channel, 300)
        world.add(ann, channel, ben)
        world.say_many(ann, channel, 98)
        assert len(world.missed(ben, start)) == RESET_ABOVE
        world.say(ann, channel)
        assert [state.id for state in world.store.inbox(ben, start).reset] == [channel]

    def test_the_own_channel_is_never_reset(self, world: World) -> None:
        """Its latest values are in no list of channels, so they are replayed however many there are."""
        ann, ben = world.people(2)
        start = world.here()
        own = ChannelId(ann)
        drafts = [
            SetContact(author_id=ann, channel_id=own, other_id=ben, action=("block", "remove")[number % 2])
            for number in range(RESET_ABOVE + 2)
        ]
        world.store.append(drafts)
        assert world.missed(ann, start) == [(own, seq) for seq in range(1, RESET_ABOVE + 3)]
