"""What a run says of itself: counts, recoveries, violations."""

import re
from collections import Counter

from tests.chaos import history as told
from tests.chaos.checker import Violation
from tests.chaos.history import History
from tests.chaos.schedule import Schedule

MOST_SHOWN = 40
MOST_LETTERS = 600


def report(schedule: Schedule, history: History, violations: list[Violation]) -> str:
    """Lines of text."""
    records = history.records
    answers = [record for record in records if isinstance(record, told.Answered)]
    outcomes = Counter(answer.outcome for answer in answers)
    faults = Counter(record.fault for record in records if isinstance(record, told.Healed))
    brought = sum(len(record.events) for record in records if isinstance(record, told.Brought))
    recoveries = recovery_seconds(history)
    lines: list[str] = [
        f"seed {schedule.seed}: {schedule.servers} servers, {schedule.people} people with {schedule.devices_each}"
        f" devices, {schedule.acts} acts, {records[-1].at if records else 0:.0f} s",
        f"acknowledged {outcomes['ok']}, refused {outcomes['refused']}, unknown and repeated {outcomes['unknown']};"
        f" events brought {brought}",
        f"faults {sum(faults.values())}: {', '.join(f'{name} {count}' for name, count in sorted(faults.items()))}",
        f"recoveries {len(recoveries)}: p50 {percentile(recoveries, 0.5):.2f} s,"
        f" p99 {percentile(recoveries, 0.99):.2f} s",
        *grumbles(history),
        f"violations {len(violations)}",
        *(f"  {violation}" for violation in violations[:MOST_SHOWN]),
    ]
    return "\n".join(line[:MOST_LETTERS] for line in lines) + "\n"


def grumbles(history: History) -> list[str]:
    """Tracebacks in the servers' logs, those of one kind counted together."""
    found = Counter(
        f"{_without_numbers(record.said)} / {_without_numbers(record.error)}"
        for record in history.records
        if isinstance(record, told.Grumbled)
    )
    return [f"  traceback {count} times: {kind}" for kind, count in found.most_common()]


def _without_numbers(line: str) -> str:
    """Times and addresses differ from line to line."""
    return re.sub(r"[0-9a-f]*[0-9][0-9a-f.,:]*", "#", line)[:200]


def recovery_seconds(history: History) -> list[float]:
    """For each device that a fault had left without a connection: how long from its healing until it had one.
    A device that was put away meanwhile is not waiting."""
    found: list[float] = []
    away: set[str] = set()
    waiting: dict[str, float] = {}
    for record in history.records:
        if isinstance(record, told.Lost):
            away.add(record.device)
        elif isinstance(record, told.Healed):
            waiting |= {device: record.at for device in away if device not in waiting}
        elif isinstance(record, told.PutAway):
            away.discard(record.device)
            waiting.pop(record.device, None)
        elif isinstance(record, told.Connected):
            away.discard(record.device)
            if (healed_at := waiting.pop(record.device, None)) is not None:
                found.append(record.at - healed_at)
    return found


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[int(share * (len(ordered) - 1))] if ordered else 0.0
