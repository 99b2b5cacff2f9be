"""The three-way check, present states, and the promises looked after."""

import pytest

from tests.client.events import CHANNEL, ME, OTHER, channel, event, join, leave
from tests.client.log import Change
from tests.client.storage import MemoryStorage, Place
from tests.client.wire import Event, Violation


class Desk:
    """A device's storage and positions, fed in batches."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()

    def take(self, *events: Event) -> list[int]:
        """Take a batch without gaps; returns the seqs that were new."""
        change = Change(self.storage, ME, self.storage.places())
        for one in events:
            judgement = change.judge(one)
            assert judgement != "gap"
            if judgement == "take":
                change.take(one)
        self.storage.commit(change.writes)
        return [one["seq"] for one in change.taken]

    def judge(self, one: Event) -> str:
        return Change(self.storage, ME, self.storage.places()).judge(one)

    def row(self, seq: int) -> Event:
        row = self.storage.row(CHANNEL, seq)
        assert row is not None
        return row

    @property
    def place(self) -> Place:
        return self.storage.places()[CHANNEL]


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.take(join(3), event(4), event(5))
    return desk


def test_own_join_sets_the_position(desk: Desk) -> None:
    assert desk.place == Place(3, 5)


def test_the_next_is_taken_the_known_dropped_and_beyond_is_a_gap(desk: Desk) -> None:
    assert desk.judge(event(6)) == "take"
    assert desk.judge(event(5)) == "have"
    assert desk.judge(event(7)) == "gap"


def test_the_same_batch_again_changes_nothing(desk: Desk) -> None:
    assert desk.take(join(3), event(4), event(5)) == []
    assert desk.place == Place(3, 5)


def test_events_of_a_channel_one_is_not_in_are_a_violation() -> None:
    with pytest.raises(Violation, match="outside membership"):
        Desk().judge(event(1))


def test_own_leave_drops_the_rows_and_nothing_may_follow(desk: Desk) -> None:
    desk.take(leave(6))
    assert desk.storage.rows(CHANNEL) == []
    assert desk.place == Place(6, 6, here=False)
    assert desk.judge(event(5)) == "have"
    with pytest.raises(Violation, match="outside membership"):
        desk.judge(event(7))


def test_a_batch_may_hold_leave_and_coming_back(desk: Desk) -> None:
    assert desk.take(event(6), leave(7), join(9), event(10)) == [6, 7, 9, 10]
    assert desk.place == Place(9, 10)
    assert [row["seq"] for row in desk.storage.rows(CHANNEL)] == [9, 10]


def test_a_join_from_before_the_leave_does_not_bring_one_back(desk: Desk) -> None:
    desk.take(leave(6))
    assert desk.judge(join(3)) == "have"


def test_others_joining_and_leaving_is_part_of_the_log(desk: Desk) -> None:
    assert desk.take(join(6, OTHER), leave(7, OTHER), event(8)) == [6, 7, 8]
    assert desk.place == Place(3, 8)


def test_an_edit_changes_the_row_and_blanks_earlier_edits(desk: Desk) -> None:
    desk.take(event(6, "edit", target=4, text="once"), event(7, "edit", target=4, text="twice"))
    assert (desk.row(4)["text"], desk.row(4)["edited_at"], desk.row(4)["version"]) == ("twice", 1_000_007, 7)
    assert (desk.row(6)["text"], desk.row(6)["version"]) == ("", 7)
    assert desk.row(7)["text"] == "twice"


def test_an_edit_that_was_replaced_before_it_was_heard_of_blanks_those_before_it(desk: Desk) -> None:
    desk.take(event(6, "edit", target=4, text="once"))
    desk.take(event(7, "edit", target=4, text="", version=8), event(8, "edit", target=4, text="three times"))
    assert (desk.row(6)["text"], desk.row(6)["version"]) == ("", 7)


def test_a_delete_takes_the_text_and_that_of_its_edits(desk: Desk) -> None:
    desk.take(event(6, "edit", target=4, text="once"))
    desk.take(event(7, "delete", target=4))
    row = desk.row(4)
    assert row["deleted"]
    assert row["version"] == 7
    assert "text" not in row
    assert "edited_at" not in row
    assert desk.row(6)["text"] == ""


def test_a_change_older_than_the_row_changes_nothing() -> None:
    desk = Desk()
    desk.take(
        join(3), event(4, text="twice", version=7), event(5), event(6, "edit", target=4, text="", version=7)
    )
    assert (desk.row(4)["text"], desk.row(4)["version"]) == ("twice", 7)
    desk.take(event(7, "edit", target=4, text="twice"))
    assert (desk.row(4)["text"], desk.row(4)["version"]) == ("twice", 7)


def test_a_change_of_a_row_one_does_not_have_is_only_logged(desk: Desk) -> None:
    desk.take(event(6, "edit", target=1, text="before my time"))
    assert desk.storage.row(CHANNEL, 1) is None


def test_one_seq_with_two_contents_is_a_violation(desk: Desk) -> None:
    with pytest.raises(Violation, match="two contents"):
        desk.judge(event(5, text="something else"))
    with pytest.raises(Violation, match="two contents"):
        desk.judge(event(5, author_id=ME, version=9))
    desk.judge(event(5, text="edited since", version=9))


def test_one_message_at_two_places_is_a_violation(desk: Desk) -> None:
    desk.take(event(6, client_message_id="m"))
    with pytest.raises(Violation, match="twice"):
        desk.take(event(7, client_message_id="m"))


def test_one_message_twice_in_a_batch_is_a_violation(desk: Desk) -> None:
    with pytest.raises(Violation, match="twice"):
        desk.take(event(6, client_message_id="m"), event(7, client_message_id="m"))


def test_time_running_backwards_is_a_violation(desk: Desk) -> None:
    with pytest.raises(Violation, match="backwards"):
        desk.take(event(6, at=1))


def test_an_answer_moves_nothing_and_the_event_may_follow(desk: Desk) -> None:
    change = Change(desk.storage, ME, desk.storage.places())
    change.upsert(event(8, client_message_id="m"))
    desk.storage.commit(change.writes)
    assert desk.place == Place(3, 5)
    assert desk.take(event(6), event(7), event(8, client_message_id="m")) == [6, 7, 8]


def test_an_older_version_of_a_row_does_not_replace_a_newer(desk: Desk) -> None:
    desk.take(event(6, "edit", target=4, text="new"))
    change = Change(desk.storage, ME, desk.storage.places())
    change.upsert(event(4))
    desk.storage.commit(change.writes)
    assert desk.row(4)["text"] == "new"


def test_a_reset_drops_one_channel_and_stands_at_its_head(desk: Desk) -> None:
    change = Change(desk.storage, ME, desk.storage.places())
    change.reset(channel(9000))
    desk.storage.commit(change.writes)
    assert desk.storage.rows(CHANNEL) == []
    assert desk.judge(event(9001)) == "take"
    assert desk.place == Place(9001, 9000)


def test_a_resync_drops_everything(desk: Desk) -> None:
    change = Change(desk.storage, ME, desk.storage.places())
    change.restart([channel(2, "00000000000000dd")])
    desk.storage.commit(change.writes)
    assert desk.storage.rows(CHANNEL) == []
    assert desk.storage.places() == {"00000000000000dd": Place(3, 2)}


def test_personal_events_may_have_gaps() -> None:
    desk = Desk()
    marker = event(5, "read", channel_id=ME, target_channel_id=CHANNEL, read_seq=3)
    assert desk.take(marker) == [5]
    later = event(9, "read", channel_id=ME, target_channel_id=CHANNEL, read_seq=4)
    assert desk.take(later, marker) == [9]
    renamed = event(12, "settings", channel_id=ME, profile={"display_name": "민지"})
    assert desk.take(renamed, later) == [12]
