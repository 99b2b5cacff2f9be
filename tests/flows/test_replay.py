"""The real logs, said by a hundred people: every device ends with exactly the log, in order, once."""

import asyncio
import random
from functools import partial
from uuid import uuid4

import pytest

from tests.chatlogs import UBUNTU_LOGS, Joined, Left, Line, Said, script
from tests.client.device import Device
from tests.client.rest import Rest
from tests.client.validation import Checks
from tests.client.wire import RUNGS, Event, Rung
from tests.flows.crowd import Crowd, Person, flow, gathered, require_same_log, texts
from tests.serving import Server

MIXED: tuple[Rung, ...] = (*("websocket",) * 7, "longpoll", "poll", "poll")
SWITCHING = 16
BREATH = 10  # lines after which the speakers wait for everybody
LISTENING = 18
ENOUGH_LINES = 600

pytestmark = pytest.mark.timeout(300)  # seconds, for machines that are busy with other things


class Cast:
    """Who plays whom: a person for each author. Those with a device that listens speak by it, others by REST."""

    def __init__(self, crowd: Crowd, authors: list[str]) -> None:
        owner, *others = crowd.people
        self.owner = crowd.rest(owner)
        self._crowd = crowd
        self._people = dict(zip(authors, others, strict=False))
        self._devices = {device.user_id: device for device in crowd.devices}

    def rest(self, author: str) -> Rest:
        return self._crowd.rest(self._people[author])

    def user_id(self, author: str) -> str:
        return self._people[author].user_id

    def device(self, author: str) -> Device | None:
        return self._devices.get(self.user_id(author))

    async def say(self, channel_id: str, line: Said) -> int:
        """Say a line; returns its seq once it is acknowledged."""
        device = self.device(line.author)
        if device is None:
            event, _ = await self.rest(line.author).send(channel_id, str(uuid4()), line.text)
            return event["seq"]
        client_message_id = device.send(channel_id, line.text)
        await device.settled()
        where = device.storage.find(device.user_id, client_message_id)
        assert where is not None
        return where[1]


