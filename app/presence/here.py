"""The people who are connected to this server, and how active they are. Leases only: nothing is ever just switched off.

Memory: about 600 bytes a person and 150 a connection. No I/O here; runs on the event loop.
"""

from collections.abc import Callable
from math import ceil

from app.accounts.wire import Visibility
from app.core.clock import Clock
from app.core.ids import UserId
from app.presence.records import Record

ACTIVE_SECONDS = 30  # after a device said that it is in use; it says so every 10 s
POLLED_SECONDS = 75  # after a request of a device that polls; a held one lasts up to 55 s
GRACE_SECONDS = 10  # after the last connection ended, so that a page can be loaded again unnoticed
SHELVES = 40  # people are asserted anew a shelf a second


class Visit:
    """One live connection of a person."""

    __slots__ = ("active_until", "person")

    def __init__(self, person: "Person") -> None:
        self.person = person
        self.active_until = float("-inf")


class Person:
    """Somebody who is here, or was a moment ago. `until`, `active_until`: what their polls, and connections that
    ended, still count for. `record`: what was told last; None until it is known who may be told."""

    __slots__ = (
        "active_until", "due", "last_active_at", "record", "until", "user_id", "visibility", "visits",
    )  # fmt: skip

    def __init__(self, user_id: UserId) -> None:
        self.user_id = user_id
        self.visits: list[Visit] = []
        self.until = self.active_until = float("-inf")
        self.last_active_at: int | None = None
        self.visibility: Visibility | None = None
        self.record: Record | None = None
        self.due = float("inf")

    def is_active_until(self) -> float:
        return (
            max(self.active_until, *(visit.active_until for visit in self.visits))
            if self.visits
            else self.active_until
        )

    def is_here_until(self) -> float:
        return float("inf") if self.visits else max(self.until, self.active_until)


class Here:
    """Counts devices and leases; tells each change of a person's state once."""

    def __init__(
        self, instance: str, clock: Clock, tell: Callable[[Record], None], introduce: Callable[[UserId], None]
    ) -> None:
        """`tell` is given what others must hear. `introduce` is asked who may see a newcomer, and answers by
        `set_visibility`; until then nobody is told of them."""
        self._instance = instance
        self._clock = clock
        self._tell = tell
        self._introduce = introduce
        self._shelves: list[dict[UserId, Person]] = [{} for _ in range(SHELVES)]
        self._due: dict[int, list[Person]] = {}
        self._swept = int(clock.monotonic())
        self._versions = 0

    def __len__(self) -> int:
        return sum(map(len, self._shelves))

    # --- what devices do ---------------------------------------------------------------------------------------

    def arrive(self, user_id: UserId, active: bool) -> Visit:
        """A connection of this person began."""
        person = self._person(user_id)
        visit = Visit(person)
        person.visits.append(visit)
        if active:
            self._act(visit, person)
        self._look(person)
        return visit

    def beat(self, visit: Visit, active: bool) -> None:
        """A connection said whether its device is in use."""
        if active:
            person = visit.person
            self._act(visit, person)
            if person.record is None or person.record.state != "online":
                self._look(person)

    def leave(self, visit: Visit) -> None:
        """A connection ended, for whatever reason; for a while its person counts as they did."""
        person, until = visit.person, self._clock.monotonic() + GRACE_SECONDS
        if visit in person.visits:
            person.visits.remove(visit)
            person.until = max(person.until, until)
            person.active_until = max(person.active_until, min(visit.active_until, until))
            self._look(person)

    def polled(self, user_id: UserId, active: bool) -> None:
        """A device asked for what it missed."""
        person, now = self._person(user_id), self._clock.monotonic()
        person.until = max(person.until, now + POLLED_SECONDS)
        if active:
            person.active_until = max(person.active_until, now + ACTIVE_SECONDS)
            person.last_active_at = self._clock.now_ms()
        self._look(person)

    def _act(self, lease: Visit, person: Person) -> None:
        lease.active_until = self._clock.monotonic() + ACTIVE_SECONDS
        person.last_active_at = self._clock.now_ms()

    # --- what follows ------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """See to leases that ran out. To be called every second or so."""
        now = int(self._clock.monotonic())
        for second in range(self._swept + 1, now + 1):
            for person in self._due.pop(second, ()):
                if person.due == second:  # else it was put forward, and has been looked at
                    person.due = float("inf")
                    self._look(person)
        self._swept = max(self._swept, now)

    def set_visibility(self, user_id: UserId, visibility: Visibility) -> None:
        """Who may see this person; told with the next word about them, which is now if it changed."""
        person = self._shelf(user_id).get(user_id)
        if person is not None:
            person.visibility = visibility
            self._look(person)

    def record(self, user_id: UserId) -> Record | None:
        """What this server says of a person."""
        person = self._shelf(user_id).get(user_id)
        return person.record if person is not None else None

    def has(self, user_id: UserId) -> bool:
        return user_id in self._shelf(user_id)

    def shelf(self, number: int) -> list[Record]:
        """What is to be said again of one part of the people: those on one of `SHELVES`."""
        return [
            self._present(person, person.record) for person in self._shelves[number].values() if person.record
        ]

    def word_of_absent(self, user_id: UserId, last_active_at: int | None, visibility: Visibility) -> Record:
        """What to say of somebody who is not here, when who may see them has changed."""
        self._versions += 1
        return Record(user_id, self._instance, self._versions, "offline", last_active_at, visibility)

    def _present(self, person: Person, record: Record) -> Record:
        """The same with the latest time of activity."""
        if record.last_active_at == person.last_active_at or person.visibility is None:
            return record
        person.record = Record(
            person.user_id,
            self._instance,
            record.version,
            record.state,
            person.last_active_at,
            person.visibility,
        )
        return person.record

    def _look(self, person: Person) -> None:
        """Tell what changed, and look again when the next lease runs out."""
        now, state = self._clock.monotonic(), self._state(person)
        self._tell_if_new(person, state)
        if state == "offline":
            person.due = float("inf")
            self._shelf(person.user_id).pop(person.user_id, None)
        else:
            self._look_again(
                person, person.is_active_until() if state == "online" else person.is_here_until(), now
            )

    def _state(self, person: Person) -> str:
        now = self._clock.monotonic()
        if person.is_active_until() > now:
            return "online"
        return "away" if person.is_here_until() > now else "offline"

    def _tell_if_new(self, person: Person, state: str) -> None:
        told, visibility = person.record, person.visibility
        if visibility is None or (told is not None and (told.state, told.visibility) == (state, visibility)):
            return
        self._versions += 1
        person.record = Record(
            person.user_id, self._instance, self._versions, state,  # type: ignore[arg-type]
            person.last_active_at, visibility,
        )  # fmt: skip
        self._tell(person.record)

    def _look_again(self, person: Person, at: float, now: float) -> None:
        """At the end of a second, once at a time; leases that were prolonged meanwhile are found then."""
        if at < person.due and at != float("inf"):
            person.due = max(ceil(at), int(now) + 1)
            self._due.setdefault(int(person.due), []).append(person)

    def _person(self, user_id: UserId) -> Person:
        shelf = self._shelf(user_id)
        person = shelf.get(user_id)
        if person is None:
            person = shelf[user_id] = Person(user_id)
            self._introduce(user_id)
        return person

    def _shelf(self, user_id: UserId) -> dict[UserId, Person]:
        return self._shelves[hash(user_id) % SHELVES]
