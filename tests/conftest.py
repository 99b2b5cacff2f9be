"""What holds for all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from gevent import monkey
from hypothesis import settings

from tests.postgres import NOT_FOUND, Postgres, find_postgres

# The time of one example says nothing on a machine that does other things too. The rest is as Hypothesis decides:
# under CI the examples are the same every time.
settings.register_profile("maru", settings(deadline=None))
settings.load_profile("maru")


def pytest_collection_finish(session: pytest.Session) -> None:
    """A module that patches the standard library when imported would break the tests of all others, one by one."""
    if monkey.is_module_patched("threading"):
        raise pytest.UsageError(
            "Some test imported a module that calls gevent's patch_all: run it as a process."
        )


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One cluster for the whole session; each test has databases of its own. In CI missing is a failure."""
    programs = find_postgres()
    if programs is None:
        assert not os.environ.get("CI"), NOT_FOUND
        pytest.skip(NOT_FOUND)
    cluster = Postgres(programs)
    yield cluster
    cluster.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLAlchemy's URL of a database: what holds for people holds on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'maru.db'}"
    else:
        yield request.getfixturevalue("postgresql_url")


@pytest.fixture
def postgresql_url(postgres: Postgres) -> Iterator[str]:
    """SQLAlchemy's URL of a PostgreSQL database with Maru's empty tables."""
    with postgres.database() as url:
        yield url
