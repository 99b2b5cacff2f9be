"""What a batch of events does to a device: the three-way check, present states, and the promises looked after.

Pure but for reading the device's own storage: changes are gathered here and committed by the device at once.
"""

from collections.abc import Iterable
from typing import Literal

from tests.client.storage import Place, Storage, Writes
from tests.client.wire import Channel, Event, Violation

Judgement = Literal["take", "have", "gap"]

_CHANGING = frozenset({"text", "edited_at", "deleted", "version", "reactions", "pinned"})
"""What edits, deletes, reactions and pins may change of a row; all else never changes."""


class Change:
    """One transaction in the making, read through to what is stored."""

    def __init__(self, storage: Storage, user_id: str, places: dict[str, Place]) -> None:
        self.writes = Writes()
        self.taken: list[Event] = []
        self._storage = storage
        self._user_id = user_id
        self._places = places
        self._ids: dict[tuple[str, str], tuple[str, int]] = {}

    def place(self, channel_id: str) -> Place | None:
        """How far the channel is known, this change included."""
        known = self.writes.places.get(channel_id)
        return known if known or self.writes.void else self._places.get(channel_id)

    def restart(self, heads: Iterable[Channel]) -> None:
        """Forget every row and stand at the heads (the start, and `resync`)."""
        self.writes.void = True
        for channel in heads:
            self._stand_at_head(channel)

    def reset(self, channel: Channel) -> None:
        """Forget one channel's rows and stand at its head."""
        self.writes.dropped.add(channel["id"])
        self._stand_at_head(channel)

    def _stand_at_head(self, channel: Channel) -> None:
        seq = channel["head"]["seq"]
        self.writes.places[channel["id"]] = Place(seq + 1, seq)

    def judge(self, event: Event) -> Judgement:
        """The three-way check (`last + 1`, at most `last`, beyond). Raises Violation for what must not reach us."""
        place, seq = self.place(event["channel_id"]), event["seq"]
        if event["channel_id"] == self._user_id:  # personal: absolute values, gaps don't matter
            return "have" if place and seq <= place.last else "take"
        if place and seq <= place.last:
            self._require_same(event)
            return "have"
        if self._is_own_join(event):
            return "take"
        if place is None or not place.here:
            raise Violation(f"event outside membership: {event}, known: {place}")
        return "take" if seq == place.last + 1 else "gap"

    def take(self, event: Event) -> None:
        """Append an event that was judged `take`."""
        channel_id, seq = event["channel_id"], event["seq"]
        place = self.place(channel_id)
        self._require_once(event)
        self._require_time_forward(event)
        self.taken.append(event)
        if event["kind"] == "leave" and event.get("user_id") == self._user_id:
            self._drop(channel_id, seq)
            return
        if self._is_own_join(event) or place is None:
            self.writes.places[channel_id] = Place(seq, seq)
        else:
            self.writes.places[channel_id] = Place(place.first, seq)
        self.upsert(event)
        self._apply_to_target(event)

    def upsert(self, event: Event) -> None:
        """Store a row unless a newer version of it is there; no position moves (`ok`, history pages)."""
        self._require_same(event)
        known = self.row(event["channel_id"], event["seq"])
        if known is None or known["version"] < event["version"]:
            self._put(event)

    def row(self, channel_id: str, seq: int) -> Event | None:
        if (channel_id, seq) in self.writes.rows:
            return self.writes.rows[channel_id, seq]
        if self.writes.void or channel_id in self.writes.dropped:
            return None
        return self._storage.row(channel_id, seq)

    def _put(self, event: Event) -> None:
        self.writes.rows[event["channel_id"], event["seq"]] = event
        if "client_message_id" in event:
            self._ids[event["author_id"], event["client_message_id"]] = (event["channel_id"], event["seq"])

    def _drop(self, channel_id: str, seq: int) -> None:
        self.writes.dropped.add(channel_id)
        for key in [key for key in self.writes.rows if key[0] == channel_id]:
            del self.writes.rows[key]
        self._ids = {name: key for name, key in self._ids.items() if key[0] != channel_id}
        self.writes.places[channel_id] = Place(seq, seq, here=False)

    def _is_own_join(self, event: Event) -> bool:
        return event["kind"] == "join" and self._user_id in event.get("user_ids", ())

    def _apply_to_target(self, event: Event) -> None:
        """An edit or delete changes the row it speaks of, if it is newer than the row."""
        if event["kind"] not in ("edit", "delete"):
            return
        channel_id = event["channel_id"]
        target = self.row(channel_id, event["target"])
        self._blank_earlier_edits(event)
        if target is None or event["seq"] <= target["version"]:
            return
        changed = target.copy()
        changed["version"] = event["seq"]
        if event["kind"] == "edit":
            changed["text"] = event.get("text", "")
            changed["edited_at"] = event["at"]
        else:
            changed["deleted"] = True
            changed.pop("text", None)
            changed.pop("edited_at", None)
        self._put(changed)

    def _blank_earlier_edits(self, event: Event) -> None:
        """What was edited away or deleted is not kept."""
        channel_id, target = event["channel_id"], event["target"]
        forgotten = self.writes.void or channel_id in self.writes.dropped
        stored = [] if forgotten else self._storage.edits(channel_id, target)
        unchanged = [edit for edit in stored if (channel_id, edit["seq"]) not in self.writes.rows]
        for edit in [*unchanged, *self.writes.rows.values()]:
            if (edit["kind"], edit["channel_id"], edit.get("target")) != ("edit", channel_id, target):
                continue
            if edit["seq"] < event["seq"] and edit.get("text"):
                blank = edit.copy()
                blank["text"], blank["version"] = "", event["seq"]
                self.writes.rows[channel_id, edit["seq"]] = blank

    def _require_once(self, event: Event) -> None:
        """One event per author and `client_message_id`. Raises Violation."""
        if "client_message_id" not in event:
            return
        name = event["author_id"], event["client_message_id"]
        known = self._ids.get(name) or (None if self.writes.void else self._storage.find(*name))
        if known and known[0] not in self.writes.dropped and known != (event["channel_id"], event["seq"]):
            raise Violation(f"said twice: {event} is at {known} too")

    def _require_time_forward(self, event: Event) -> None:
        """`at` never runs backwards within a channel. Raises Violation."""
        before = self.row(event["channel_id"], event["seq"] - 1)
        if before and event["at"] < before["at"]:
            raise Violation(f"time ran backwards: {before}, then {event}")

    def _require_same(self, event: Event) -> None:
        """A seq never gets another content. Raises Violation."""
        known = self.row(event["channel_id"], event["seq"])
        if known and clash(known, event):
            raise Violation(f"one seq, two contents: {known} and {event}")


def clash(one: Event, other: Event) -> bool:
    """Whether two reports of one seq cannot both be true: one version, one content."""
    changes: frozenset[str] = frozenset() if one["version"] == other["version"] else _CHANGING
    return any(one.get(name) != other.get(name) for name in (one.keys() | other.keys()) - changes)
