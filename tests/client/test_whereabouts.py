"""Where a device goes: along the list, then home, then it asks anew."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.client.rest import Rest, Server
from tests.client.whereabouts import Whereabouts
from tests.client.wire import Json, Unreachable
from tests.flows.crowd import flow

HOME = "http://maru.test"
PATH, FAR = f"{HOME}/s/a-1", "http://b.maru.test"


class Home(Rest):
    """A home that names servers as it is told."""

    def __init__(self, *urls: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(SimpleNamespace(base_url=HOME, sibling=Sibling), headers)  # type: ignore[arg-type]
        self.urls = list(urls)
        self.asked = 0
        self.away = False

    async def servers(self, region: str = "") -> Json:
        self.asked += 1
        if self.away:
            raise Unreachable("home is away")
        return {
            "servers": [{"id": url, "url": url, "region": ""} for url in self.urls],
            "ticket": f"{self.asked}",
        }


class Sibling:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url


def whereabouts(home: Home, discovers: bool = True) -> Whereabouts:
    return Whereabouts(lambda: home, discovers)


@flow
async def test_it_goes_along_the_list_then_home_then_asks_anew() -> None:
    home = Home(PATH, FAR)
    where = whereabouts(home)
    await where.find()
    visited = [where.url]
    while where.go_on():
        visited.append(where.url)
    assert visited == [PATH, FAR, HOME]
    home.urls = [FAR]
    await where.find()
    assert (where.url, home.asked) == (FAR, 2)


@flow
async def test_without_an_answer_home_is_where_it_goes() -> None:
    home = Home(PATH)
    home.away = True
    where = whereabouts(home)
    await where.find()
    assert (where.url, where.live, where.polled) == (HOME, home, home)


@flow
async def test_who_does_not_discover_stays_at_home_wherever_that_moves() -> None:
    home = Home(PATH)
    where = whereabouts(home, discovers=False)
    await where.find()
    assert (where.url, where.live, home.asked) == (HOME, home, 0)
    assert not where.go_on()


@flow
async def test_who_is_told_of_servers_goes_to_those() -> None:
    where = whereabouts(Home(PATH))
    await where.find()
    where.told([{"id": "b", "url": f"{FAR}/", "region": ""}])
    assert where.url == FAR


@pytest.mark.parametrize("headers", [{"Cookie": "maru_session=x"}, {"Authorization": "Bearer x"}])
@flow
async def test_on_another_host_a_cookie_stays_behind_and_a_fresh_ticket_comes_along(
    headers: dict[str, str],
) -> None:
    home = Home(PATH, FAR, headers=headers)
    where = whereabouts(home)
    await where.find()
    assert (await where.ticket(), dict(where.live.headers), where.by_ticket) == (None, headers, False)
    assert where.polled.server.base_url == PATH
    where.go_on()
    by_cookie = "Cookie" in headers
    assert (await where.ticket(), dict(where.live.headers)) == (("2", {}) if by_cookie else (None, headers))
    assert where.by_ticket is by_cookie
    assert where.polled.server.base_url == (HOME if by_cookie else FAR)


@flow
async def test_a_server_beside_another_is_the_same_each_time_and_shares_its_connections() -> None:
    server = Server(HOME)
    sibling: Any = server.sibling(FAR)
    assert sibling is server.sibling(FAR)
    assert (sibling.ws_url, sibling._http) == ("ws://b.maru.test/api/v1/ws", server._http)
    await server.close()
