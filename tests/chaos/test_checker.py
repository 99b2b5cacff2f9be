"""The checker on histories made by hand: a good one is let pass, each spoiled one is caught by the rule for it."""

import copy
from typing import Any

import msgspec
import pytest

from tests.chaos import history as told
from tests.chaos.checker import check
from tests.chaos.history import Event, load
from tests.chaos.made_by_hand import JIHO, MINJI, ROOM, Made, event
from tests.chaos.rules import RULES


def broken_rules(made: Made) -> set[str]:
    return {violation.rule for violation in check(made.history())}


def brought(at: float, device: str, *events: Event, **more: Any) -> told.Brought:
    return told.Brought(
        at=at, device=device, person=device.split("-")[0], rung="poll", events=list(events), **more
    )


def replayed(first: int | None, *events: Event, last: int = 6, device: str = "minji-1") -> told.Replayed:
    return told.Replayed(
        at=95, device=device, person=device.split("-")[0], cursor="c", kept={ROOM: (1, last, True)},
        firsts={} if first is None else {ROOM: first}, resync=False, reset=[], events=list(events),
    )  # fmt: skip


def test_a_good_history_breaks_no_rule() -> None:
    assert check(Made().history()) == []


def test_a_history_survives_being_written_down() -> None:
    made = Made()
    made.log = made.log[:-1]
    assert check(load(made.history().dump())) == check(made.history()) != []


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len({rule.__module__ for rule in RULES}) == len(RULES)


def test_a_lost_acknowledged_message_is_seen() -> None:
    made = Made()
    del made.log[10]
    assert "acknowledged" in broken_rules(made)


def test_an_acknowledged_message_that_became_another_is_seen() -> None:
    made = Made()
    made.log[8]["client_message_id"] = "somebody-elses"
    assert "acknowledged" in broken_rules(made)


def test_an_acknowledged_deletion_that_did_not_happen_is_seen() -> None:
    made = Made()
    made.log[4] |= {"deleted": False, "text": "words 5", "version": 5}
    made.log[6] = event(7, "delete", target=2)
    assert "acknowledged" in broken_rules(made)


def test_what_was_acknowledged_between_a_copy_and_its_restore_is_excused_and_only_that() -> None:
    made = Made()
    made.extra = [told.Restored(at=12, copied_at=11.2), brought(20, "minji-1", resync=True)]
    made.extra.append(brought(20, "jiho-1", resync=True))
    del made.log[10]
    for device, (first, rows) in made.screens.items():
        made.screens[device] = first, rows[:-1]
    assert "acknowledged" not in broken_rules(made)
    made.extra[0] = told.Restored(at=12, copied_at=11.8)
    assert "acknowledged" in broken_rules(made)


def test_an_answer_that_the_network_held_back_until_after_a_restore_is_excused() -> None:
    made = Made()
    late = {**made.log[10], "seq": 12, "client_message_id": "late"}
    asked = told.Asked(at=11, device="minji-1", person=MINJI, id="late", kind="send", channel=ROOM)
    answered = told.Answered(at=13, device="minji-1", id="late", outcome="ok", event=late, began=11.5)
    made.extra = [told.Restored(at=12, copied_at=11.6), asked, answered, brought(14, "minji-1", resync=True)]
    made.extra.append(brought(14, "jiho-1", resync=True))
    assert broken_rules(made) == set()
    made.extra[2] = msgspec.structs.replace(answered, began=12.1)
    assert "acknowledged" in broken_rules(made)


def test_what_a_device_heard_before_a_restore_still_counts_and_what_the_restore_undid_does_not() -> None:
    made = Made()
    lost, other = event(11, text="undone"), {**event(9), "client_message_id": "another"}
    made.extra = [told.Restored(at=40, copied_at=35), brought(41, "minji-1", lost)]
    made.extra += [brought(42, device, resync=True) for device in ("minji-1", "jiho-1")]
    made.extra[1].events[0]["client_message_id"] = "undone"
    assert broken_rules(made) == set()
    made.extra.insert(0, brought(34, "minji-1", other))
    assert broken_rules(made) == {"order"}