@flow
async def test_a_log_is_replayed_in_order_to_the_devices_of_a_hundred_people(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    authors, lines = script(UBUNTU_LOGS[2:3], 99)
    async with gathered(served.base_url, hundred, documents) as crowd:
        crowd.devices_on(MIXED)
        await require_replayed(crowd, authors, lines[:ENOUGH_LINES])


@flow
async def test_all_the_logs_are_replayed_in_order_to_devices_on_all_transports(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    authors, lines = script(UBUNTU_LOGS, 99)
    async with gathered(served.base_url, hundred, documents) as crowd:
        crowd.devices_on(MIXED)
        await require_replayed(crowd, authors, lines)


async def require_replayed(crowd: Crowd, authors: list[str], lines: list[Line]) -> None:
    """Say a log line by line in a new group; every device must end with exactly the log, in order, once."""
    said = [line for line in lines if isinstance(line, Said)]
    cast = Cast(crowd, authors)
    await crowd.start()
    channel_id = await crowd.group("#ubuntu")
    for line in said:
        await cast.say(channel_id, line)
    log = await crowd.caught_up(channel_id)
    assert texts(log) == [line.text for line in said]
    for device in crowd.devices:
        require_same_log(device, channel_id, log)
        assert device.gaps == device.resyncs == device.resets == 0


@flow
async def test_devices_that_switch_transport_every_few_messages_miss_and_double_nothing(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    authors, lines = script(UBUNTU_LOGS[1:2], 99)
    said = [line for line in lines if isinstance(line, Said)]
    chance = random.Random(2008)
    async with gathered(served.base_url, hundred, documents) as crowd:
        switchers = crowd.devices_on(people=hundred[:SWITCHING])
        cast = Cast(crowd, authors)
        await crowd.start()
        channel_id = await crowd.group("#ubuntu")
        switching = [asyncio.create_task(keep_switching(device, channel_id, chance)) for device in switchers]
        for number, line in enumerate(said, 1):
            seq = await cast.say(channel_id, line)
            if number % BREATH == 0:  # a quick server would say the whole log during a few changes
                await asyncio.gather(
                    *(device.until(partial(knows, channel_id, seq), 60) for device in switchers)
                )
        log = await crowd.caught_up(channel_id)
        for task in switching:
            task.cancel()
        switches = await asyncio.gather(*switching, return_exceptions=True)
        assert [one for one in switches if not isinstance(one, asyncio.CancelledError)] == []
        assert texts(log) == [line.text for line in said]
        for device in switchers:
            await device.until(partial(knows, channel_id, log[-1]["seq"]))
            require_same_log(device, channel_id, log)
            assert device.connections > len(said) / 30


async def keep_switching(device: Device, channel_id: str, chance: random.Random) -> None:
    """Another transport every five to fifteen messages."""
    while True:
        await device.until(partial(knows, channel_id, device.last(channel_id) + chance.randint(5, 15)), 120)
        await device.switch(chance.choice([rung for rung in RUNGS if rung != device.ladder.rung]))


def knows(channel_id: str, seq: int, device: Device) -> bool:
    """Whether a device has a channel's log up to `seq`."""
    return device.last(channel_id) >= seq


class Play:
    """A log played by people who also edit, delete, leave and come back; what must be on the screen in the end."""

    def __init__(self, cast: Cast, channel_id: str, chance: random.Random) -> None:
        self.cast = cast
        self.channel_id = channel_id
        self.chance = chance
        self.shown: dict[int, str] = {}  # text by seq
        self.by_author: dict[str, list[int]] = {}
        self.out: set[str] = set()

    async def say(self, line: Said) -> None:
        await self.bring_in(line.author)
        seq = await self.cast.say(self.channel_id, line)
        self.shown[seq] = line.text
        self.by_author.setdefault(line.author, []).append(seq)

    async def change(self, author: str) -> None:
        """Edit one of the author's messages, or take it back."""
        if author in self.out or not self.by_author.get(author):
            return
        seq = self.chance.choice(self.by_author[author])
        if self.chance.random() < 0.7:
            await self.edit(author, seq, f"{self.shown[seq][:100]} ✎{self.chance.random()}")
        else:
            await self.delete(author, seq)

    async def edit(self, author: str, seq: int, text: str) -> None:
        self.shown[seq] = text
        device = self.cast.device(author)
        if device is None:
            await self.cast.rest(author).edit(self.channel_id, seq, str(uuid4()), text)
        else:
            device.edit(self.channel_id, seq, text)
            await device.settled()

    async def delete(self, author: str, seq: int) -> None:
        del self.shown[seq]
        self.by_author[author].remove(seq)
        device = self.cast.device(author)
        if device is None:
            await self.cast.rest(author).delete(self.channel_id, seq)
        else:
            device.delete(self.channel_id, seq)
            await device.settled()

    async def leave(self, author: str) -> None:
        if author not in self.out:
            self.out.add(author)
            await self.cast.rest(author).remove_member(self.channel_id, self.cast.user_id(author))

    async def bring_in(self, author: str) -> None:
        """The owner adds the person, whose device learns of it by itself."""
        if author not in self.out:
            return
        self.out.remove(author)
        await self.cast.owner.add_member(self.channel_id, self.cast.user_id(author))
        device = self.cast.device(author)
        if device is not None:
            await device.until(lambda one: self.channel_id in one.here())


@flow
async def test_edits_deletes_leaves_and_returns_in_between_leave_everybody_with_what_is_theirs(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    authors, lines = script(UBUNTU_LOGS[:1], 99)
    chance = random.Random(2004)
    witnessed: dict[str, list[int]] = {person.user_id: [] for person in hundred}
    async with gathered(served.base_url, hundred, documents) as crowd:
        devices = crowd.devices_on(people=hundred[:LISTENING])
        for device in devices:
            device.witness = partial(note_seq, witnessed[device.user_id])
        await crowd.start()
        channel_id = await crowd.group("#ubuntu")
        for seqs in witnessed.values():
            seqs[:] = [
                1
            ]  # the join by which the group began; what was heard of other channels is not looked at
        play = Play(Cast(crowd, authors), channel_id, chance)
        for line in lines:
            match line:
                case Said():
                    await play.say(line)
                case Left(author):
                    await play.leave(author)
                case Joined(author):
                    await play.bring_in(author)
            if chance.random() < 0.15:
                await play.change(chance.choice(authors))
            if chance.random() < 0.05:
                await play.leave(chance.choice(authors))
        log = await crowd.caught_up(channel_id)
        stays = own_events(log)
        for device in devices:
            await device.until(lambda one: witnessed[one.user_id][-1] >= stays[one.user_id][-1])
            assert witnessed[device.user_id] == stays[device.user_id]
            if channel_id in device.here():
                require_same_log(device, channel_id, log)
        await require_screens(crowd, channel_id, play)


def note_seq(seqs: list[int], event: Event) -> None:
    """Remember the seq of an event of the last group."""
    seqs.append(event["seq"])


def own_events(log: list[Event]) -> dict[str, list[int]]:
    """What each person must have heard: everything within their stays, own join and own leave included."""
    inside: set[str] = set()
    heard: dict[str, list[int]] = {}
    for event in log:
        if event["kind"] == "join":
            inside |= set(event["user_ids"])
        for user_id in inside:
            heard.setdefault(user_id, []).append(event["seq"])
        if event["kind"] == "leave":
            inside.remove(event["user_id"])
    return heard


async def require_screens(crowd: Crowd, channel_id: str, play: Play) -> None:
    """Everybody's screen shows what was said, as it was edited, and nothing that was deleted."""
    expected = [text for _, text in sorted(play.shown.items())]
    for device in crowd.devices:
        if channel_id not in device.here():
            assert device.screen(channel_id) == []
            continue
        await device.load_history(channel_id)
        assert device.texts(channel_id) == expected
