"""Where records are kept for those who come later: in Redis, under leases. Calls wait."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import msgspec

from app.bus.leases import DropField, Leases, Put, SetField, Write
from app.core.ids import UserId
from app.presence.records import Found, Record, decode_record, encode_record

RECORD_SECONDS = 90  # said again every 40: one time may fail
SEEN_SECONDS = 30 * 24 * 3600
READ_AT_ONCE = 250  # people in one exchange


Read = Callable[[Iterable[UserId]], dict[UserId, Found]]
"""What is kept of each of the people. Waits; raises BrokerAway."""


def topic(user_id: UserId) -> bytes:
    """Where changes of a person are told."""
    return b"presence:" + user_id.encode()


class Records:
    """Writes this server's records and reads everybody's. Raises BrokerAway (app.bus.leases)."""

    def __init__(self, leases: Leases, instance: str) -> None:
        self._leases = leases
        self._field = instance.encode()

    def write(self, records: Iterable[Record], *, again: bool = False) -> None:
        """Keep the records; with `again` also what outlives going offline, in case this server dies."""
        self._leases.write([write for record in records for write in self._writes(record, again)])

    def read(self, user_ids: Iterable[UserId]) -> dict[UserId, Found]:
        """What is kept of each of the people."""
        found: dict[UserId, Found] = {}
        iterator = iter(user_ids)
        while some := list(islice(iterator, READ_AT_ONCE)):
            fields = self._leases.read_fields([topic(user_id) for user_id in some])
            seen = self._leases.read([_seen(user_id) for user_id in some])
            found |= {
                user_id: Found(
                    _decoded(list(kept.values())), next(iter(_decoded([last] if last else [])), None)
                )
                for user_id, kept, last in zip(some, fields, seen, strict=True)
            }
        return found

    def _writes(self, record: Record, again: bool) -> list[Write]:
        key, value = topic(record.user_id), encode_record(record)
        writes: list[Write] = [DropField(key, self._field)]
        if record.state != "offline":
            writes = [SetField(key, self._field, value, RECORD_SECONDS)]
        if record.last_active_at is not None and (again or record.state == "offline"):
            kept = msgspec.structs.replace(record, state="offline")
            writes.append(Put(_seen(record.user_id), encode_record(kept), SEEN_SECONDS))
        return writes


def _seen(user_id: UserId) -> bytes:
    return b"seen:" + user_id.encode()


def _decoded(values: Sequence[bytes]) -> list[Record]:
    """Those that can be read: another version of Maru may have written there."""
    records = []
    for value in values:
        try:
            records.append(decode_record(value))
        except msgspec.DecodeError:
            continue
    return records
