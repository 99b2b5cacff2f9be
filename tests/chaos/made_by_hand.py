"""A history as a good run leaves it, small, to be spoiled by the checker's tests in one place each."""

import copy
from typing import Any

from tests.chaos import history as told
from tests.chaos.history import AnyRecord, Event, History

MINJI, JIHO, ROOM = "minji", "jiho", "room"
END = 99.0


def event(seq: int, kind: str = "message", author: str = MINJI, **more: Any) -> Event:
    """Of ROOM. Messages say their seq, and have the id `said-{seq}`."""
    made: Event = {
        "channel_id": ROOM, "seq": seq, "kind": kind, "at": 1000 + seq, "author_id": author, "version": seq,
    }  # fmt: skip
    if kind in ("message", "edit", "delete"):
        made["client_message_id"] = f"said-{seq}"
    if kind == "message":
        made |= {"text": f"words {seq}", "count": 1}
    return made | more


def log() -> list[Event]:
    """Minji makes the room, says three things, edits the second and deletes the third; Jiho comes and goes twice."""
    return [
        event(1, "join", user_ids=[MINJI]),
        event(2, count=1),
        event(3, count=2, text="words 6", version=6, edited_at=1006),
        event(4, "join", user_ids=[JIHO]),
        event(5, count=3, deleted=True, version=7) | {"text": None},
        event(6, "edit", target=3, text="words 6"),
        event(7, "delete", target=5),
        event(8, "leave", author=JIHO, user_id=JIHO),
        event(9, count=4),
        event(10, "join", user_ids=[JIHO]),
        event(11, count=5),
    ]


def without_nothing(events: list[Event]) -> list[Event]:
    """As JSON has it: what is not there is left out."""
    return [{name: value for name, value in one.items() if value is not None} for one in events]


class Made:
    """Its parts may be changed before `history` puts them together."""

    def __init__(self) -> None:
        self.log = without_nothing(log())
        self.after_restart: list[Event] | None = None
        self.brought = {
            "minji-1": copy.deepcopy(self.log),
            "jiho-1": copy.deepcopy([*self.log[3:8], *self.log[9:]]),
        }
        self.screens = {"minji-1": (1, self.log), "jiho-1": (10, self.log[9:])}
        self.unread = {MINJI: 0, JIHO: 1}
        self.read = {MINJI: 11, JIHO: 10}
        self.extra: list[AnyRecord] = []

    def history(self) -> History:
        records: list[AnyRecord] = []
        for row in log():
            records += _said(row)
        for device, events in self.brought.items():
            records.append(
                told.Brought(
                    at=30, device=device, person=device.split("-")[0], rung="websocket", events=events
                )
            )
        records += self.extra
        records.append(told.Quiet(at=90))
        records.append(told.Log(at=END, stage="end", channel=ROOM, reader=MINJI, events=self.log))
        for device, (first, rows) in copy.deepcopy(self.screens).items():
            records.append(
                told.Screen(
                    at=END,
                    device=device,
                    person=device.split("-")[0],
                    channel=ROOM,
                    first=first,
                    last=11,
                    rows=rows,
                )
            )
        records += [self._standing(person) for person in (MINJI, JIHO)]
        after = self.log if self.after_restart is None else self.after_restart
        records.append(told.Log(at=END, stage="restarted", channel=ROOM, reader=MINJI, events=after))
        return History(records)

    def _standing(self, person: str) -> told.Standing:
        return told.Standing(
            at=END, person=person, channel=ROOM, unread=self.unread[person], read_seq=self.read[person], head_seq=11,
            head_count=5,
        )  # fmt: skip


def _said(row: Event) -> list[AnyRecord]:
    """What was asked and answered for the event to come about."""
    kinds = {"message": "send", "edit": "edit", "delete": "delete"}
    if row["kind"] not in kinds:
        return []
    identity, text = row["client_message_id"], f"words {row['seq']}"
    answer = {
        name: row[name] for name in ("channel_id", "seq", "kind", "at", "author_id", "client_message_id")
    }
    return [
        told.Asked(
            at=row["seq"], device="minji-1", person=MINJI, id=identity, kind=kinds[row["kind"]], channel=ROOM,
            text="" if row["kind"] == "delete" else text, target=row.get("target", 0),
        ),
        told.Answered(at=row["seq"] + 0.5, device="minji-1", id=identity, outcome="ok", event=answer),
    ]  # fmt: skip