def test_a_message_that_is_there_twice_is_seen() -> None:
    made = Made()
    made.log.append({**made.log[10], "seq": 12, "version": 12, "at": 1012})
    assert "once" in broken_rules(made)


def test_a_hole_in_the_log_is_seen() -> None:
    made = Made()
    made.log[10]["seq"] = 12
    assert "log" in broken_rules(made)


def test_time_that_runs_backwards_is_seen() -> None:
    made = Made()
    made.log[10]["at"] = 5
    assert "log" in broken_rules(made)


def test_a_refusal_of_something_that_was_done_is_seen() -> None:
    made = Made()
    made.extra = [told.Answered(at=12, device="minji-1", id="said-2", outcome="refused", code="forbidden")]
    assert broken_rules(made) == {"answers"}


def test_a_refusal_behind_an_unanswered_attempt_is_no_contradiction() -> None:
    made = Made()
    made.extra = [
        told.Answered(at=1, device="minji-1", id="said-2", outcome="unknown"),
        told.Answered(at=12, device="minji-1", id="said-2", outcome="refused", code="forbidden"),
    ]
    assert check(made.history()) == []


def test_two_places_for_one_message_are_seen() -> None:
    made = Made()
    made.extra = [
        told.Answered(at=12, device="minji-1", id="said-2", outcome="ok", event={**made.log[1], "seq": 3})
    ]
    assert "answers" in broken_rules(made)


@pytest.mark.parametrize(
    ("kind", "channel", "subject"),
    [("join", ROOM, "haru"), ("create", "cellar", ""), ("leave", ROOM, MINJI)],
)
def test_an_acknowledged_call_without_effect_is_seen(kind: str, channel: str, subject: str) -> None:
    made = Made()
    made.extra = [
        told.Did(at=12, person=MINJI, kind=kind, channel=channel, subject=subject, outcome="ok"),
    ]
    assert broken_rules(made) == {"calls"}


def test_an_edit_that_its_message_does_not_show_is_seen() -> None:
    made = Made()
    made.log[2]["text"] = "words 3"
    assert "states" in broken_rules(made)


def test_a_deleted_message_that_is_not_marked_so_is_seen() -> None:
    made = Made()
    made.log[4].pop("deleted")
    assert "states" in broken_rules(made)


def test_a_log_that_is_different_after_a_restart_is_seen() -> None:
    made = Made()
    made.after_restart = made.log[:-1]
    assert "restart" in broken_rules(made)


def test_another_order_on_one_device_is_seen() -> None:
    made = Made()
    one, other = made.brought["jiho-1"][-1], made.brought["minji-1"][8]
    one["client_message_id"], one["at"] = other["client_message_id"], other["at"]
    assert broken_rules(made) == {"order"}


def test_what_no_log_has_is_seen() -> None:
    made = Made()
    made.brought["minji-1"].append(event(12))
    assert "order" in broken_rules(made)


def test_a_gap_in_what_is_brought_is_seen() -> None:
    made = Made()
    made.extra = [told.Gap(at=12, device="minji-1", channel=ROOM, last=4, seq=6)]
    assert broken_rules(made) == {"gaps"}


def test_a_hole_on_a_screen_is_seen() -> None:
    made = Made()
    first, rows = made.screens["minji-1"]
    made.screens["minji-1"] = first, rows[:4] + rows[5:]
    assert "screens" in broken_rules(made)


def test_a_screen_that_stayed_behind_is_seen() -> None:
    made = Made()
    made.log.append(event(12, "role", user_id=JIHO, role="admin"))
    assert "screens" in broken_rules(made)


def test_a_screen_that_shows_a_message_twice_is_seen() -> None:
    made = Made()
    first, rows = made.screens["minji-1"]
    made.screens["minji-1"] = first, [*rows, {**rows[-1], "seq": 12}]
    assert "screens" in broken_rules(made)


def test_an_old_state_on_a_screen_is_seen() -> None:
    made = Made()
    first, rows = made.screens["minji-1"]
    rows = copy.deepcopy(rows)
    rows[2] |= {"text": "words 3", "version": 3}
    made.screens["minji-1"] = first, rows
    assert "screens" in broken_rules(made)


