"""How far people's devices have acknowledged, as this process heard it: what "delivered" is shown from."""

from collections import OrderedDict

from app.core.ids import UserId

MAX_PEOPLE = 100_000  # the longest unheard are forgotten first; "delivered" then shows what was read


class Delivered:
    """The highest commit acknowledged by any device of a person."""

    def __init__(self) -> None:
        self._acknowledged: OrderedDict[UserId, int] = OrderedDict()

    def note(self, user_id: UserId, g: int) -> None:
        """A device has everything of this person up to `g`."""
        self._acknowledged[user_id] = max(g, self._acknowledged.get(user_id, 0))
        self._acknowledged.move_to_end(user_id)
        if len(self._acknowledged) > MAX_PEOPLE:
            self._acknowledged.popitem(last=False)

    def upto(self, user_id: UserId) -> int:
        """The commit index acknowledged, 0 when nothing is known."""
        return self._acknowledged.get(user_id, 0)
