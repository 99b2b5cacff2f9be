"""Contract: heads, pages of history, the raw log, the commit index."""

import pytest

from app.core.errors import NotFound
from app.core.ids import ChannelId, UserId
from app.store.cursor import Position
from app.store.drafts import NewEdit, NewMessage
from app.store.port import MAX_PAGE, HistoryPage, MessageStore
from tests.store.world import World


class ReadingContract:
    def test_it_has_every_method_of_the_port(self, store: MessageStore) -> None:
        wanted = {name for name in vars(MessageStore) if not name.startswith("_")}
        assert not {name for name in wanted if not callable(getattr(store, name, None))}

    def test_an_empty_store_answers_everything(self, world: World) -> None:
        ann, ben = world.people(2)
        assert world.store.head_g() == 0
        assert world.store.commits(0, 10) == []
        assert world.store.heads(ann).channels == []
        assert world.store.channel_ids(ann) == []
        assert world.store.contacts(ann) == []
        assert world.store.contact(ann, ben) is None
        assert world.store.audience(world.channel_id()) == []
        assert world.store.append([]) == []
        assert world.store.check() is None

    def test_heads_are_in_order_of_activity_and_of_one_snapshot(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        one = world.direct(ann, ben)
        world.clock.ms += 10
        two = world.direct(ann, cho)
        world.clock.ms += 10
        world.say(ben, one)
        heads = world.store.heads(ann)
        assert [state.id for state in heads.channels] == [one, two]
        assert heads.position == Position(world.store.epoch(), world.store.head_g())
        assert (heads.channels[0].head.seq, heads.channels[0].head.count) == (2, 1)
        assert heads.channels[0].head.at == world.clock.ms

    def test_the_personal_channel_is_in_no_list_of_channels(self, world: World) -> None:
        ann, ben = world.people(2)
        world.contact(ann, "request", ben)
        assert world.store.heads(ann).channels == []
        assert world.store.channel_ids(ann) == []
        with pytest.raises(NotFound):
            world.store.channel(ann, ChannelId(ann))

    def test_people_read_the_log_of_their_own_channel_and_of_nobody_elses(self, world: World) -> None:
        ann, ben = world.people(2)
        assert world.store.events(ann, ChannelId(ann), 0, 10) == HistoryPage([], False, False)
        world.contact(ann, "request", ben)
        (row,) = world.store.events(ann, ChannelId(ann), 0, 10).events
        assert world.store.event(ann, ChannelId(ann), 1) == row
        with pytest.raises(NotFound):
            world.store.events(ben, ChannelId(ann), 0, 10)

    # History

    def test_a_history_shows_messages_joins_leaves_and_changes_and_nothing_else(self, world: World) -> None:
        ann, ben, cho = world.people(3)
        channel = world.group(ann, ben)
        seq = world.say(ann, channel)
        world.edit(ann, channel, seq, "x")
        world.delete(ann, channel, seq)
        world.add(ann, channel, cho)
        world.remove(ann, channel, ann)  # gives a role first
        page = world.store.history(ben, channel)
        assert [row.kind for row in page.events] == ["join", "message", "join", "leave"]
        assert [row.seq for row in page.events] == [1, 2, 5, 7]
        assert (page.has_before, page.has_after) == (False, False)

    @pytest.fixture
    def long(self, world: World) -> tuple[World, UserId, ChannelId]:
        """A channel of 20 shown events, whose 11th is followed by 300 edits that a history does not show."""
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        world.say_many(ann, channel, 10)
        edits = [
            NewEdit(author_id=ann, channel_id=channel, target=11, text=f"{number}") for number in range(300)
        ]
        world.store.append(edits)
        world.say_many(ann, channel, 9)
        return world, ann, channel

    @pytest.mark.parametrize(
        ("bounds", "expected"),
        [
            ({"limit": 3}, ([318, 319, 320], True, False)),
            ({"before": 318, "limit": 3}, ([315, 316, 317], True, True)),
            ({"before": 313, "limit": 3}, ([10, 11, 312], True, True)),
            ({"before": 3, "limit": 5}, ([1, 2], False, True)),
            ({"before": 1, "limit": 5}, ([], False, True)),
            ({"before": 999, "limit": 1}, ([320], True, False)),
            ({"after": 10, "limit": 2}, ([11, 312], True, True)),
            ({"after": 11, "limit": 1}, ([312], True, True)),
            ({"after": 318, "limit": 5}, ([319, 320], True, False)),
            ({"after": 0, "limit": 2}, ([1, 2], False, True)),
            ({"after": -5, "limit": 2}, ([1, 2], False, True)),
            ({"after": 320, "limit": 2}, ([], True, False)),
            ({"after": 999, "limit": 2}, ([], True, False)),
            ({"around": 11, "limit": 4}, ([9, 10, 11, 312], True, True)),
            ({"around": 11, "limit": 5}, ([9, 10, 11, 312, 313], True, True)),
            ({"around": 100, "limit": 4}, ([10, 11, 312, 313], True, True)),
            ({"around": 1, "limit": 4}, ([1, 2, 3, 4], False, True)),
            ({"around": 320, "limit": 4}, ([317, 318, 319, 320], True, False)),
            ({"around": 999, "limit": 2}, ([319, 320], True, False)),
            ({"around": 5, "limit": 1}, ([5], True, True)),
        ],
    )
    def test_a_page_of_history_lies_where_it_was_asked_for(
        self,
        long: tuple[World, UserId, ChannelId],
        bounds: dict[str, int],
        expected: tuple[list[int], bool, bool],
    ) -> None:
        world, ann, channel = long
        page = world.store.history(ann, channel, **bounds)  # type: ignore[arg-type]
        assert ([row.seq for row in page.events], page.has_before, page.has_after) == expected

    def test_a_page_has_two_hundred_events_at_most(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        world.say_many(ann, channel, MAX_PAGE + 10)
        assert len(world.store.history(ann, channel, limit=10_000).events) == MAX_PAGE
        assert len(world.store.events(ann, channel, 0, 10_000).events) == MAX_PAGE
        assert len(world.store.history(ann, channel, limit=0).events) == 1

    # The log

    def test_the_raw_log_pages_through_every_kind(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        seq = world.say(ann, channel)
        world.edit(ann, channel, seq, "x")
        first = world.store.events(ben, channel, 0, 2)
        assert ([row.seq for row in first.events], first.has_before, first.has_after) == ([1, 2], False, True)
        rest = world.store.events(ben, channel, 2, 2)
        assert ([row.seq for row in rest.events], rest.has_before, rest.has_after) == ([3], True, False)
        end = world.store.events(ben, channel, 3, 2)
        assert (end.events, end.has_before, end.has_after) == ([], True, False)

    @pytest.mark.parametrize("seq", [0, -1, 99])
    def test_an_event_that_is_not_there_is_not_found(self, world: World, seq: int) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        with pytest.raises(NotFound):
            world.store.event(ann, channel, seq)

    def test_malformed_ids_name_nothing(self, world: World) -> None:
        ann = world.person()
        for wrong in ("", "x", "00", "../../etc/passwd", "g" * 16):
            with pytest.raises(NotFound):
                world.store.history(ann, ChannelId(wrong))

    # The commit index

    def test_the_commit_index_is_read_from_anywhere(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        world.say_many(ann, channel, 9)
        assert [row.g for row in world.store.commits(0, 4)] == [1, 2, 3, 4]
        assert [row.g for row in world.store.commits(8, 4)] == [9, 10]
        assert world.store.commits(10, 4) == []
        assert world.store.commits(99, 4) == []
        assert world.store.commits(0, 0) == []

    def test_the_outcome_of_a_draft_is_what_the_index_says(self, world: World) -> None:
        ann, ben = world.people(2)
        channel = world.direct(ann, ben)
        row = world.done(NewMessage(author_id=ann, channel_id=channel, text="같은 것"))
        assert world.store.commits(row.g - 1, 1) == [row]
        assert "같은 것".encode() in row.body
