"""Who may see a newcomer is a setting of theirs; until it is known nobody is told of them. Asked for many at once."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from app.accounts.wire import Visibility
from app.core.errors import MaruError
from app.core.ids import UserId
from app.presence.port import Spawn

ASKED_AT_ONCE = 500

Ask = Callable[[Iterable[UserId]], Mapping[UserId, Visibility]]
"""The settings of those of the people who exist. Waits for the database; raises MaruError."""


class Introductions:
    """While one question is under way, those that come in gather, and are the next one."""

    def __init__(self, ask: Ask, answer: Callable[[UserId, Visibility], None], spawn: Spawn) -> None:
        self._ask = ask
        self._answer = answer
        self._spawn = spawn
        self._waiting: dict[UserId, None] = {}
        self._busy = False

    def add(self, user_id: UserId) -> None:
        """Find out about this person."""
        self._waiting[user_id] = None
        self.go_on()

    def go_on(self) -> None:
        """Ask, if there is anybody to ask for. To be called now and then: the database may have been away."""
        if self._waiting and not self._busy:
            self._busy = True
            self._spawn(self._work)

    def _work(self) -> None:
        try:
            while self._waiting:
                self._introduce(list(islice(self._waiting, ASKED_AT_ONCE)))
        except MaruError:
            return  # asked again with the next tick
        finally:
            self._busy = False

    def _introduce(self, user_ids: list[UserId]) -> None:
        """Who is added while the question is under way is asked for once more: the answer may be older than that."""
        for user_id in user_ids:
            del self._waiting[user_id]
        try:
            found = self._ask(user_ids)
        except MaruError:
            self._waiting |= dict.fromkeys(user_ids)
            raise
        for user_id in user_ids:
            if user_id not in self._waiting:
                self._answer(user_id, found.get(user_id, "nobody"))
