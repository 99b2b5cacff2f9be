"""A server's word counts while it lives; after its death nobody can say for a while; then it is over."""

from app.presence.belief import FORGET_SECONDS, GRACE_SECONDS, Belief
from tests.store.world import SetClock


class Servers:
    def __init__(self) -> None:
        self.life: dict[str, bool | None] = {}

    def alive(self, instance: str) -> bool | None:
        return self.life[instance]


class World:
    def __init__(self, life: bool | None) -> None:
        self.clock, self.servers = SetClock(), Servers()
        self.servers.life["s-1"] = life
        self.belief = Belief(self.servers, self.clock)

    def becomes(self, life: bool | None) -> None:
        self.servers.life["s-1"] = life

    def after(self, seconds: int) -> str | None:
        """How it changed when so many seconds have passed; None when it did not."""
        self.clock.ms += seconds * 1_000
        return self.belief.look().get("s-1")


def test_after_its_death_a_server_is_doubted_for_a_grace() -> None:
    world = World(True)
    assert world.belief.standing("s-1") == "alive"
    world.becomes(False)
    assert [world.after(1), world.after(GRACE_SECONDS - 1), world.after(1)] == ["doubted", None, "over"]


def test_one_that_is_heard_again_counts_again_and_has_a_whole_grace_the_next_time() -> None:
    world = World(True)
    world.belief.standing("s-1")
    for _ in range(2):
        world.becomes(False)
        assert [world.after(1), world.after(GRACE_SECONDS - 1)] == ["doubted", None]
        world.becomes(True)
        assert world.after(1) == "alive"


def test_one_never_heard_of_has_its_grace_from_when_it_is_first_asked_about() -> None:
    world = World(False)
    assert world.after(1_000) is None
    assert world.belief.standing("s-1") == "doubted"
    assert world.after(GRACE_SECONDS) == "over"


def test_while_nobody_can_say_no_grace_runs() -> None:
    world = World(None)
    assert world.belief.standing("s-1") == "doubted"
    assert world.after(10 * GRACE_SECONDS) is None
    world.becomes(False)
    assert [world.after(1), world.after(GRACE_SECONDS)] == [None, "over"]
    world.becomes(None)
    assert world.after(1) is None


def test_dead_servers_are_not_remembered_for_ever() -> None:
    world = World(False)
    world.belief.standing("s-1")
    world.after(GRACE_SECONDS)
    world.after(FORGET_SECONDS + 1)
    assert not world.belief._standing
    assert not world.belief._since
