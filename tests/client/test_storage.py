"""What every storage of a device must do; run for the file and for memory."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.client.events import CHANNEL, OTHER, event
from tests.client.storage import FileStorage, Item, MemoryStorage, Place, Storage, Writes
from tests.client.wire import Event

ELSEWHERE = "00000000000000dd"


@pytest.fixture(params=["file", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    made: Storage = MemoryStorage() if request.param == "memory" else FileStorage(tmp_path / "device.db")
    yield made
    made.close()


def reopened(storage: Storage) -> Storage:
    storage.close()
    storage.reopen()
    return storage


def rows(*events: Event) -> dict[tuple[str, int], Event]:
    return {(one["channel_id"], one["seq"]): one for one in events}


def test_a_new_one_is_empty(storage: Storage) -> None:
    assert (storage.cursor(), storage.places(), storage.rows(CHANNEL), storage.outbox(), storage.reads()) == (
        None,
        {},
        [],
        [],
        {},
    )


def test_rows_places_and_cursor_of_a_commit_survive(storage: Storage) -> None:
    storage.commit(Writes(rows=rows(event(2), event(1)), places={CHANNEL: Place(1, 2)}, cursor="c1"))
    storage.commit(
        Writes(rows=rows(event(10)), places={CHANNEL: Place(1, 10), ELSEWHERE: Place(3, 3, False)})
    )
    reopened(storage)
    assert storage.cursor() == "c1"
    assert storage.places() == {CHANNEL: Place(1, 10), ELSEWHERE: Place(3, 3, False)}
    assert storage.rows(CHANNEL) == [event(1), event(2), event(10)]
    assert storage.row(CHANNEL, 2) == event(2)
    assert storage.row(CHANNEL, 3) is None


def test_a_row_is_replaced_by_its_newer_state(storage: Storage) -> None:
    storage.commit(Writes(rows=rows(event(1, client_message_id="m"))))
    newer = event(1, client_message_id="m", text="new", version=2)
    storage.commit(Writes(rows=rows(newer)))
    assert storage.rows(CHANNEL) == [newer]


def test_edits_are_found_by_their_target(storage: Storage) -> None:
    edit = event(5, "edit", target=1, text="new")
    storage.commit(Writes(rows=rows(event(1), edit, event(6, "edit", target=2, text="x"))))
    blank = replace_text(edit, "")
    storage.commit(Writes(rows=rows(blank)))
    assert reopened(storage).edits(CHANNEL, 1) == [blank]
    assert storage.edits(CHANNEL, 3) == []


def replace_text(one: Event, text: str) -> Event:
    changed = one.copy()
    changed["text"] = text
    return changed


def test_a_message_is_found_by_author_and_client_id(storage: Storage) -> None:
    storage.commit(Writes(rows=rows(event(1, client_message_id="m"))))
    assert reopened(storage).find(OTHER, "m") == (CHANNEL, 1)
    assert storage.find("somebody", "m") is None


def test_a_dropped_channel_leaves_nothing_but_its_place(storage: Storage) -> None:
    other = event(1, channel_id=ELSEWHERE)
    storage.commit(Writes(rows=rows(event(1, client_message_id="m"), other), places={CHANNEL: Place(1, 1)}))
    storage.commit(Writes(dropped={CHANNEL}, places={CHANNEL: Place(2, 2, False)}))
    assert storage.rows(CHANNEL) == []
    assert storage.find(OTHER, "m") is None
    assert storage.rows(ELSEWHERE) == [other]
    assert storage.places() == {CHANNEL: Place(2, 2, False)}


def test_rows_of_a_commit_that_drops_their_channel_come_after_the_drop(storage: Storage) -> None:
    storage.commit(Writes(rows=rows(event(1))))
    storage.commit(Writes(dropped={CHANNEL}, rows=rows(event(7))))
    assert storage.rows(CHANNEL) == [event(7)]


def test_void_drops_every_row_and_place_but_not_outbox_and_markers(storage: Storage) -> None:
    storage.commit(Writes(rows=rows(event(1)), places={CHANNEL: Place(1, 1)}, cursor="c1"))
    storage.put_item(Item("m", "send", CHANNEL, "hi"))
    storage.put_read(CHANNEL, 1)
    storage.commit(Writes(void=True, places={ELSEWHERE: Place(5, 4)}, cursor="c2"))
    assert storage.rows(CHANNEL) == []
    assert storage.places() == {ELSEWHERE: Place(5, 4)}
    assert storage.cursor() == "c2"
    assert (len(storage.outbox()), storage.reads()) == (1, {CHANNEL: 1})


def test_the_outbox_keeps_its_order_when_items_change_and_leave(storage: Storage) -> None:
    items = [Item(name, "send", CHANNEL, name) for name in "abc"]
    for item in items:
        storage.put_item(item)
    storage.put_item(replace(items[0], closes=1))
    storage.remove_item("b")
    assert reopened(storage).outbox() == [replace(items[0], closes=1), items[2]]


def test_a_read_marker_only_moves_forward(storage: Storage) -> None:
    storage.put_read(CHANNEL, 5)
    storage.put_read(CHANNEL, 3)
    assert reopened(storage).reads() == {CHANNEL: 5}


def test_the_device_keeps_its_first_name(storage: Storage) -> None:
    assert storage.device("first") == "first"
    assert reopened(storage).device("second") == "first"


def test_a_commit_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "device.db")
    storage.commit(Writes(rows=rows(event(1)), cursor="c1"))
    broken = Writes(rows={(CHANNEL, 2): event(2), (CHANNEL, 3): {"seq": 3}}, cursor="c2")  # type: ignore[typeddict-item]
    with pytest.raises(KeyError):
        storage.commit(broken)
    assert (storage.rows(CHANNEL), storage.cursor()) == ([event(1)], "c1")
    storage.close()
