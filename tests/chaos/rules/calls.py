"""An acknowledged call took effect: the channel is there, the person came in, the person went out."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Did


def took_effect(evidence: Evidence) -> Iterator[str]:
    done = [did for did in evidence.all(Did) if did.outcome == "ok" and not evidence.excused(did)]
    leaves: Counter[tuple[str, str]] = Counter()
    for did in done:
        if did.channel not in evidence.logs:
            yield f"{did.kind} of {did.channel} was acknowledged at {did.at:.2f} s, and there is no such channel"
        elif did.kind == "join" and not evidence.intervals(did.channel, did.subject):
            yield f"{did.subject} was let into {did.channel} at {did.at:.2f} s, which its log does not say"
        elif did.kind == "leave":
            leaves[did.channel, did.subject] += 1
    for (channel, person), count in leaves.items():
        found = [stay for stay in evidence.intervals(channel, person) if stay[1] < 1 << 62]
        if len(found) < count:
            yield f"{person} left {channel} {count} times, of which the log knows {len(found)}"
