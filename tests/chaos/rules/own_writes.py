"""Read your writes: an acknowledged message is on one's own screens, and at every server at once."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import LookedBack, Screen


def on_own_screens(evidence: Evidence) -> Iterator[str]:
    screens: dict[tuple[str, str], list[tuple[Screen, set[int]]]] = {}
    for screen in evidence.all(Screen):
        seqs = {row["seq"] for row in screen.rows}
        screens.setdefault((screen.person, screen.channel), []).append((screen, seqs))
    for answer in evidence.answers("ok"):
        asked = evidence.asked[answer.id]
        if asked.kind != "send" or answer.event is None or evidence.excused(answer):
            continue
        seq = answer.event["seq"]
        for screen, seqs in screens.get((asked.person, asked.channel), ()):
            if screen.first <= seq and seq not in seqs:
                yield f"{screen.device} does not show {seq} of {asked.channel}, acknowledged to {asked.device}"
    for looked in evidence.all(LookedBack):
        if evidence.excused(looked):
            continue
        if not any(event.get("client_message_id") == looked.id for event in looked.events):
            found = [event["seq"] for event in looked.events]
            yield f"{looked.person} did not find {looked.seq} of {looked.channel} at {looked.at:.2f} s: {found}"
