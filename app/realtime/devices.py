"""One live client a device: a newer one of the same session and device ends the older."""

from typing import Protocol

from app.core.ids import SessionId
from app.realtime.wire import Close


class Claimant(Protocol):
    """A WebSocket connection or a held request."""

    session_id: SessionId
    device: str | None

    def close(self, code: Close) -> None: ...


class Devices:
    """Who serves which device here. Those without a device's name supersede nobody."""

    def __init__(self) -> None:
        self._claims: dict[tuple[SessionId, str], Claimant] = {}

    def claim(self, claimant: Claimant) -> None:
        if claimant.device is None:
            return
        key = (claimant.session_id, claimant.device)
        older = self._claims.get(key)
        self._claims[key] = claimant
        if older is not None:
            older.close(Close.SUPERSEDED)

    def release(self, claimant: Claimant) -> None:
        """Forget the claimant, unless a newer one has its place."""
        if claimant.device is not None:
            key = (claimant.session_id, claimant.device)
            if self._claims.get(key) is claimant:
                del self._claims[key]