def test_an_acknowledged_message_that_is_not_on_its_authors_screen_is_seen() -> None:
    made = Made()
    first, rows = made.screens["minji-1"]
    made.screens["minji-1"] = first, [row for row in rows if row["seq"] != 9]
    assert "own_writes" in broken_rules(made)


def test_an_acknowledged_message_that_cannot_be_read_again_is_seen() -> None:
    made = Made()
    made.extra = [
        told.LookedBack(at=12, person=MINJI, channel=ROOM, seq=11, id="said-11", events=made.log[:10])
    ]
    assert broken_rules(made) == {"own_writes"}


def test_hearing_what_was_said_after_leaving_is_seen() -> None:
    made = Made()
    made.brought["jiho-1"].append(made.log[8])
    assert broken_rules(made) == {"membership"}


def test_hearing_what_was_said_before_coming_in_is_seen() -> None:
    made = Made()
    made.brought["jiho-1"].insert(0, made.log[1])
    assert broken_rules(made) == {"membership"}


def test_catching_up_with_what_was_said_while_away_is_seen() -> None:
    made = Made()
    made.extra = [replayed(8, made.log[7], made.log[8], last=7, device="jiho-1")]
    assert broken_rules(made) == {"membership"}


def test_a_screen_of_a_room_that_was_left_is_seen() -> None:
    made = Made()
    made.log[9] = event(10, "role", user_id=MINJI, role="owner")
    assert "membership" in broken_rules(made)


@pytest.mark.parametrize("place", ["log", "screen", "replay"])
def test_a_deleted_text_that_is_still_somewhere_is_seen(place: str) -> None:
    made = Made()
    if place == "log":
        made.log[4]["text"] = "words 5"
    elif place == "screen":
        first, rows = made.screens["minji-1"]
        rows = copy.deepcopy(rows)
        rows[4]["text"] = "words 5"
        made.screens["minji-1"] = first, rows
    else:
        made.extra = [replayed(5, {**made.log[4], "text": "words 5"}, last=4)]
    assert "forgotten" in broken_rules(made)


def test_the_text_of_an_edit_that_was_edited_again_is_seen() -> None:
    made = Made()
    made.log.append(event(12, "edit", target=3, text="words 12"))
    made.log[2] |= {"text": "words 12", "version": 12}
    assert "forgotten" in broken_rules(made)


def test_a_wrong_count_of_unread_is_seen() -> None:
    made = Made()
    made.unread[JIHO] = 2
    assert broken_rules(made) == {"unread"}


def test_a_read_marker_that_fell_back_is_seen() -> None:
    made = Made()
    made.extra = [told.Marked(at=12, device="jiho-1", person=JIHO, channel=ROOM, seq=11)]
    assert broken_rules(made) == {"unread"}


@pytest.mark.parametrize("first", [None, 9])
def test_a_cursor_ahead_of_what_lies_beside_it_is_seen(first: int | None) -> None:
    made = Made()
    made.extra = [replayed(first, last=6)]
    assert broken_rules(made) == {"cursors"}


def test_a_cursor_behind_what_lies_beside_it_is_fine() -> None:
    made = Made()
    made.extra = [replayed(3, last=6), replayed(7, last=6), replayed(None, last=11)]
    assert check(made.history()) == []


def test_a_device_that_goes_on_with_a_lost_history_is_seen() -> None:
    made = Made()
    made.extra = [told.Restored(at=40, copied_at=39), brought(41, "minji-1", resync=True)]
    assert broken_rules(made) == {"epoch"}


def test_a_device_that_cannot_catch_up_is_seen() -> None:
    made = Made()
    made.extra = [told.Unsettled(at=98, device="jiho-1", waiting=[], state="stuck")]
    assert broken_rules(made) == {"settled"}


def test_a_promise_that_a_device_saw_broken_is_seen() -> None:
    made = Made()
    made.extra = [
        told.Failed(at=12, device="jiho-1", why="one seq, two contents"),
        told.Lost(
            at=13, device="jiho-1", code=1006, reason="sent 1002 (protocol error); no close frame received"
        ),
        told.Lost(at=14, device="jiho-1", code=1006, reason="no close frame received or sent"),
    ]
    assert [violation.rule for violation in check(made.history())] == ["promises", "promises"]
