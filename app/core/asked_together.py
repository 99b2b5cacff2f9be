"""Questions about single things that are asked of the database together."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

import gevent
from gevent.event import AsyncResult

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class AskedTogether(Generic[K, V]):
    """While one question is under way, those that come in gather, and are the next question.

    A transaction costs 0.4 ms and, beside a busy event loop, many hand-overs of the GIL: after a restart everybody's
    session is asked for at once. An answer is never older than its question. For greenlets of one event loop.
    """

    def __init__(self, ask: Callable[[list[K]], dict[K, V]]) -> None:
        """`ask` answers for many keys and may wait; what it raises, all who wait for it get."""
        self._ask = ask
        self._gathered: dict[K, AsyncResult[V | None]] = {}
        self._asking = False

    def find(self, key: K) -> V | None:
        """The answer for one key, None if there is none. Waits."""
        return self._ask_for(key).get()

    def find_all(self, keys: Iterable[K]) -> dict[K, V]:
        """The answers for some keys, without those that have none. Waits once for all."""
        asked = {key: self._ask_for(key) for key in keys}
        return {key: found for key, answer in asked.items() if (found := answer.get()) is not None}

    def _ask_for(self, key: K) -> "AsyncResult[V | None]":
        answer = self._gathered.setdefault(key, AsyncResult())
        if not self._asking:
            self._asking = True
            gevent.spawn(self._ask_all)
        return answer

    def _ask_all(self) -> None:
        """In a greenlet of its own, so that none of those who wait has to serve the others."""
        try:
            while self._gathered:
                gathered, self._gathered = self._gathered, {}
                self._answer(gathered)
        finally:
            self._asking = False

    def _answer(self, gathered: dict[K, "AsyncResult[V | None]"]) -> None:
        try:
            found = self._ask(list(gathered))
        except Exception as error:  # noqa: BLE001  # raised again by find()
            for answer in gathered.values():
                answer.set_exception(error)
            return
        for key, answer in gathered.items():
            answer.set(found.get(key))
