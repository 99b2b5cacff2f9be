"""Bugs planted on purpose are found; a patch that does not fit the product any more has to be made anew."""

from pathlib import Path

import pytest

from tests.chaos.planted import FOLDER, SEEN_BY, bugs, hunt, seen, why_it_does_not_apply
from tests.chaos.product import copy_product

QUICK = ("leave_ignored_live", "unread_by_increment")
"""Those that CI hunts; `make chaos` hunts all."""


def test_there_are_ten_bugs_each_with_a_schedule_that_shows_it() -> None:
    assert len(bugs()) == 10
    assert {path.stem for path in FOLDER.glob("*.json")} == set(bugs()) == set(SEEN_BY)


def test_every_bug_still_fits_the_product(tmp_path: Path) -> None:
    copy = copy_product(tmp_path)
    assert {bug: why for bug in bugs() if (why := why_it_does_not_apply(bug, copy))} == {}


@pytest.mark.parametrize("bug", QUICK)
def test_a_planted_bug_is_found(bug: str, tmp_path: Path) -> None:
    violations = hunt(bug, tmp_path)
    assert seen(bug, violations), violations
