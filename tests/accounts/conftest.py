"""A fresh house for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.accounts.house import House

OpenHouse = Callable[..., House]


@pytest.fixture
def open_house(database_url: str, tmp_path: Path) -> Iterator[OpenHouse]:
    """Opens houses on one database, SQLite and PostgreSQL in turn, and closes them all in the end."""
    houses: list[House] = []

    def build(**choices: object) -> House:
        houses.append(House(database_url, tmp_path, **choices))  # type: ignore[arg-type]
        return houses[-1]

    yield build
    for house in houses:
        house.close()


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    """Open to everybody, nothing throttled."""
    return open_house()
