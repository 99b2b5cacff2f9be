"""Text that was deleted or edited away is in no answer and on no screen in the end."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Event, Log, Replayed, Screen


def nowhere(evidence: Evidence) -> Iterator[str]:
    gone = _gone(evidence)
    places: list[tuple[str, list[Event]]] = [
        *((f"the log of {log.channel} ({log.stage})", log.events) for log in evidence.all(Log)),
        *((f"{screen.device}'s screen of {screen.channel}", screen.rows) for screen in evidence.all(Screen)),
        *(
            (f"what {replayed.device} catches up with", replayed.events)
            for replayed in evidence.all(Replayed)
        ),
    ]
    for where, events in places:
        for event in events:
            if event.get("text") and event.get("client_message_id") in gone:
                yield f"{where} still has the text of {event['client_message_id']}, which is gone: {event}"


def _gone(evidence: Evidence) -> set[str]:
    """The ids of what was said and may not be read any more: by the logs, of deleted messages everything, of edited
    ones their edits but the last. (An edited message itself shows its last text; `states` looks after that.)"""
    gone: set[str] = set()
    for events in evidence.logs.values():
        edits: dict[int, str] = {}
        for event in events:
            if event["kind"] not in ("edit", "delete"):
                continue
            if (earlier := edits.pop(event["target"], None)) is not None:
                gone.add(earlier)
            if event["kind"] == "edit":
                edits[event["target"]] = event["client_message_id"]
            else:
                message = events[event["target"] - 1]
                gone.add(message.get("client_message_id", ""))
    return gone
