"""One timer wheel for all connections: a beat to each every 25 s, and an end for those who are silent.

A spoke a second, so that 10,000 connections are 400 small writes a second and not 10,000 timers.
"""

import random
from collections.abc import Callable

from app.realtime.connection import Connection, Phase
from app.realtime.wire import HEARTBEAT_SECONDS, HELLO_SECONDS, Close

SILENT_ROUNDS = 3  # beats left unanswered before a connection counts as dead


class Pulse:
    """Every connection sits on one of 25 spokes; `tick` is called once a second."""

    def __init__(self, position: Callable[[], int]) -> None:
        """`position` gives the tail's position in the commit index."""
        self._position = position
        self._spokes: list[dict[Connection, None]] = [{} for _ in range(HEARTBEAT_SECONDS)]
        self._now = 0

    def __len__(self) -> int:
        return sum(map(len, self._spokes))

    def add(self, connection: Connection) -> None:
        """A connection began; it has until its spoke's turn in 10 s to greet."""
        connection.spoke = (self._now + HELLO_SECONDS + 1) % HEARTBEAT_SECONDS  # part of this second is over
        self._spokes[connection.spoke][connection] = None

    def settle(self, connection: Connection) -> None:
        """The connection greeted: any spoke will do from now on, so that those who came together are spread."""
        self.remove(connection)
        connection.spoke = random.randrange(HEARTBEAT_SECONDS)
        self._spokes[connection.spoke][connection] = None

    def remove(self, connection: Connection) -> None:
        if connection.spoke >= 0:
            self._spokes[connection.spoke].pop(connection, None)

    def all(self) -> list[Connection]:
        return [connection for spoke in self._spokes for connection in spoke]

    def tick(self) -> None:
        """One second has gone by."""
        self._now = (self._now + 1) % HEARTBEAT_SECONDS
        position = self._position()
        for connection in list(self._spokes[self._now]):
            try:
                self._beat(connection, position)
            except Exception:  # noqa: BLE001  # fail() notes it
                connection.fail()

    def _beat(self, connection: Connection, position: int) -> None:
        if connection.phase is Phase.GREETING:
            connection.close(Close.POLICY)
        elif connection.silent >= SILENT_ROUNDS:
            connection.close(Close.SLOW)
        else:
            connection.silent += 1
            connection.beat(position)
