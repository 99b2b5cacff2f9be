"""Two servers of one installation in one process, with a clock that is set, and what people see of each other."""

from typing import Any

import msgspec

from app.bus.local_broker import LocalBroker
from app.bus.local_leases import LocalLeases
from app.core.ids import UserId
from tests.realtime.live import Client, LiveHouse

Json = dict[str, Any]


class Hall:
    """`one` and `other` share the store, the broker and the keys; `settle` lets all happen that was asked for."""

    def __init__(self) -> None:
        self.broker = LocalBroker()
        self.one = LiveHouse(broker=self.broker, name="s-1")
        self.leases: LocalLeases = self.one.leases
        self.clock = self.one.clock
        self.other = LiveHouse(self.one.store, self.broker, self.leases, self.clock, "s-2")
        self.houses = [self.one, self.other]
        self.world = self.one.world
        self.broker.start()

    def settle(self) -> None:
        while any(house.turns.waiting or house.presence_turns.waiting for house in self.houses):
            for house in self.houses:
                house.turns.run()
                house.presence_turns.run()

    def let_pass(self, seconds: int) -> None:
        """Second by second, as the servers' timers see it."""
        for _ in range(seconds):
            self.clock.ms += 1_000
            for house in self.houses:
                house.presence.tick()
            self.settle()

    def friends(self, *users: UserId) -> None:
        """Everybody is a contact of everybody."""
        for number, one in enumerate(users):
            for other in users[number + 1 :]:
                self.world.contact(one, "request", other)
                self.world.contact(other, "accept", one)
        self.catch_up()

    def catch_up(self) -> None:
        """Let the tails of both servers see what was committed."""
        for house in self.houses:
            house.tail.look()
        self.settle()

    def come(self, house: LiveHouse, user_id: UserId, **hello: Any) -> Client:
        """Connect and be live."""
        client = house.connect(user_id).hello(**hello)
        self.settle()
        return client

    def go(self, client: Client) -> None:
        client.connection.gone()
        self.settle()

    def beat(self, client: Client, **heartbeat: Any) -> None:
        client.say({"type": "heartbeat", **heartbeat})
        self.settle()


def shown(client: Client) -> dict[str, Json]:
    """What a client shows by all presence frames it got, by person."""
    users: dict[str, Json] = {}
    for frame in client.heard("presence"):
        users |= frame["users"]
    return users


def state(client: Client, user_id: UserId) -> str | None:
    """What it shows of one person; None if it was told nothing of them."""
    seen = shown(client).get(user_id)
    return None if seen is None else str(seen["state"])


def frames(client: Client) -> int:
    return len(client.heard("presence"))


def as_json(value: Any) -> Any:
    return msgspec.to_builtins(value)
