"""Bugs that were planted to see that they are found: each a patch against the product, and a schedule that shows it.

They are applied to a copy of the product, never to the work tree.
"""

import asyncio
import subprocess
from pathlib import Path

from tests.chaos.checker import Violation, check
from tests.chaos.product import copy_product
from tests.chaos.run import run
from tests.chaos.schedule import Schedule, read_schedule

FOLDER = Path(__file__).with_name("bugs")


SEEN_BY: dict[str, frozenset[str]] = {
    "acknowledge_before_sync": frozenset({"acknowledged", "own_writes"}),
    "cursor_past_gap": frozenset({"gaps", "cursors"}),
    "epoch_not_checked": frozenset({"epoch", "cursors"}),
    "frames_reordered": frozenset({"gaps", "cursors"}),
    "leave_ignored_live": frozenset({"membership"}),
    "no_duplicate_key": frozenset({"once"}),
    "read_before_subscribe": frozenset({"gaps", "cursors"}),
    "send_for_sendall": frozenset({"promises"}),
    "tail_joined_late": frozenset({"gaps", "cursors"}),
    "unread_by_increment": frozenset({"unread"}),
}
"""The rules that are about what a bug breaks: one of them has to see it, others may."""


def bugs() -> list[str]:
    """Their names, in order."""
    return sorted(patch.stem for patch in FOLDER.glob("*.patch"))


def why_it_does_not_apply(bug: str, copy: Path) -> str | None:
    """None when the patch fits the copy."""
    tried = _apply(bug, copy, "--check")
    return tried.stderr if tried.returncode else None


def plant(bug: str, copy: Path) -> Path:
    """Put the bug into the copy."""
    applied = _apply(bug, copy)
    assert not applied.returncode, applied.stderr
    return copy


def seen(bug: str, violations: list[Violation]) -> bool:
    """Whether a rule that is about it has seen it."""
    return not SEEN_BY[bug].isdisjoint(violation.rule for violation in violations)


def hunt(bug: str, folder: Path) -> list[Violation]:
    """What the rules say when the bug's schedule is run. Takes some ten seconds."""
    return judged(read_schedule(FOLDER / f"{bug}.json"), folder, bug)


def judged(schedule: Schedule, folder: Path, bug: str | None = None) -> list[Violation]:
    """What the rules say of a run of the product, or of one with a bug in it."""
    program = copy_product(folder / "program")
    if bug is not None:
        plant(bug, program)
    return check(asyncio.run(run(schedule, folder, program)))


def _apply(bug: str, copy: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = ["git", "apply", *more, str(FOLDER / f"{bug}.patch")]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
