"""One server with a hundred people for the flows that leave it in good health; others start their own."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.client.rest import Server as Address
from tests.client.validation import Checks
from tests.flows.crowd import Person, sign_up_people
from tests.flows.valkey import Valkey
from tests.serving import Server

HUNDRED = 100


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that runs through the whole session."""
    with Server(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture(scope="session")
def documents(served: Server) -> Checks:
    """The documents of the server, compiled."""

    async def learn() -> Checks:
        address = Address(served.base_url)
        try:
            return await address.learn()
        finally:
            await address.close()

    return asyncio.run(learn())


@pytest.fixture(scope="session")
def hundred(served: Server, documents: Checks) -> list[Person]:
    """A hundred people of that server."""
    return make_people(served, HUNDRED, documents)


def make_people(server: Server, count: int, checks: Checks | None = None) -> list[Person]:
    async def sign_up() -> list[Person]:
        address = Address(server.base_url, checks)
        try:
            return await sign_up_people(address, [f"사람 {number}" for number in range(count)])
        finally:
            await address.close()

    return asyncio.run(sign_up())


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, to be treated badly."""
    with Server(tmp_path) as server:
        yield server


@dataclass
class Pair:
    """Two servers on the same data, and the Valkey that carries hints between them."""

    valkey: Valkey
    servers: list[Server]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as stack:
        valkey = stack.enter_context(Valkey(tmp_path / "valkey"))
        servers = [Server(tmp_path / "servers", {"REDIS_URL": valkey.url}) for _ in range(2)]
        for server in servers:
            stack.enter_context(server)
        yield Pair(valkey, servers)
