"""One connection that listens: it is told which topics to hear, chunk by chunk, and hands out what it hears.

By hand: redis-py's PubSub takes 40 microseconds more for each message. One greenlet reads, another writes.
"""

import logging
from collections.abc import Callable
from typing import Any

import gevent
import gevent.event
import redis

from app.bus.interest import Interest, react_all

log = logging.getLogger(__name__)

MAX_TOPICS = (
    1_000  # in one command; the next follows its answer, so that answers never fill the server's buffer
)
MAX_IN_A_ROW = 256  # messages handed out before others have their turn
ALIVE_SECONDS = 10.0  # a subscription without questions is asked whether it lives this often
ANSWER_SECONDS = 5.0  # for an answer, or for anything at all to be heard meanwhile


class Subscription:
    """Keeps what one connection hears in step with the interest. Lives as long as the connection."""

    def __init__(self, connection: Any, interest: Interest, waiting: list[Callable[[], None]]) -> None:
        """`waiting`: reactions that are called, and taken out of it, once all interest so far is heard."""
        self._connection = connection
        self._interest = interest
        self._waiting = waiting
        self._held: set[bytes] = set()
        self._heard = 0
        self._asked = gevent.event.Event()
        self._answered = gevent.event.Event()
        interest.begin_anew()

    def ask(self) -> None:
        """Interest changed, or somebody waits to hear that it holds. At the end of this turn it is looked at."""
        self._asked.set()

    def hear(self, ready: Callable[[], None]) -> None:
        """Hand out what comes, until the connection ends: raises redis.RedisError or OSError then. `ready` is called
        once all that was of interest at the beginning is heard."""
        keeping = gevent.spawn(self._keep_up, ready)
        try:
            self._read()
        finally:
            keeping.kill()

    def _read(self) -> None:
        read = self._connection.read_response
        while True:
            answer = read(timeout=None)
            self._heard += 1
            if type(answer) is not list:
                self._answered.set()  # PING's, while no topic is held
            elif answer[0] == b"message":
                self._interest.hand_out(answer[1], answer[2])
            elif answer[0] == b"pong":
                self._answered.set()
            if not self._heard % MAX_IN_A_ROW:
                gevent.sleep(0.000_001)  # by a timer, or the loop would not look at its sockets

    def _keep_up(self, ready: Callable[[], None]) -> None:
        try:
            while self._interest.changed:
                self._tell(self._interest.take_changed(MAX_TOPICS))
            ready()
            self._asked.set()
            while True:
                if not self._asked.wait(ALIVE_SECONDS):
                    self._tell([])
                self._asked.clear()
                while self._interest.changed or self._waiting:
                    self._tell_some()
        except (redis.RedisError, OSError) as error:
            log.info("the subscription ended: %s", error)
            self._connection.disconnect()  # which ends the reading too

    def _tell_some(self) -> None:
        """Tell the server of some changes; of the last ones with those who wait for that."""
        changed = self._interest.take_changed(MAX_TOPICS)
        due = [] if self._interest.changed else list(self._waiting)
        self._tell(changed)
        del self._waiting[: len(due)]
        react_all(due)

    def _tell(self, topics: list[bytes]) -> None:
        """Bring what is held in step, and wait until the server has done it: PING is answered in its turn."""
        wanted = [topic for topic in topics if topic in self._interest and topic not in self._held]
        unwanted = [topic for topic in topics if topic not in self._interest and topic in self._held]
        self._held.update(wanted)
        self._held.difference_update(unwanted)
        commands = [
            (word, *words) for word, words in (("SUBSCRIBE", wanted), ("UNSUBSCRIBE", unwanted)) if words
        ]
        self._answered.clear()
        self._connection.send_packed_command(self._connection.pack_commands([*commands, ("PING",)]))
        self._await_answer()

    def _await_answer(self) -> None:
        """As long as anything is heard, the answer may still be on its way."""
        heard = self._heard
        while not self._answered.wait(ANSWER_SECONDS):
            if self._heard == heard:
                raise redis.TimeoutError("the subscription is silent")
            heard = self._heard
