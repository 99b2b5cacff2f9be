"""A message's row is what its edits and its deletion made of it, by the same log."""

from collections.abc import Iterator
from unicodedata import normalize

from tests.chaos.evidence import Evidence
from tests.chaos.history import Event


def follow_the_log(evidence: Evidence) -> Iterator[str]:
    for channel, events in evidence.logs.items():
        changes: dict[int, list[Event]] = {}
        for event in events:
            if event["kind"] in ("edit", "delete"):
                changes.setdefault(event["target"], []).append(event)
        for event in events:
            if event["kind"] == "message":
                why = _contradiction(evidence, event, changes.get(event["seq"], []))
                if why:
                    yield f"message {event['seq']} of {channel} {why}: {event}"


def _contradiction(evidence: Evidence, message: Event, changes: list[Event]) -> str | None:
    version = changes[-1]["seq"] if changes else message["seq"]
    if message["version"] != version:
        return f"has version {message['version']}, its last change is {version}"
    deleted = any(change["kind"] == "delete" for change in changes)
    if bool(message.get("deleted")) is not deleted:
        return "is deleted and its log does not say so" if not deleted else "is there although deleted"
    if deleted:
        return "still has its text" if "text" in message else None
    identity = (changes[-1] if changes else message).get("client_message_id")
    asked = evidence.asked.get(identity or "")
    if asked is not None and normalize("NFC", asked.text) != message["text"]:
        return f"does not have the text of {identity}"
    return None
