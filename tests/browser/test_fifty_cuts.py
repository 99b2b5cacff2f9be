"""Two people talk while fifty times something happens to their lines: nothing is lost, doubled or out of order.

What happens comes from a seed. `MARU_CUTS=full` takes its time between one and the next and tries several seeds, so
that every rung of the ladder is climbed; without it the cuts follow each other closely, which takes a few seconds.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.browser.people import Person
from tests.proxy import Proxy
from tests.serving import Server

Visitor = Callable[..., Person]

CUTS = 50
SHOWN = 30  # rows, at least, that a page draws at once
FULL = os.environ.get("MARU_CUTS") == "full"
SEEDS = range(5) if FULL else [7]
PAUSE_MS = (300, 4_000) if FULL else (20, 200)
KILLS = 6 if FULL else 2
DEADLINE_SECONDS = 120  # for all that is still under way when the lines are whole again


class Line:
    """One person's way to the server, and what may happen to it."""

    def __init__(self, person: Person, proxy: Proxy, chance: random.Random) -> None:
        self.person = person
        self._proxy = proxy
        self._chance = chance

    def suffer(self) -> str:
        """Something happens; what."""
        what = self._chance.choice(
            (self._cut, self._cut, self._refuse, self._strip, self._allow, self._cut_held, self._deafen, self._leave)
        )  # fmt: skip
        what()
        return f"{self.person.display_name}: {what.__name__}"

    def mend(self) -> None:
        """Whole again, and the browser hears of it."""
        self._allow()

    def _cut(self) -> None:
        self._proxy.behaviour.deaf = None
        self._proxy.cut()

    def _refuse(self) -> None:
        self._proxy.behaviour.upgrades = "refuse"
        self._cut()

    def _strip(self) -> None:
        self._proxy.behaviour.upgrades = "strip"
        self._cut()

    def _cut_held(self) -> None:
        self._refuse()
        self._proxy.behaviour.hold_seconds = self._chance.uniform(0.2, 1.0)
        self._proxy.behaviour.cut_with = self._chance.choice(("close", "504"))

    def _deafen(self) -> None:
        """What one side says arrives nowhere until the next cut: an answer may be lost that was given."""
        self._proxy.behaviour.deaf = self._chance.choice(("client", "server"))

    def _leave(self) -> None:
        """The browser has no network for a moment."""
        self.person.context.set_offline(True)
        self._proxy.cut()
        self.person.page.wait_for_timeout(20)
        self.person.context.set_offline(False)

    def _allow(self) -> None:
        self._proxy.behaviour.upgrades = "pass"
        self._proxy.behaviour.hold_seconds = None
        self._cut()
        self.person.page.evaluate("() => dispatchEvent(new Event('online'))")  # do not wait out the pause


@pytest.fixture
def proxies(own_server: Server) -> Iterator[list[Proxy]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Proxy(own_server.port)) for _ in range(2)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS)
def test_fifty_cuts_lose_double_and_reorder_nothing(
    own_server: Server, visitor: Visitor, proxies: list[Proxy], seed: int
) -> None:
    chance = random.Random(seed)
    people = [visitor(proxy.url, name).come_in() for proxy, name in zip(proxies, ("하나", "둘"), strict=True)]
    lines = [Line(person, proxy, chance) for person, proxy in zip(people, proxies, strict=True)]
    channel = people[0].direct_with(people[1])
    for person in people:
        person.open(channel)
    written: dict[Person, list[str]] = {person: [] for person in people}
    happened = []
    kills = set(chance.sample(range(5, CUTS), KILLS))
    for number in range(CUTS):
        happened.append(chance.choice(lines).suffer())
        if number in kills:
            happened.append("kill -9")
            own_server.kill9()
        for person in people:
            written[person].append(f"{person.display_name} {number}")
            person.write(written[person][-1])
        if number in kills:
            own_server.start()
        people[0].page.wait_for_timeout(chance.uniform(*PAUSE_MS))
    for line in lines:
        line.mend()

    everything = sorted(text for texts in written.values() for text in texts)
    for person in people:
        _settle(person, lambda person=person: sorted(person.texts()) == everything, happened)
        _settle(person, lambda person=person: not person.page.locator(".pending").count(), happened)
    log = [event["text"] for event in _log(people[0], channel)]
    for person in people:
        assert person.texts() == log, f"the order of the log, {happened}"
        assert [text for text in log if text in written[person]] == written[person], "the order of writing"
        person.page.reload()
        _settle(person, lambda person=person: shows_the_end(person, log), happened)


def shows_the_end(person: Person, log: list[str]) -> bool:
    """A page that starts anew shows the latest rows, from what the device keeps."""
    texts = person.texts()
    return len(texts) >= SHOWN and texts == log[-len(texts) :]


def _settle(person: Person, condition: Callable[[], bool], happened: list[str]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{person.display_name} sees {person.texts()} after {happened}"
        person.page.wait_for_timeout(100)


def _log(person: Person, channel: str) -> list[dict[str, str]]:
    events = person.ask("GET", f"/channels/{channel}/messages?limit=200")["events"]
    return [event for event in events if event["kind"] == "message"]
