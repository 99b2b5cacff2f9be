"""What a client is told: addresses written out, for where it asked."""

import pytest

from app.bus.local_broker import LocalBroker
from app.discovery.registry import Entry, Registry
from app.discovery.servers import Servers
from tests.accounts.house import SetClock

HERE = "http://192.0.2.7:8000"
PUBLIC = "https://chat.example.org"


class Streets:
    """A process's view of the servers that were named."""

    def __init__(self) -> None:
        self.broker = LocalBroker()
        self.broker.start()

    def registry(self, own: Entry | None) -> Registry:
        registry = Registry(self.broker, SetClock(), own)
        registry._ask()
        return registry

    def server(self, name: str, address: str) -> Registry:
        return self.registry(Entry(instance=f"s-{name}", id=name, address=address))


@pytest.fixture
def streets() -> Streets:
    return Streets()


def urls(servers: Servers, asked_at: str = HERE) -> set[str]:
    return {entry.url for entry in servers.ranked(asked_at)}


def test_paths_are_written_below_the_public_origin_or_where_it_was_asked(streets: Streets) -> None:
    registry = streets.server("a", "/s/a")
    streets.server("b", "")
    assert urls(Servers(registry, PUBLIC)) == {f"{PUBLIC}/s/a", PUBLIC}
    assert urls(Servers(registry, None)) == {f"{HERE}/s/a", HERE}


def test_a_server_on_another_host_keeps_its_own_address(streets: Streets) -> None:
    registry = streets.server("a", "https://a.example.org")
    servers = Servers(registry, PUBLIC)
    assert urls(servers) == {"https://a.example.org"}
    assert servers.elsewhere(HERE) == ["https://a.example.org"]


def test_a_server_whose_own_address_is_the_public_one_is_not_elsewhere(streets: Streets) -> None:
    registry = streets.server("a", PUBLIC)
    streets.server("b", "/s/b")
    assert Servers(registry, PUBLIC).elsewhere(HERE) == []


def test_who_serves_alone_names_itself_and_while_it_goes_away_nobody(streets: Streets) -> None:
    registry = streets.server("a", "")
    servers = Servers(registry, None)
    assert [(entry.id, entry.url) for entry in servers.ranked(HERE)] == [("a", HERE)]
    registry.drain()
    assert servers.ranked(HERE) == []


def test_who_serves_no_live_connections_names_others_or_else_the_public_origin(streets: Streets) -> None:
    servers = Servers(streets.registry(None), PUBLIC)
    assert [(entry.id, entry.url) for entry in servers.ranked(HERE)] == [("public", PUBLIC)]
    streets.server("a", "/s/a")
    assert urls(servers) == {f"{PUBLIC}/s/a"}


def test_only_others_that_take_clients_are_counted(streets: Streets) -> None:
    servers = Servers(streets.server("a", ""), None)
    streets.server("b", "")
    leaving = streets.server("c", "")
    assert servers.others() == 2
    leaving.drain()
    assert servers.others() == 1
