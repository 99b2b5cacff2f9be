"""The history, put in order for the rules: logs by channel, memberships by person, what was acknowledged."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeVar

from tests.chaos import history as told
from tests.chaos.history import AnyRecord, Event, History

T = TypeVar("T")


class Evidence:
    """Views of one history. `logs`: the last known log of each channel, by seq."""

    def __init__(self, history: History) -> None:
        self._records = history.records
        self._by_kind: dict[type, list[AnyRecord]] = defaultdict(list)
        for record in history.records:
            self._by_kind[type(record)].append(record)
        self.logs: dict[str, list[Event]] = {log.channel: log.events for log in self.all(told.Log)}
        self.rows: dict[str, dict[int, Event]] = {
            channel: {event["seq"]: event for event in events} for channel, events in self.logs.items()
        }
        self.asked: dict[str, told.Asked] = {asked.id: asked for asked in self.all(told.Asked)}
        self._restored = self.all(told.Restored)

    def all(self, kind: type[T]) -> list[T]:
        """All records of a kind, in order."""
        return self._by_kind[kind]  # type: ignore[return-value,index]

    def row(self, channel: str, seq: int) -> Event | None:
        return self.rows.get(channel, {}).get(seq)

    def excused(self, answered: told.Answered | told.Did | told.LookedBack) -> bool:
        """Whether what was acknowledged may be gone: it happened between a copy and its being put back. (The network
        may hold an answer back until after that.)"""
        began = answered.at if answered.began is None else answered.began
        return any(restored.copied_at <= answered.at and began <= restored.at for restored in self._restored)

    def answers(self, outcome: str) -> list[told.Answered]:
        return [answer for answer in self.all(told.Answered) if answer.outcome == outcome]

    def intervals(self, channel: str, person: str) -> list[tuple[int, int]]:
        """The stays of a person in a channel by its log: seq of the join, seq of the leave or a number beyond all."""
        stays: list[tuple[int, int]] = []
        for event in self.logs.get(channel, ()):
            if event["kind"] == "join" and person in event["user_ids"]:
                stays.append((event["seq"], 1 << 62))
            elif event["kind"] == "leave" and event["user_id"] == person and stays:
                stays[-1] = stays[-1][0], event["seq"]
        return stays

    def brought(self) -> Iterator[told.Brought]:
        """What was brought of the history that stands: nothing of what a restore undid, which goes on until the device
        begins anew (the network may still bring it something of before)."""
        began_at: dict[str, float] = defaultdict(lambda: -1.0)
        for brought in self.all(told.Brought):
            if brought.resync or brought.start:
                began_at[brought.device] = brought.at
            if not self._undone(brought.at, began_at[brought.device]):
                yield brought

    def _undone(self, at: float, began_at: float) -> bool:
        """Whether what a device heard then may be of a history that was lost since it last began anew."""
        return any(restored.copied_at <= at and restored.at > began_at for restored in self._restored)

    def restored_at(self) -> float | None:
        """When the store was put back last."""
        return self._restored[-1].at if self._restored else None
