"""Catching up, paced: a few pages a turn of the event loop, so that a herd does not stop the live ones."""

from collections import deque
from collections.abc import Callable
from typing import Protocol, TypeVar

from app.channels.views import ChannelViews
from app.channels.wire import Channel
from app.core.errors import Unavailable
from app.core.ids import UserId
from app.realtime.connection import Connection, Phase
from app.realtime.wire import HEARTBEAT_SECONDS, Close, Limits, Welcome
from app.store.cursor import Position
from app.store.port import InboxPage, MessageStore

T = TypeVar("T")

STEPS_A_TURN = 8  # pages, or starts from nothing

Later = Callable[[Callable[[], None]], None]


class Spawn(Protocol):
    """Run something that may wait, away from the event loop's callbacks."""

    def __call__(self, work: Callable[[], None]) -> object: ...


class CatchUp:
    """Welcomes connections and brings them up to the tail, page by page, each page a fresh snapshot."""

    def __init__(
        self, *, store: MessageStore, views: ChannelViews, server: str, later: Later, spawn: Spawn
    ) -> None:
        """`later` runs a call once the event loop has looked at its sockets again."""
        self._store = store
        self._views = views
        self._server = server
        self._later = later
        self._spawn = spawn
        self._waiting: deque[Callable[[], None]] = deque()
        self._has_turn = False  # one is coming

    def begin(self, connection: Connection, *, resync: bool) -> None:
        """Welcome a connection: where its cursor is, or at a new start."""
        if connection.position is None:
            self._add(lambda: self._spawn_start(connection, resync))
        else:
            self._add(lambda: self._next_page(connection))

    def _add(self, step: Callable[[], None]) -> None:
        self._waiting.append(step)
        self._ask_for_turn()

    def _ask_for_turn(self) -> None:
        if self._waiting and not self._has_turn:
            self._has_turn = True
            self._later(self._turn)

    def _turn(self) -> None:
        self._has_turn = False
        for _ in range(min(STEPS_A_TURN, len(self._waiting))):
            self._waiting.popleft()()
        self._ask_for_turn()

    def _next_page(self, connection: Connection) -> None:
        """A page that cannot be read ends that connection only; it comes back with its cursor."""
        try:
            if connection.phase is Phase.CATCHING_UP and connection.position is not None:
                self._serve(connection, self._store.inbox(connection.user_id, connection.position))
        except Exception:  # noqa: BLE001  # fail() notes it
            connection.fail()

    def _serve(self, connection: Connection, page: InboxPage) -> None:
        if not (page.resync or page.reset):
            self._welcome_once(connection)
            connection.send_page(page)
            if page.more:
                self._go_on(connection)
            else:
                connection.listen(page)
        elif connection.welcomed:
            # More was said in one channel while catching up than is worth replaying, or the history has another name:
            # only a welcome can say that, so begin again from the cursor.
            connection.close(Close.SLOW)
        elif page.resync:
            self._spawn_start(connection, resync=True)
        else:
            self._spawn(lambda: self._welcome_with_reset(connection, page))

    def _go_on(self, connection: Connection) -> None:
        """The next page when this one has left; what the reader does not take is not read for it."""
        connection.transport.when_drained(lambda: self._add(lambda: self._next_page(connection)))

    def _welcome_once(self, connection: Connection) -> None:
        if not connection.welcomed and connection.position is not None:
            connection.welcome(self._welcome(connection.position.encode(), resync=False, reset=[]))

    def _spawn_start(self, connection: Connection, resync: bool) -> None:
        self._spawn(lambda: self._start_over(connection, resync))

    def _start_over(self, connection: Connection, resync: bool) -> None:
        """Heads and cursor of one snapshot; names of people may have to be looked up, so this may wait."""
        started = _or_end(connection, lambda: self._heads(connection.user_id))
        if started is not None and connection.phase is Phase.CATCHING_UP:
            connection.position, channels = started
            cursor = connection.position.encode()
            connection.welcome(self._welcome(cursor, resync=resync, reset=[], heads=channels))
            self._go_on(connection)

    def _heads(self, user_id: UserId) -> tuple[Position, list[Channel]]:
        heads = self._store.heads(user_id)
        return heads.position, self._views.render(heads.channels)

    def _welcome_with_reset(self, connection: Connection, page: InboxPage) -> None:
        """As `_start_over`; the page is old by the time it is sent, so the tail is joined by a later, fresh one."""
        reset = _or_end(connection, lambda: self._views.render(page.reset))
        if reset is not None and connection.phase is Phase.CATCHING_UP and connection.position is not None:
            connection.welcome(self._welcome(connection.position.encode(), resync=False, reset=reset))
            connection.send_page(page)
            self._go_on(connection)

    def _welcome(
        self, cursor: str, *, resync: bool, reset: list[Channel], heads: list[Channel] | None = None
    ) -> Welcome:
        return Welcome(
            server=self._server, cursor=cursor, resync=resync, heads=heads, reset=reset,
            heartbeat_seconds=HEARTBEAT_SECONDS, limits=Limits(),
        )  # fmt: skip


def _or_end(connection: Connection, work: Callable[[], T]) -> T | None:
    """What the work gives; None when it cannot be done, and the connection is ended: it comes back with its cursor."""
    try:
        return work()
    except Unavailable as busy:
        connection.close(Close.RATE_LIMITED, after_ms=round(1000 * (busy.retry_after or 1)))
    except Exception:  # noqa: BLE001  # fail() notes it
        connection.fail()
    return None
