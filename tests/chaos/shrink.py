"""Makes a failing schedule smaller while it goes on failing: fewer acts, so that every further run is quicker; fewer
faults after that.

A run depends on chance below the schedule, too, so a smaller one counts as failing if it fails in one of a few tries.
"""

from collections.abc import Callable

import msgspec

from tests.chaos.schedule import Blow, Schedule

FEWEST_ACTS = 20

Fails = Callable[[Schedule], bool]


def shrink(schedule: Schedule, fails: Fails, tries: int = 2, runs: int = 30) -> Schedule:
    """The smallest failing schedule that was found within so many runs. `schedule` itself is known to fail."""
    judged = _Judge(fails, tries, runs)
    schedule = _fewer_acts(schedule, judged)
    schedule = _fewer_blows(schedule, judged)
    return _fewer_acts(schedule, judged)


class _Judge:
    """Tries a schedule some times, until all runs are spent; then nothing fails any more."""

    def __init__(self, fails: Fails, tries: int, runs: int) -> None:
        self._fails = fails
        self._tries = tries
        self._left = runs

    def fails(self, schedule: Schedule) -> bool:
        for _ in range(self._tries):
            if self._left == 0:
                return False
            self._left -= 1
            if self._fails(schedule):
                return True
        return False


def _fewer_acts(schedule: Schedule, judged: _Judge) -> Schedule:
    while schedule.acts // 2 >= FEWEST_ACTS and judged.fails(half := _halved(schedule)):
        schedule = half
    return schedule


def _fewer_blows(schedule: Schedule, judged: _Judge) -> Schedule:
    """Leave out half of the faults, a quarter, … down to single ones, as long as it still fails without them."""
    size = (len(schedule.blows) + 1) // 2
    while size:
        first = 0
        while first < len(schedule.blows):
            fewer = schedule.blows[:first] + schedule.blows[first + size :]
            smaller = msgspec.structs.replace(schedule, blows=fewer)
            if judged.fails(smaller):
                schedule = smaller
            else:
                first += size
        size //= 2
    return schedule


def _halved(schedule: Schedule) -> Schedule:
    """Half the acts, and the faults closer together."""
    blows = [Blow(blow.after // 2, blow.fault, blow.seed) for blow in schedule.blows]
    return msgspec.structs.replace(schedule, acts=schedule.acts // 2, blows=blows)
