"""Bugs that were planted to see that they are found: each a patch against the product, and a schedule that shows it.

They are applied to a copy of the product, never to the work tree.
"""

import asyncio
import subprocess
from pathlib import Path

from tests.chaos.checker import Violation, check
from tests.chaos.product import copy_product
from tests.chaos.run import run
from tests.chaos.schedule import read_schedule

FOLDER = Path(__file__).with_name("bugs")


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


def hunt(bug: str, folder: Path) -> list[Violation]:
    """What is seen of the bug when its schedule is run. Takes some ten seconds."""
    program = plant(bug, copy_product(folder / "program"))
    schedule = read_schedule(FOLDER / f"{bug}.json")
    return check(asyncio.run(run(schedule, folder, program)))


def _apply(bug: str, copy: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = ["git", "apply", *more, str(FOLDER / f"{bug}.patch")]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
