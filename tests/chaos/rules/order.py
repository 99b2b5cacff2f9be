"""Everybody in a channel was given one order: a seq named the same event wherever it was brought."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Event


def the_same_everywhere(evidence: Evidence) -> Iterator[str]:
    for brought in evidence.brought():
        for event in brought.events:
            row = evidence.row(event["channel_id"], event["seq"])
            if row is not None and _content(row) != _content(event):
                yield (
                    f"{brought.device} was brought seq {event['seq']} of {event['channel_id']} at {brought.at:.2f} s"
                    f" as {_content(event)}; in the log it is {_content(row)}"
                )
            elif row is None and event["channel_id"] in evidence.logs:
                yield f"{brought.device} was brought at {brought.at:.2f} s what no log has: {event}"


def _content(event: Event) -> tuple[object, ...]:
    names = ("kind", "author_id", "client_message_id", "at", "target", "user_id", "user_ids", "count")
    return tuple(event.get(name) for name in names)
