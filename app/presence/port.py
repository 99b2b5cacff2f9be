"""What presence asks of the rest of the program."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from app.core.ids import ChannelId, UserId
from app.store.port import ChannelState, Contact, Member

Work = Callable[[], None]
Spawn = Callable[[Work], object]
"""Run something that may wait, away from the event loop's callbacks."""


class Servers(Protocol):
    """`app.discovery.registry.Registry` fits."""

    def alive(self, instance: str) -> bool | None:
        """Whether a server's word still counts. None: nobody can say at the moment."""


class Watcher(Protocol):
    """A live connection that is told of others' presence."""

    user_id: UserId

    def queue(self, frame: bytes) -> None:
        """Take a frame to send at the end of this turn. Never blocks."""

    def fail(self) -> None:
        """End it, because something of ours broke. Called while the exception is handled."""


class PeopleReads(Protocol):
    """What presence reads of the message store: who knows whom."""

    def contacts(self, user_id: UserId) -> list[Contact]: ...

    def peers(self, user_id: UserId) -> list[UserId]: ...

    def blocked_by(self, user_id: UserId, others: Iterable[UserId]) -> set[UserId]: ...

    def channel(self, user_id: UserId, channel_id: ChannelId) -> ChannelState: ...

    def members(self, user_id: UserId, channel_id: ChannelId) -> Sequence[Member]: ...

    def audience(self, channel_id: ChannelId) -> list[UserId]: ...
