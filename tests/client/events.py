"""Events made by hand, for tests of the client itself."""

from typing import Any

from tests.client.wire import Channel, Event

ME = "00000000000000aa"
OTHER = "00000000000000bb"
CHANNEL = "00000000000000cc"


def event(seq: int, kind: str = "message", **more: Any) -> Event:
    """An event of CHANNEL by OTHER; messages say their seq."""
    base: dict[str, Any] = {
        "channel_id": CHANNEL,
        "seq": seq,
        "kind": kind,
        "at": 1_000_000 + seq,
        "author_id": OTHER,
        "version": seq,
    }
    if kind == "message":
        base |= {"text": str(seq), "count": seq}
    return {**base, **more}  # type: ignore[typeddict-item]  # made by hand, wrong on purpose at times


def join(seq: int, *users: str) -> Event:
    return event(seq, "join", user_ids=list(users or (ME,)))


def leave(seq: int, user: str = ME) -> Event:
    return event(seq, "leave", user_id=user)


def channel(seq: int, name: str = CHANNEL) -> Channel:
    return {
        "id": name,
        "kind": "group",
        "head": {"seq": seq, "count": seq, "at": 1_000_000 + seq},
        "read_seq": 0,
        "unread": seq,
    }
