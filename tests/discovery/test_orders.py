"""An operator's orders reach the server that has the name, and it says what it does."""

import pytest

from app.bus.local_broker import LocalBroker
from app.config import CannotServe
from app.discovery import commands as command_module
from app.discovery.commands import Commands, NotReached, table
from app.discovery.orders import Obedience, Report, Wish, drain_sentence
from app.discovery.registry import Entry, Registry
from tests.accounts.house import SetClock


class Fleet:
    """Two servers, and an operator beside them."""

    def __init__(self) -> None:
        self.broker = LocalBroker()
        self.clock = SetClock()
        self.heard: list[tuple[str, Wish]] = []
        self.willing = True
        for name in ("a-1", "b-1"):
            own = Entry(instance=f"s-{name}", id=name, address=f"/s/{name}", capacity=100)
            Registry(self.broker, self.clock, own, lambda: (7, 3))
            Obedience(
                self.broker, frozenset({name, f"s-{name}"}), lambda wish, name=name: self.obey(name, wish)
            )  # type: ignore[misc]
        self.commands = Commands(self.broker, Registry(self.broker, self.clock))

    def obey(self, name: str, wish: Wish) -> tuple[bool, str]:
        self.heard.append((name, wish))
        return self.willing, f"{name} was told to {wish}."


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> Fleet:
    for patience in ("CONNECT_SECONDS", "ANSWER_SECONDS", "LISTEN_SECONDS"):
        monkeypatch.setattr(command_module, patience, 0.02)
    return Fleet()


@pytest.mark.parametrize("name", ["b-1", "s-b-1"])
@pytest.mark.parametrize("wish", ["drain", "undrain"])
def test_the_server_of_the_name_obeys_and_says_so(fleet: Fleet, name: str, wish: Wish) -> None:
    fleet.commands.start()
    report = fleet.commands.order(name, wish)
    assert (report.done, report.sentence) == (True, f"b-1 was told to {wish}.")
    assert fleet.heard == [("b-1", wish)]


def test_who_cannot_obey_says_that(fleet: Fleet) -> None:
    fleet.willing = False
    fleet.commands.start()
    assert fleet.commands.order("a-1", "undrain").done is False


def test_reports_to_other_orders_are_not_taken_for_this_ones(fleet: Fleet) -> None:
    fleet.commands.start()
    fleet.commands._reports.append(Report("another", False, "no"))
    assert fleet.commands.order("a-1", "drain").done


def test_a_name_nobody_has_is_a_sentence_that_names_those_there_are(fleet: Fleet) -> None:
    fleet.commands.start()
    with pytest.raises(NotReached, match=r"^No chat server is called c-1\. There are: a-1, b-1\.$"):
        fleet.commands.order("c-1", "drain")
    assert fleet.heard == []


def test_a_server_that_says_nothing_to_an_order_is_a_sentence(fleet: Fleet) -> None:
    own = Entry(instance="s-mute", id="mute")
    Registry(fleet.broker, fleet.clock, own)
    fleet.commands.start()
    with pytest.raises(NotReached, match=r"^mute does not answer\.$"):
        fleet.commands.order("mute", "drain")


def test_a_broker_that_cannot_be_reached_is_a_sentence(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet.broker, "start", lambda: None)
    with pytest.raises(CannotServe, match=r"^Redis cannot be reached\."):
        fleet.commands.start()


def test_the_servers_are_a_table(fleet: Fleet) -> None:
    fleet.commands.start()
    assert fleet.commands.servers().splitlines() == [
        "NAME  ADDRESS  REGION  CLIENTS  LAG   STATE",
        "a-1   /s/a-1   -       7/100    3 ms  open",
        "b-1   /s/b-1   -       7/100    3 ms  open",
    ]


def test_with_no_servers_there_is_a_sentence_instead(fleet: Fleet) -> None:
    alone = LocalBroker()
    commands = Commands(alone, Registry(alone, fleet.clock))
    commands.start()
    with pytest.raises(NotReached, match=r"^No chat server answers\.$"):
        commands.servers()


def test_a_draining_server_is_marked_and_one_without_a_path_is_public() -> None:
    entry = Entry(instance="s-1", id="s-1", region="seoul", draining=True)
    assert table([entry]).splitlines()[1].split() == ["s-1", "public", "seoul", "0/1", "0", "ms", "draining"]


def test_a_server_that_drains_says_where_its_clients_go() -> None:
    assert drain_sentence(214, 3) == "It sends its clients (214) to the other servers (3)."
    assert drain_sentence(2, 0) == "It asks its clients (2) to come again later: there is no other server."
