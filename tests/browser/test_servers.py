"""Several chat servers: the page goes from one to the next, and nobody notices."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]

WATCH_THE_LINE = """() => {
    window.manners = [];
    new MutationObserver((changes) => changes.forEach(({ target }) => window.manners.push(target.dataset.manner)))
        .observe(document.body, { subtree: true, attributeFilter: ["data-manner"] });
}"""


class OnItsOwnHost(Server):
    """A chat server beside `home`, reached at an address of its own: for browsers that is another host."""

    def __init__(self, home: Server) -> None:
        super().__init__(home.folder, {"MARU_PUBLIC_URL": home.base_url, "MARU_CAPACITY": "1000000"})
        self._env["MARU_SERVER_URL"] = self.base_url


class AtHome(Server):
    """The server that the page comes from; as a chat server it has a path below that. It is full with one client."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {"MARU_SERVER_ID": "home", "MARU_CAPACITY": "1"})
        self._env["MARU_PUBLIC_URL"] = self.base_url


@pytest.fixture
def home(tmp_path: Path, built_page: None) -> Iterator[Server]:
    with AtHome(tmp_path / "servers") as server:
        yield server


def sockets_of(person: Person) -> list[str]:
    """The addresses of the WebSockets that the page opens from now on."""
    urls: list[str] = []
    person.page.on("websocket", lambda socket: urls.append(socket.url))
    return urls


def comes_first(server: Server, person: Person) -> bool:
    """Whether a page would be sent to this server: each time, and not only by the luck of the draw."""
    lists = [person.ask("GET", "/servers")["servers"] for _ in range(10)]
    return all(servers[0]["url"] == server.base_url for servers in lists)


def never_offline(person: Person) -> bool:
    """Whether the line said "connecting" at most, since it was watched."""
    manners = person.page.evaluate("() => window.manners")
    return set(manners) <= {"connecting", "live"}


def test_from_server_to_server_without_anybody_noticing(home: Server, visitor: Visitor) -> None:
    anchor = visitor(home.base_url, "Anchor")
    at_home = home.base_url.replace("http", "ws") + "/s/home/api/v1/ws"
    of_anchor = sockets_of(anchor)
    anchor.come_in().is_connected("live")
    assert of_anchor == [at_home]
    traveller = visitor(home.base_url, "Traveller")
    of_traveller = sockets_of(traveller)
    with OnItsOwnHost(home) as other:
        anchor.until(lambda: comes_first(other, anchor), "the other server is heard of")
        traveller.come_in().is_connected("live")
        assert of_traveller == [other.ws_url]
        channel = traveller.direct_with(anchor)
        anchor.open(channel)
        traveller.open(channel).page.evaluate(WATCH_THE_LINE)
        traveller.write("from the other server")
        anchor.sees("from the other server")

        other.kill9()
        traveller.until(lambda: of_traveller[-1] == at_home, "it has moved on")
        traveller.write("from home")
        anchor.sees("from home")
        anchor.write("welcome home")
        traveller.sees("welcome home")
        assert never_offline(traveller)

        other.start()
        anchor.until(lambda: comes_first(other, anchor), "the other server is back")
        traveller.page.reload()
        traveller.is_connected("live")
        assert of_traveller[-1] == other.ws_url
        traveller.page.evaluate(WATCH_THE_LINE)
        moves = len(of_traveller)
        other.stop()
        traveller.until(lambda: len(of_traveller) > moves, "it was sent on")
        traveller.write("with a goodbye")
        anchor.sees("with a goodbye")
    assert of_traveller[moves:] == [at_home]
    assert never_offline(traveller)
    assert traveller.texts() == anchor.texts()
    assert len(anchor.texts()) == 4


@pytest.fixture
def supervised(tmp_path: Path, built_page: None) -> Iterator[Server]:
    """Two workers without names, as `serve --workers 2` starts them."""
    with Server(tmp_path / "workers", {"MARU_WORKERS": "2"}) as server:
        yield server
    assert "Traceback" not in server.log


def test_while_all_workers_are_exchanged_people_go_on_writing_and_see_at_most_a_quiet_line(
    supervised: Server, visitor: Visitor
) -> None:
    ann, ben = (visitor(supervised.base_url, name).come_in() for name in ("Ann", "Ben"))
    channel = ann.direct_with(ben)
    for person in (ann, ben):
        person.open(channel).is_connected("live")
        person.page.evaluate(WATCH_THE_LINE)
    first = set(supervised.children())
    supervised.signal(signal.SIGHUP)
    said = []
    while first & set(supervised.children()):
        for speaker, listener in ((ann, ben), (ben, ann)):
            said.append(f"line {len(said)}")
            speaker.write(said[-1])
            listener.sees(said[-1])
    for person in (ann, ben):
        person.is_connected("live")
        assert person.texts() == said
        assert never_offline(person)
        assert person.page.locator("[role=alert]").count() == 0
