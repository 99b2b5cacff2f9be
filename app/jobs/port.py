"""What a job is to the runner, and what the runner is to a job."""

from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[str], str | None]
"""Do a bounded page, of some seconds at most, of what lies beyond the cursor ("" at first), and return where it ended;
None when there is nothing to do. May wait; runs in a greenlet.

A page is done again, here or in another process, whenever it is not certain that its cursor was kept: its effects must
be such that this is harmless. What it raises is logged, and it is tried again, for ever."""


@dataclass(frozen=True, slots=True)
class Job:
    """`name` stays the same as long as the job exists: its cursor is kept under it."""

    name: str
    work: Work
