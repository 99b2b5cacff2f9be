"""What there is to see of a person as of now: everybody's records, one's own server's word, and whose word counts."""

from collections.abc import Iterable

from app.core.clock import Clock
from app.core.ids import UserId
from app.presence.belief import Belief
from app.presence.here import Here
from app.presence.records import Record, Sight, combine

UNSURE_SECONDS = 10  # after Redis lost its keys: within that every server has written its own again


class Sights:
    """Puts together what is known; keeps nothing of anybody."""

    def __init__(self, here: Here, belief: Belief, clock: Clock) -> None:
        self._here = here
        self._belief = belief
        self._clock = clock
        self._unsure_until = float("-inf")

    def doubt(self) -> None:
        """What is not kept in Redis may only not have been written again yet."""
        self._unsure_until = self._clock.monotonic() + UNSURE_SECONDS

    @property
    def unsure(self) -> bool:
        """Whether what is read now may lack something."""
        return self._clock.monotonic() < self._unsure_until

    def of(
        self, user_id: UserId, records: Iterable[Record], seen: Record | None, *, is_read: bool = True
    ) -> Sight:
        """`records` of other servers; `is_read`: whether what is kept was read, and when all of it was there."""
        own = self._here.record(user_id)
        believed = [own] if own is not None else []
        doubted: list[Record] = []
        for record in records:
            standing = self._belief.standing(record.instance)
            if standing != "over":
                (believed if standing == "alive" else doubted).append(record)
        return combine(believed, doubted, seen, unsure=not is_read)
