"""A person hears what lies within their stays in a channel, own join and own leave included, and nothing else."""

from collections.abc import Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.history import Brought, Replayed, Screen


def hears_its_stays(evidence: Evidence) -> Iterator[str]:
    known: dict[tuple[str, str], list[tuple[int, int]]] = {}

    def inside(channel: str, person: str, seq: int) -> bool:
        if channel == person:
            return True
        stays = known.get((channel, person))
        if stays is None:
            stays = known[channel, person] = evidence.intervals(channel, person)
        return any(joined <= seq <= left for joined, left in stays)

    heard: list[Brought | Replayed] = [*evidence.brought(), *evidence.all(Replayed)]
    for brought in heard:
        for event in brought.events:
            if event["channel_id"] in evidence.logs and not inside(
                event["channel_id"], brought.person, event["seq"]
            ):
                yield (
                    f"{brought.device} was brought seq {event['seq']} of {event['channel_id']} at {brought.at:.2f} s,"
                    f" outside the stays {evidence.intervals(event['channel_id'], brought.person)}"
                )
    for screen in evidence.all(Screen):
        stays = evidence.intervals(screen.channel, screen.person)
        if screen.channel in evidence.logs and not (stays and stays[-1][1] == 1 << 62):
            yield f"{screen.device} still shows {screen.channel}, which {screen.person} has left: {stays}"
