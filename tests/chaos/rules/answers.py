"""Each thing asked has one answer: repeated acknowledgements name one place, and what was refused did not happen.

A refusal behind an attempt without an answer is no contradiction: that attempt may still be on its way, and lands once
its author is a member again.
"""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Answered


def agree(evidence: Evidence) -> Iterator[str]:
    attempts: dict[str, list[Answered]] = defaultdict(list)
    for answer in evidence.all(Answered):
        attempts[answer.id].append(answer)
    said = _ids_in_logs(evidence)
    for identity, answers in attempts.items():
        yield from _contradictions(evidence, identity, answers, said)


def _contradictions(
    evidence: Evidence, identity: str, answers: list[Answered], said: set[str]
) -> Iterator[str]:
    outcomes = [answer.outcome for answer in answers]
    if "unknown" not in outcomes and "refused" in outcomes:
        code = next(answer.code for answer in answers if answer.outcome == "refused")
        if identity in said or "ok" in outcomes:
            yield f"{identity} was refused ({code}) and was done all the same"
    places = {
        (answer.event["channel_id"], answer.event["seq"])
        for answer in answers
        if answer.event is not None and not evidence.excused(answer)
    }
    if len(places) > 1:
        yield f"{identity} was acknowledged at several places: {sorted(places)}"


def _ids_in_logs(evidence: Evidence) -> set[str]:
    return {
        event["client_message_id"]
        for events in evidence.logs.values()
        for event in events
        if "client_message_id" in event
    }
