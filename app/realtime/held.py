"""A request held until something comes: a listener that only wakes its greenlet, which then reads the inbox."""

import logging

import gevent.event

from app.core.ids import ChannelId, SessionId, UserId
from app.realtime.wire import Close

log = logging.getLogger(__name__)


class HeldRequest:
    """One long poll, waiting."""

    def __init__(self, user_id: UserId, session_id: SessionId, device: str | None) -> None:
        self.user_id = user_id
        self.session_id = session_id
        self.device = device
        self.floor = 0
        self.channels: list[ChannelId] = []
        self.ended_by: Close | None = None
        self._woken = gevent.event.Event()

    def wait(self, seconds: float) -> None:
        """Until something came, the request was ended, or the time is over."""
        self._woken.wait(seconds)

    def queue(self, frame: bytes) -> None:
        self._woken.set()

    def close(self, code: Close) -> None:
        self.ended_by = code
        self._woken.set()

    def fail(self) -> None:
        """Nothing is lost with it: what it wakes reads the store."""
        log.exception("a held request could not be served and is answered")
        self._woken.set()
