"""The outbox: stored before sent, in order by channel, nothing lost but by its author's wish."""

from pathlib import Path

from tests.client.outbox import Outbox
from tests.client.storage import FileStorage, Item, MemoryStorage


def item(name: str, channel_id: str = "c") -> Item:
    return Item(name, "send", channel_id, f"text of {name}")


def names(outbox: Outbox, channel_id: str = "c") -> list[str]:
    """What a channel would send, in order; empties the outbox."""
    found = []
    while (head := outbox.next(channel_id)) is not None:
        found.append(head.client_message_id)
        outbox.done(channel_id, head.client_message_id)
    return found


def test_items_leave_in_the_order_in_which_they_were_said_by_channel() -> None:
    outbox = Outbox(MemoryStorage())
    for name, channel_id in (("a", "c"), ("x", "d"), ("b", "c")):
        outbox.add(item(name, channel_id))
    assert len(outbox) == 3
    assert sorted(outbox.channels()) == ["c", "d"]
    assert names(outbox) == ["a", "b"]
    assert outbox.channels() == ["d"]


def test_it_is_the_same_after_a_crash(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "device.db")
    outbox = Outbox(storage)
    for name in "abc":
        outbox.add(item(name))
    outbox.done("c", "a")
    outbox.closed_socket(item("b"))
    outbox.fail(item("c"), "forbidden")
    storage.close()
    storage.reopen()
    again = Outbox(storage)
    waiting = again.next("c")
    assert waiting is not None
    assert (waiting.client_message_id, waiting.closes) == ("b", 1)
    assert [failed.failed for failed in again.failed.values()] == ["forbidden"]
    storage.close()


def test_a_failed_item_lets_those_behind_it_go_on_and_may_be_retried_with_its_id() -> None:
    outbox = Outbox(MemoryStorage())
    outbox.add(item("a"))
    outbox.add(item("b"))
    outbox.fail(item("a"), "forbidden")
    outbox.retry("a")
    assert outbox.failed == {}
    assert names(outbox) == ["b", "a"]


def test_a_discarded_item_is_gone_for_good() -> None:
    storage = MemoryStorage()
    outbox = Outbox(storage)
    outbox.add(item("a"))
    outbox.fail(item("a"), "invalid")
    outbox.discard("a")
    assert (storage.outbox(), outbox.failed, len(outbox)) == ([], {}, 0)


def test_an_event_of_another_device_takes_nothing_out() -> None:
    outbox = Outbox(MemoryStorage())
    outbox.add(item("a"))
    assert not outbox.done("c", "unknown")
    assert not outbox.done("d", "a")
    assert outbox.done("c", "a")
