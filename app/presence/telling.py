"""Telling others: a record is written first, then told on its person's topic, so that who subscribes and then reads
misses nothing."""

from collections.abc import Callable, Iterable
from itertools import islice

from app.bus.leases import BrokerAway
from app.bus.port import Broker
from app.core.ids import UserId
from app.presence.keeping import Records, topic
from app.presence.port import Spawn
from app.presence.records import Record, encode_record

MAX_PENDING = (
    50_000  # people with something to tell while Redis is away; the oldest go, and are asserted again later
)
TOLD_AT_ONCE = 200


class Telling:
    """Gathers what there is to say: one exchange at a time, the latest word of each person."""

    def __init__(self, broker: Broker, records: Records, spawn: Spawn) -> None:
        self._broker = broker
        self._records = records
        self._spawn = spawn
        self._new: dict[UserId, Record] = {}
        self._again: dict[UserId, Record] = {}
        self._busy = False

    def tell(self, record: Record) -> None:
        """Others are to hear this, at the end of this turn."""
        self._new.pop(record.user_id, None)
        self._new[record.user_id] = record
        self._again.pop(record.user_id, None)
        while len(self._new) > MAX_PENDING:
            self._new.pop(next(iter(self._new)))
        self.go_on()

    def keep(self, records: Iterable[Record]) -> None:
        """Write again what was told before; nobody need hear it."""
        for record in records:
            if record.user_id not in self._new:
                self._again[record.user_id] = record
        self.go_on()

    def go_on(self) -> None:
        """Say what is still unsaid. To be called now and then: while Redis is away it stays."""
        if not self._busy and (self._new or self._again):
            self._busy = True
            self._spawn(self._work)

    def _work(self) -> None:
        try:
            while self._new or self._again:
                self._say(self._new, self._write_and_publish)
                self._say(self._again, lambda records: self._records.write(records, again=True))
        except BrokerAway:
            self._again.clear()  # the next round asserts them again
        finally:
            self._busy = False

    def _say(self, waiting: dict[UserId, Record], say: Callable[[list[Record]], None]) -> None:
        some = list(islice(waiting.values(), TOLD_AT_ONCE))
        if some:
            say(some)
        for record in some:
            if waiting.get(record.user_id) is record:  # else there is a newer word by now
                del waiting[record.user_id]

    def _write_and_publish(self, records: list[Record]) -> None:
        self._records.write(records)
        for record in records:
            self._broker.publish(topic(record.user_id), encode_record(record))
