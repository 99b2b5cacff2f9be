"""In the end every screen shows the log: all of it from where it came in, each row once and in its present state."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Screen


def show_the_log(evidence: Evidence) -> Iterator[str]:
    for screen in evidence.all(Screen):
        log = evidence.rows.get(screen.channel)
        name = f"{screen.device}'s screen of {screen.channel}"
        if log is None:
            yield f"{name} shows a channel that is not there"
            continue
        rows = {row["seq"]: row for row in screen.rows}
        if screen.last != len(log):
            yield f"{name} ends at {screen.last}, the log at {len(log)}"
        missing = [seq for seq in range(screen.first, screen.last + 1) if seq not in rows]
        if missing:
            yield f"{name} has gaps at {missing[:10]}"
        yield from _repeated(name, screen)
        for seq, row in rows.items():
            if row != log.get(seq):
                yield f"{name} has at {seq} {row}; the log has {log.get(seq)}"


def _repeated(name: str, screen: Screen) -> Iterator[str]:
    seen: dict[tuple[str, str], int] = {}
    for row in screen.rows:
        if "client_message_id" in row:
            key = row["author_id"], row["client_message_id"]
            if seen.setdefault(key, row["seq"]) != row["seq"]:
                yield f"{name} shows {key} at {seen[key]} and at {row['seq']}"
