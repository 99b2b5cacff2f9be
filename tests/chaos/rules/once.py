"""What was said once is in the logs once, whatever was retried."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence


def in_all_logs(evidence: Evidence) -> Iterator[str]:
    places: dict[tuple[str, str], tuple[str, int]] = {}
    for channel, events in evidence.logs.items():
        for event in events:
            if (identity := event.get("client_message_id")) is None:
                continue
            name, place = (event["author_id"], identity), (channel, event["seq"])
            if places.setdefault(name, place) != place:
                yield f"{identity} of {event['author_id']} is at {places[name]} and at {place}"
