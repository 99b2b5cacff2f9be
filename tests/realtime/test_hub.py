"""Who hears what: exactly what the memberships hold, in order, once; and no cursor ahead of what was sent."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.core.ids import ChannelId, UserId
from app.realtime.hub import MAX_RUN_BYTES, Hub, runs
from app.realtime.wire import MAX_FRAME_BYTES
from app.store.committer import accepted_events
from app.store.cursor import Position, decode_cursor
from app.store.drafts import AddMembers, AnyDraft, MarkRead, NewDelete, NewMessage, RemoveMember
from app.store.port import MAX_INBOX_BYTES, Committed
from tests.realtime.live import Client, LiveHouse
from tests.store.world import places

PEOPLE, CHANNELS = 3, 3


@pytest.fixture
def house() -> LiveHouse:
    return LiveHouse()


def heard(client: Client) -> list[tuple[str, int]]:
    return [(event["channel_id"], event["seq"]) for event in client.events]


class Delivery(RuleBasedStateMachine):
    """Any number of people come, speak, join, leave, connect and vanish, here and in another process; batches of any
    mix are committed, hints of them get lost, doubled or reordered. What each client heard is compared with what the
    store says its person missed from the cursor it began with: the two are written apart from each other."""

    def __init__(self) -> None:
        super().__init__()
        self.house = LiveHouse()
        self.people: list[UserId] = []
        self.channels: list[ChannelId] = []
        self.clients: list[tuple[Client, Position]] = []
        self.unheard: list[Sequence[Committed]] = []

    @initialize()
    def begin(self) -> None:
        world = self.house.world
        self.people = world.people(PEOPLE)
        self.channels = [world.group(self.people[number % PEOPLE]) for number in range(CHANNELS)]

    drafts = st.lists(
        st.tuples(
            st.sampled_from(["say", "say", "say", "join", "leave", "read", "delete"]),
            st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1), st.integers(0, CHANNELS - 1),
        ),
        min_size=1, max_size=6,
    )  # fmt: skip

    @rule(batch=drafts)
    def commit_here(self, batch: list[tuple[str, int, int, int]]) -> None:
        if commits := self._append(batch):
            self.house.tail.offer(commits)

    @rule(batch=drafts)
    def commit_elsewhere(self, batch: list[tuple[str, int, int, int]]) -> None:
        if commits := self._append(batch):
            self.unheard.append(commits)

    @rule(which=st.integers(0, 9), again=st.booleans())
    def hear_a_hint(self, which: int, again: bool) -> None:
        if self.unheard:
            place = which % len(self.unheard)
            hint = self.unheard[place] if again else self.unheard.pop(place)
            self.house.tail.offer(hint)

    @rule()
    def look(self) -> None:
        self.house.tail.look()

    @rule(who=st.integers(0, PEOPLE - 1), back=st.integers(0, 20), turns=st.integers(0, 3))
    def connect(self, who: int, back: int, turns: int) -> None:
        """With a cursor of some time ago, and only so many turns for catching up before other things happen."""
        since = Position(self.house.epoch, max(0, self.house.store.head_g() - back))
        client = self.house.connect(self.people[who])
        client.connection.receive(b'{"type":"hello","cursor":"%b"}' % since.encode().encode())
        self.clients.append((client, since))
        for _ in range(turns):
            self.house.turns.turn()

    @rule()
    def turn(self) -> None:
        self.house.turns.turn()

    @rule(which=st.integers(0, 9))
    def disconnect(self, which: int) -> None:
        if self.clients:
            client, _ = self.clients.pop(which % len(self.clients))
            client.connection.gone()

    @invariant()
    def no_cursor_is_ahead_of_what_was_sent(self) -> None:
        """And nobody hears what is not theirs, or in another order, or twice: what was heard is the beginning of what
        was missed, at least as far as the cursor says."""
        for client, since in self.clients:
            if not client.heard("welcome"):
                continue
            mine = self._missed(client, since)
            assert heard(client) == places(mine[: len(client.events)])
            position = decode_cursor(client.cursor)
            assert position is not None
            assert len([row for row in mine if row.g <= position.g]) <= len(client.events)

    @invariant()
    def beats_tell_the_truth(self) -> None:
        for client, _ in self.clients:
            client.connection.beat(self.house.tail.position)

    def teardown(self) -> None:
        """In the end everybody has everything."""
        self.house.turns.run()
        self.house.tail.look()
        for client, since in self.clients:
            assert heard(client) == places(self._missed(client, since))
        for client, _ in self.clients:
            client.connection.gone()
        assert self.house.hub._routes == {}

    def _missed(self, client: Client, since: Position) -> list[Committed]:
        pages = self.house.world.catch_up(client.connection.user_id, since)
        return [row for page in pages for row in page.events]

    def _append(self, batch: list[tuple[str, int, int, int]]) -> list[Committed]:
        return accepted_events(self.house.store.append([self._draft(*entry) for entry in batch]))

    def _draft(self, what: str, who: int, whom: int, where: int) -> AnyDraft:
        author, other, channel = self.people[who], self.people[whom], self.channels[where]
        match what:
            case "join":
                return AddMembers(author_id=author, channel_id=channel, user_ids=[other])
            case "leave":
                return RemoveMember(author_id=author, channel_id=channel, user_id=other)
            case "read":
                return MarkRead(author_id=author, channel_id=channel, seq=1_000)
            case "delete":
                return NewDelete(author_id=author, channel_id=channel, target=2)
        return NewMessage(author_id=author, channel_id=channel, text="x")


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def test_in_one_batch_a_person_gets_what_comes_before_and_including_their_leave(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(ann, bob)
    client = house.connect(bob).hello()
    say = NewMessage(author_id=ann, channel_id=channel, text="x")
    outcomes = house.store.append([say, RemoveMember(author_id=ann, channel_id=channel, user_id=bob), say])
    house.tail.offer(accepted_events(outcomes))
    assert [event["kind"] for event in client.events] == ["message", "leave"]
    assert house.hub.hears(client.connection, channel) is False
    assert channel not in client.connection.channels


def test_who_joins_in_a_batch_hears_their_join_and_nothing_before_it(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(ann)
    client = house.connect(bob).hello()
    say = NewMessage(author_id=ann, channel_id=channel, text="x")
    outcomes = house.store.append([say, AddMembers(author_id=ann, channel_id=channel, user_ids=[bob]), say])
    house.tail.offer(accepted_events(outcomes))
    assert [event["kind"] for event in client.events] == ["join", "message"]


def test_everybody_gets_the_same_bytes_made_once(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(ann, bob)
    taken: list[bytes] = []
    for person in (ann, bob, bob):
        house.connect(person).hello().connection.queue = taken.append
    house.world.say(ann, channel)
    assert len(taken) == 3
    assert taken[0] is taken[1] is taken[2]


def test_messages_of_one_channel_in_a_batch_are_one_frame(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel, other = house.world.group(ann, bob), house.world.group(ann, bob)
    client = house.connect(bob).hello()
    say = NewMessage(author_id=ann, channel_id=channel, text="x")
    batch = [say, say, NewMessage(author_id=ann, channel_id=other, text="y"), say]
    house.tail.offer(accepted_events(house.store.append(batch)))
    assert [len(frame["events"]) for frame in client.heard("events")] == [
        3,
        1,
    ]  # the store keeps a channel together


def test_a_frame_keeps_below_what_a_client_must_take(house: LiveHouse) -> None:
    """Live, and with all that a page of catching up may hold."""
    ann, bob = house.world.people(2)
    channel = house.world.group(ann, bob)
    house.world.say_many(ann, channel, 1)
    rows = [
        Committed(g, channel, g, "message", b"x" * size)
        for g, size in enumerate((80_000, 80_000, 80_000, MAX_RUN_BYTES, 1), start=1)
    ]
    frames = [house.hub._frame(run) for run in runs(rows)]
    assert sum(map(len, runs(rows))) == len(rows)
    longest = Position(house.epoch, 1 << 59, 1 << 59, 1 << 59).encode()
    overhead = len(b'{"type":"events","events":[],"cursor":""}') + len(longest)
    assert max(map(len, frames)) <= MAX_FRAME_BYTES
    assert MAX_INBOX_BYTES + overhead <= MAX_FRAME_BYTES


def test_a_listener_that_breaks_fails_alone(house: LiveHouse, caplog: pytest.LogCaptureFixture) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(ann, bob)
    clients = [house.connect(bob).hello() for _ in range(3)]
    clients[1].transport.breaking = True
    house.world.say(ann, channel)
    assert [len(client.events) for client in clients] == [1, 0, 1]
    assert clients[1].transport.aborted
    assert "no room for a frame" in caplog.text
    assert house.listeners() == 2


def test_what_could_not_be_delivered_is_not_passed_over_by_a_later_cursor(
    house: LiveHouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(ann, bob)
    client = house.connect(bob).hello()
    cursor = client.cursor

    def break_down(run: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(house.hub, "_frame", break_down)
    house.world.say(ann, channel, "lost?")
    monkeypatch.undo()
    house.world.say(ann, channel, "later")
    assert (client.transport.aborted, client.events) == (True, [])
    assert house.connect(bob).hello(cursor).texts == ["lost?", "later"]
    assert "could not be delivered" in caplog.text


def test_a_session_that_was_ended_before_it_listened_is_closed(house: LiveHouse) -> None:
    (ann,) = house.world.people(1)
    session = house.session()
    house.announcements.session_ended(session)
    client = house.connect(ann, session).hello()
    assert client.transport.closed == (4003, "revoked")
    assert (house.listeners(), len(house.pulse)) == (0, 0)


def test_ended_sessions_are_remembered_only_so_many(
    house: LiveHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.realtime.hub.MAX_ENDED", 3)
    for _ in range(10):
        house.hub.end_session(house.session())
    assert len(house.hub._ended) == 3


def test_nobody_is_left_in_a_route_however_they_came_into_it(house: LiveHouse) -> None:
    ann, bob = house.world.people(2)
    channel = house.world.group(ann)
    client = house.connect(bob).hello()
    house.world.add(ann, channel, bob)
    client.connection.gone()
    assert house.hub._routes == {}


def test_cursors_name_the_history(house: LiveHouse) -> None:
    assert decode_cursor(Hub("ab" * 16).cursor(255)) == Position("ab" * 16, 255)
