"""What is known here of the people watched: servers' words as they are said, and what was kept of them.

Nothing here waits; what is read is brought.
"""

from collections.abc import Mapping

import msgspec

from app.bus.port import Broker
from app.core.ids import UserId
from app.presence.belief import Belief, Standing
from app.presence.keeping import topic
from app.presence.records import Found, Record, Sight, decode_record
from app.presence.sights import Sights
from app.presence.viewers import Viewers, Watched


class Knowledge:
    """Hears the topic of each person watched. `words`: how many were heard so far, to tell old from new."""

    def __init__(
        self, *, instance: str, broker: Broker, sights: Sights, belief: Belief, viewers: Viewers
    ) -> None:
        self._instance = instance
        self._broker = broker
        self._sights = sights
        self._belief = belief
        self._viewers = viewers
        self._dead: set[str] = set()
        self.words = 0

    def begin(self, user_id: UserId) -> Watched:
        """Hear of this person from now on; nothing is known yet."""
        self._broker.subscribe(topic(user_id), self._hear)
        return Watched(self._sights.of(user_id, (), None, is_read=False))

    def end(self, user_id: UserId) -> None:
        self._broker.unsubscribe(topic(user_id), self._hear)

    # --- what is said ------------------------------------------------------------------------------------------

    def _hear(self, payload: bytes) -> None:
        try:
            record = decode_record(payload)
        except msgspec.DecodeError:
            return  # of another version of Maru
        if record.instance != self._instance:
            self.take(record)

    def take(self, record: Record) -> None:
        """A server's word; this server's own too, which is not kept but asked for anew each time."""
        watched = self._viewers.watched.get(record.user_id)
        if watched is None or (record.instance != self._instance and not self._keep(watched, record)):
            return
        if record.state == "offline":
            watched.seen = _later(watched.seen, record)
        self._viewers.tell(record.user_id, self._sight(record.user_id, watched))

    def _keep(self, watched: Watched, record: Record) -> bool:
        known = watched.records.get(record.instance)
        if known is not None and known.version >= record.version:
            return False
        self.words += 1
        watched.records[record.instance] = record
        watched.stamp = self.words
        return True

    # --- what is kept ------------------------------------------------------------------------------------------

    def take_found(self, found: Mapping[UserId, Found], words: int) -> list[UserId]:
        """What was read of people, when so many `words` had been heard. Those of them that should be read again are
        returned: what is missing may only not have been written yet."""
        watched = {
            user_id: known for user_id in found if (known := self._viewers.watched.get(user_id)) is not None
        }
        for user_id, known in watched.items():
            self._merge(known, found[user_id], words)
        self._tell(watched)
        return list(watched) if self._sights.unsure else []

    def _merge(self, watched: Watched, found: Found, words: int) -> None:
        """What a server was heard to say since the reading began, and what may have been lost, is not forgotten."""
        kept = {record.instance: record for record in found.records if record.instance != self._instance}
        if watched.stamp > words or self._sights.unsure:
            kept |= {name: record for name, record in watched.records.items() if name not in kept}
        for name, record in watched.records.items():
            if name in kept and record.version > kept[name].version:
                kept[name] = record
        watched.records = kept
        watched.seen = _later(watched.seen, found.seen)
        watched.is_read = watched.is_read or not self._sights.unsure

    # --- whose word counts -------------------------------------------------------------------------------------

    def look_at_servers(self) -> bool:
        """Servers that died or came back change what is seen of all they had. Whether one is back that was given up,
        of which nothing is known any more. To be called every second or so."""
        changed = self._belief.look()
        if not changed:
            return False
        affected = {
            user_id: watched
            for user_id, watched in self._viewers.watched.items()
            if not watched.records.keys().isdisjoint(changed)
        }
        for watched in affected.values():
            _forget_dead(watched, changed)
        self._tell(affected)
        return self._has_returned(changed)

    def _has_returned(self, changed: Mapping[str, Standing]) -> bool:
        self._dead |= {name for name, standing in changed.items() if standing == "over"}
        returned = self._dead & {name for name, standing in changed.items() if standing == "alive"}
        self._dead -= returned
        return bool(returned)

    def _tell(self, people: Mapping[UserId, Watched]) -> None:
        self._viewers.tell_many(
            {user_id: self._sight(user_id, watched) for user_id, watched in people.items()}
        )

    def _sight(self, user_id: UserId, watched: Watched) -> Sight:
        return self._sights.of(user_id, watched.records.values(), watched.seen, is_read=watched.is_read)


def _forget_dead(watched: Watched, changed: Mapping[str, Standing]) -> None:
    for name, record in list(watched.records.items()):
        if changed.get(name) == "over":
            watched.seen = _later(watched.seen, record)
            del watched.records[name]


def _later(one: Record | None, other: Record | None) -> Record | None:
    """The one of the later activity, and the other where they are equal."""
    if one is None or other is None:
        return one or other
    return one if (one.last_active_at or 0) > (other.last_active_at or 0) else other
