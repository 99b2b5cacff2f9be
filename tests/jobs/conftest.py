"""Several processes' runners on one database, inside the test process; time is the test's to move."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.jobs.office import Office


@pytest.fixture
def open_office(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Opens offices on one database, SQLite and PostgreSQL in turn, and closes them all in the end."""
    offices: list[Office] = []

    def build(name: str, **choices: object) -> Office:
        offices.append(Office(name, database_url, tmp_path, **choices))  # type: ignore[arg-type]
        return offices[-1]

    yield build
    for office in offices:
        office.close()
