"""One Maru for the whole suite, and the two peers beside it."""

from collections.abc import Iterator

import pytest

from tests.conformance.subjects import Subject, maru, peer
from tests.people import Person
from tests.serving import Server

ENDLESS = "Invalid headers status: 'Line too long'"  # gevent's own words for a request that it refused


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Whatever was said to it, the same process is well in the end and has nothing to complain of."""
    with Server(tmp_path_factory.mktemp("conformance")) as server:
        yield server
        assert server.stop() == 0
    assert "Traceback" not in server.log
    assert [line for line in server.log.splitlines() if " ERROR " in line and ENDLESS not in line] == []


@pytest.fixture(scope="package")
def subject(server: Server) -> Subject:
    return maru(server.port, Person(server, "wire").token)


@pytest.fixture(scope="package")
def peers() -> Iterator[tuple[Subject, ...]]:
    """A peer that cannot be had is a failure, never a skip."""
    with peer("ws") as ws, peer("websockets") as websockets:
        yield ws, websockets
