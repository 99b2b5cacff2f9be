"""What was read before the last restart is read after it."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Log


def changed_nothing(evidence: Evidence) -> Iterator[str]:
    before = {log.channel: log.events for log in evidence.all(Log) if log.stage == "end"}
    for log in evidence.all(Log):
        if log.stage == "restarted" and log.events != before.get(log.channel, log.events):
            earlier = before[log.channel]
            places = [one["seq"] for one, other in zip(earlier, log.events, strict=False) if one != other]
            yield (
                f"channel {log.channel} had {len(earlier)} events before the last restart and {len(log.events)}"
                f" after it, different at {places[:5]}"
            )
