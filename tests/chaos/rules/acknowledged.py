"""What was acknowledged is in the log, as it was acknowledged."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Answered, Asked


def in_the_log(evidence: Evidence) -> Iterator[str]:
    for answer in evidence.answers("ok"):
        asked = evidence.asked[answer.id]
        if not evidence.excused(answer):
            yield from _lost(evidence, asked, answer)


def _lost(evidence: Evidence, asked: Asked, answer: Answered) -> Iterator[str]:
    if asked.channel not in evidence.logs:
        yield f"channel {asked.channel} is gone, in which {asked.kind} {asked.id} was acknowledged"
        return
    told = answer.event
    if told is not None:
        row = evidence.row(asked.channel, told["seq"])
        if row is None or _identity(row) != _identity(told):
            yield (
                f"{asked.kind} {asked.id} by {asked.device} was acknowledged at {answer.at:.2f} s as seq {told['seq']}"
                f" of {asked.channel}, where there is {row and _identity(row)}"
            )
    if asked.kind == "delete":
        target = evidence.row(asked.channel, asked.target)
        if target is None or not target.get("deleted"):
            yield f"deleting {asked.target} of {asked.channel} was acknowledged at {answer.at:.2f} s: {target}"


def _identity(event: dict[str, object]) -> tuple[object, ...]:
    return event["kind"], event["author_id"], event.get("client_message_id"), event["at"]
