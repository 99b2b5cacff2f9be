"""The live side without sockets: the real hub, connections, tail and markers over a store in memory.

Time, turns of the event loop and what a socket takes are the test's to decide.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from app.accounts.wire import User, Visibility
from app.bus.local_broker import LocalBroker
from app.bus.local_leases import LocalLeases
from app.channels.views import ChannelViews
from app.core.ids import SessionId, UserId
from app.inbox.delivered import Delivered
from app.inbox.hints import Hints
from app.inbox.read_markers import ReadMarkers
from app.inbox.tail import Tail
from app.messages.actions import Messages
from app.presence.actions import PresenceDesk
from app.realtime.admission import Admission
from app.realtime.announcements import Announcements
from app.realtime.catch_up import CatchUp
from app.realtime.connection import Connection
from app.realtime.desk import Desk
from app.realtime.devices import Devices
from app.realtime.ephemera import Ephemera, presence_frame
from app.realtime.hub import Hub
from app.realtime.pulse import Pulse
from app.realtime.sync import Sync
from app.store.committer import DirectCommitter, accepted_events
from app.store.drafts import AnyDraft
from app.store.memory_store import MemoryStore
from app.store.port import Committed, Outcome
from tests.store.world import SetClock, World

Json = dict[str, Any]
Work = Callable[[], None]


class Turns:
    """An event loop that goes on when it is told."""

    def __init__(self) -> None:
        self._waiting: deque[Work] = deque()
        self.timers: list[tuple[float, Work]] = []

    def soon(self, work: Work) -> None:
        self._waiting.append(work)

    def after(self, seconds: float, function: Work) -> None:
        self.timers.append((seconds, function))

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def turn(self) -> None:
        """Do what waits now, and not what that asks for."""
        for _ in range(len(self._waiting)):
            self._waiting.popleft()()

    def run(self) -> None:
        """Until nothing waits."""
        while self._waiting:
            self.turn()


class People:
    """Everybody exists, unless `failing`. `meanwhile`: what happens while one is asked."""

    def __init__(self) -> None:
        self.failing: Exception | None = None
        self.meanwhile: Work = lambda: None

    def users(self, user_ids: Iterable[UserId]) -> dict[UserId, User]:
        self.meanwhile()
        if self.failing is not None:
            raise self.failing
        return {user_id: user_called(user_id) for user_id in user_ids}


def user_called(user_id: UserId, name: str = "민지") -> User:
    return User(id=user_id, username=user_id, display_name=name, avatar_id=None)


class RecordingTransport:
    """Keeps what it is given. While `stuck`, nothing leaves it."""

    def __init__(self) -> None:
        self.frames: list[Json] = []
        self.closed: tuple[int, str] | None = None
        self.aborted = False
        self.admitted = False
        self.stuck = False
        self.paused = False
        self.breaking = False
        self._drained: Work | None = None

    def queue(self, frame: bytes) -> None:
        if self.breaking:
            raise MemoryError("no room for a frame")
        if self.closed is None:
            length = frame[1]
            self.frames.append(msgspec.json.decode(frame[{126: 4, 127: 10}.get(length, 2) :]))

    def send(self, text: bytes) -> None:
        if self.closed is None:
            self.frames.append(msgspec.json.decode(text))

    send_paced = send

    def admit(self) -> None:
        self.admitted = True

    def pause(self) -> None:
        self.paused = True

    def when_drained(self, react: Work) -> None:
        if self.stuck:
            self._drained = react
        else:
            react()

    def release(self) -> None:
        """All that was queued leaves."""
        self.stuck = False
        drained, self._drained = self._drained, None
        if drained is not None:
            drained()

    def close(self, code: int, reason: str) -> None:
        if self.closed is None:
            self.closed = code, reason

    def abort(self) -> None:
        self.aborted = True
        self.closed = self.closed or (1006, "")


class Client:
    """One connection, seen from the other side."""

    def __init__(self, connection: Connection, transport: RecordingTransport, run: Work) -> None:
        self.connection = connection
        self.transport = transport
        self._run = run

    def say(self, frame: Json) -> None:
        self.connection.receive(msgspec.json.encode(frame))
        self._run()

    def hello(self, cursor: str | None = None, **more: Any) -> "Client":
        self.say({"type": "hello", "cursor": cursor, **more})
        return self

    def heard(self, kind: str | None = None) -> list[Json]:
        """The frames so far, of one type or all."""
        return [frame for frame in self.transport.frames if kind in (None, frame["type"])]

    def take(self) -> list[Json]:
        """The frames since the last look."""
        frames, self.transport.frames = self.transport.frames, []
        return frames

    @property
    def events(self) -> list[Json]:
        """Everything heard in `events` frames, in order."""
        return [event for frame in self.heard("events") for event in frame["events"]]

    @property
    def texts(self) -> list[str]:
        return [event["text"] for event in self.events if event["kind"] == "message"]

    @property
    def cursor(self) -> str:
        """The latest cursor heard."""
        return str([frame["cursor"] for frame in self.transport.frames if "cursor" in frame][-1])


class _Telling:
    """The store, telling of what was appended as a committer does."""

    def __init__(self, store: MemoryStore, told: Callable[[Sequence[Committed]], None]) -> None:
        self._store = store
        self._told = told

    def append(self, drafts: Sequence[AnyDraft]) -> list[Outcome]:
        outcomes = self._store.append(drafts)
        if commits := accepted_events(outcomes):
            self._told(commits)
        return outcomes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class LiveHouse:
    """One process's live side. `broker` and `store` may be shared with another one's."""

    def __init__(
        self, store: MemoryStore | None = None, broker: LocalBroker | None = None,
        leases: LocalLeases | None = None, clock: SetClock | None = None, name: str = "s-1",
    ) -> None:  # fmt: skip
        self.clock = clock or SetClock()
        self.turns = Turns()
        self.store = store or MemoryStore(self.clock)
        self.broker = broker or LocalBroker()
        self.people = People()
        self.epoch = self.store.epoch()
        self.tail = Tail(self.store, self.turns.soon)
        self.hub = Hub(self.epoch)
        self.tail.listen(self.hub.deliver)
        self.hints = Hints(self.broker, self.tail, self.epoch, self.turns.soon)
        self.committer = DirectCommitter(self.store, self._committed)
        self.pulse = Pulse(lambda: self.tail.position)
        self.ephemera = Ephemera(hub=self.hub, broker=self.broker, store=self.store, clock=self.clock)
        self.announcements = Announcements(self.broker, self.hub, self.pulse, self.ephemera)
        self.presence_turns = Turns()
        self.servers: dict[str, bool | None] = {}
        """Whether other servers are alive, by name."""
        self.leases = leases or LocalLeases(self.clock)
        self.presence = PresenceDesk(
            instance=name, broker=self.broker, leases=self.leases, servers=self, store=self.store,
            visibilities=lambda user_ids: {user_id: self.visible_to.get(user_id, "everyone") for user_id in user_ids},
            clock=self.clock, later=self.presence_turns.soon, spawn=self.presence_turns.soon, frame=presence_frame,
            lag_ms=lambda: self.lag_ms,
        )  # fmt: skip
        self.visible_to: dict[UserId, Visibility] = {}
        self.lag_ms = 0.0
        self.tail.listen(self.presence.taken)
        self.delivered = Delivered()
        self.devices = Devices()
        self.views = ChannelViews(self.people)
        self.markers = ReadMarkers(self.store, self.committer, self.turns.after, self.ephemera.receipt)
        self.catch_up = CatchUp(
            store=self.store, views=self.views, server="s-1", later=self.turns.soon, spawn=self.turns.soon
        )
        self.desk = Desk(
            epoch=self.epoch, position=lambda: self.tail.position, hub=self.hub,
            messages=Messages(self.committer, None), markers=self.markers, ephemera=self.ephemera,
            catch_up=self.catch_up, delivered=self.delivered, devices=self.devices, pulse=self.pulse,
            presence=self.presence,
        )  # fmt: skip
        self.admission = Admission(self.clock, handshakes_per_second=100)
        self.sync = Sync(
            store=self.store, views=self.views, hub=self.hub, devices=self.devices, delivered=self.delivered,
            admission=self.admission, presence=self.presence,
        )  # fmt: skip
        self.world = World(_Telling(self.store, self._committed), self.clock)
        """What happens by this process."""
        self.elsewhere = World(self.store, self.clock)
        """What happens by another process, of which nothing is heard until the tail looks."""
        self._sessions = 0

    def _committed(self, commits: Sequence[Committed]) -> None:
        self.tail.offer(commits)
        self.hints.add(commits)

    def alive(self, instance: str) -> bool | None:
        return self.servers.get(instance, True)

    def connect(self, user_id: UserId, session_id: SessionId | None = None) -> Client:
        """A connection that has said nothing yet."""
        transport = RecordingTransport()
        connection = Connection(transport, self.desk, user_id, session_id or self.session())
        self.pulse.add(connection)
        return Client(connection, transport, self.turns.run)

    def session(self) -> SessionId:
        self._sessions += 1
        return SessionId(f"{self._sessions:016x}")

    def listeners(self) -> int:
        """How many listen to anything at all."""
        return len(self.hub._all())
