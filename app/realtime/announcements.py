"""What every process must hear about people: a session was ended, a profile changed. By the broker, and without it.

Without the broker a session that another process ended is found by asking the database every few seconds.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from app.accounts.wire import User
from app.bus.port import Broker
from app.core.errors import Unavailable
from app.core.ids import SessionId, UserId
from app.realtime.connection import Connection
from app.realtime.ephemera import Ephemera
from app.realtime.hub import Hub
from app.realtime.pulse import Pulse
from app.realtime.wire import Close, UserChanged

Spawn = Callable[[Callable[[], None]], None]

SESSIONS_TOPIC = b"sessions"
USERS_TOPIC = b"users"


class KnownSessions(Protocol):
    """`app.accounts.sessions.Sessions` fits."""

    def forget(self, session_id: SessionId) -> None: ...

    def ended(self, session_ids: Iterable[SessionId]) -> set[SessionId]:
        """Those of the sessions that are over. Asks the database, so it waits. Raises Unavailable."""


class KnownPeople(Protocol):
    """`app.accounts.directory.Directory` fits."""

    def forget(self, user_id: UserId) -> None: ...

    def forget_everybody(self) -> None: ...


class Announcements:
    """Told by accounts; tells this process's connections, and the other processes."""

    def __init__(self, broker: Broker, hub: Hub, pulse: Pulse, ephemera: Ephemera) -> None:
        self._broker = broker
        self._hub = hub
        self._pulse = pulse
        self._ephemera = ephemera

    def listen(self, sessions: KnownSessions, people: KnownPeople, spawn: Spawn) -> None:
        """Hear what other processes announce; and after a time without the broker, find out what was missed."""

        def end_session(payload: bytes) -> None:
            session_id = SessionId(payload.decode())
            sessions.forget(session_id)
            self._end_live(session_id)

        self._broker.subscribe(SESSIONS_TOPIC, end_session)
        self._broker.subscribe(USERS_TOPIC, lambda payload: people.forget(UserId(payload.decode())))
        self._broker.on_connected(people.forget_everybody)
        self._broker.on_connected(lambda: spawn(lambda: self.look(sessions)))

    def session_ended(self, session_id: SessionId) -> None:
        """A session was ended here."""
        self._end_live(session_id)
        self._broker.publish(SESSIONS_TOPIC, session_id.encode())

    def user_changed(self, user: User) -> None:
        """A profile was changed here."""
        self._broker.publish(USERS_TOPIC, user.id.encode())
        self._ephemera.user_changed(UserChanged(user=user))

    def look(self, sessions: KnownSessions) -> None:
        """The broker may have lost an ending: close what the database knows to be over. Waits."""
        live = {connection.session_id for connection in self._pulse.all()} | self._hub.session_ids()
        try:
            over = sessions.ended(live) if live else set()
        except Unavailable:
            return  # the database is away, and has said so; it is asked again within a minute
        for session_id in over:
            sessions.forget(session_id)
            self._end_live(session_id)

    def _end_live(self, session_id: SessionId) -> None:
        """Those that still catch up are not in the hub; held requests are only there."""
        ending: list[Connection] = [
            connection for connection in self._pulse.all() if connection.session_id == session_id
        ]
        for connection in ending:
            connection.close(Close.REVOKED)
        self._hub.end_session(session_id)
