"""The busiest hour of a mixed day: real lines in many channels, by all transports, with typing, reading, presence,
devices that come and go and people who open channels. Open loop: what is due is done, however the server keeps up."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.workloads.day_model import GROUP_SIZES, Day
from bench.workloads.day_people import Device, OnRequests, OnSocket, Tally
from bench.workloads.plan import Channel, Plan, Town, settled
from bench.workloads.served import Served, serving
from bench.workloads.shape import Options, Table, Workload, delays, number
from bench.workloads.usage import Used
from tests.chatlogs import UBUNTU_LOGS, Said, script

COMING_AT_ONCE = 32
WARM_SECONDS = 4.0
TYPES_SECONDS = 2.0  # before a message is sent
AWAY_SECONDS = (1.0, 20.0)
DIRECTS_EACH = 10
GROUPS_OF_A_SIZE = 20
HAPPENED = ("sent", "delivered", "came", "opened", "typing", "read", "requests", "syncs")
DELAYS = ("answered", "websocket", "longpoll", "history")
SHARES = (0.5, 0.99, 0.999)
Happen = Callable[[int], None]
"""Called with the nanosecond at which it was due."""


@dataclass(frozen=True)
class Measured:
    """One measurement; `used` by process, the generator among them."""

    times: float
    tally: Tally
    used: Used

    def rate(self, name: str) -> float:
        return self.tally.counts[name] / self.used.seconds

    def share(self, *names: str) -> float:
        """Of a core, of the processes whose names begin so."""
        found = [cpu for process, cpu in self.used.cpu.items() if process.startswith(names)]
        return sum(found) / self.used.seconds


def run(folder: Path, options: Options) -> list[Table]:
    day = Day(users=options.size(5_000, 150))
    town = settled(folder / "data", plan(day))
    seconds = options.size(12, 3)
    with serving(folder) as served:
        alone = live(served, town, day, (1, 4, 16), seconds)
    with serving(folder, workers=2) as served:
        shared = live(served, town, day, (4, 16), seconds)
    return [
        table(day, alone, "A mixed day", figures("day", day, alone)),
        table(day, shared, "The same on two servers of one core", figures("day2", day, shared)),
    ]


def plan(day: Day) -> Plan:
    """Everybody has some direct channels, and there are groups of all sizes."""
    chance = random.Random(5)
    directs = {
        tuple(sorted((one, (one + 1 + chance.randrange(day.users - 1)) % day.users)))
        for one in range(day.users)
        for _ in range(DIRECTS_EACH // 2)
    }
    groups = [
        chance.sample(range(day.users), min(size, day.users))
        for size in GROUP_SIZES
        for _ in range(GROUPS_OF_A_SIZE)
    ]
    return Plan(day.users, [*(list(pair) for pair in directs), *groups])


def live(
    served: Served, town: Town, day: Day, multiples: tuple[float, ...], seconds: float
) -> list[Measured]:
    return asyncio.run(Hour(served, town, day).measure(multiples, seconds))


class Hour:
    """The people who are connected, and what falls due."""

    def __init__(self, served: Served, town: Town, day: Day) -> None:
        self._day = day
        self._pids = {**served.pids, "generator": os.getpid()}
        self._tally = Tally()
        self._texts = _texts()
        chance = random.Random(7)
        connected = chance.sample(range(day.users), day.connected)
        self._devices = {
            number: self._device(town, number, served.ports[place % len(served.ports)], place / day.connected)
            for place, number in enumerate(connected)
        }
        channels = [
            channel for channel in town.channels if any(one in self._devices for one in channel.members)
        ]
        self._directs = [channel for channel in channels if len(channel.members) == 2]
        self._groups = [
            [channel for channel in channels if len(channel.members) == size] for size in GROUP_SIZES
        ]
        self._channels_of = _channels_of(channels)
        self._away: set[Device] = set()
        self._over = False

    def _device(self, town: Town, number: int, port: int, place: float) -> Device:
        """`place`, from 0 to 1, decides how it reaches the server."""
        active = random.random() < self._day.active_share
        made = (town.people[number], port, town.cursor, active, lambda: self._tally)
        polls = place < self._day.poll_share
        if polls or place < self._day.poll_share + self._day.long_poll_share:
            return OnRequests(*made, held=not polls)
        return OnSocket(*made)

    async def measure(self, multiples: tuple[float, ...], seconds: float) -> list[Measured]:
        gate = asyncio.Semaphore(COMING_AT_ONCE)
        await asyncio.gather(*(self._come(device, gate) for device in self._devices.values()))
        results = [await self._measure_one(times, seconds) for times in multiples]
        self._over = True
        for device in self._devices.values():
            device.go()
        return results

    async def _come(self, device: Device, gate: asyncio.Semaphore) -> None:
        async with gate:
            await device.come()

    async def _measure_one(self, times: float, seconds: float) -> Measured:
        day = self._day
        streams = [
            self._stream(times * day.messages_a_second, self._write),
            self._stream(times * day.comings_a_second, self._leave),
            self._stream(times * day.openings_a_second, self._open),
        ]
        running = [asyncio.ensure_future(stream) for stream in streams]
        await asyncio.sleep(WARM_SECONDS)
        self._tally = tally = Tally()
        with Used(self._pids) as used:
            await asyncio.sleep(seconds)
        self._tally = Tally()  # what comes now is of no measurement
        measured = Measured(times, tally, used)
        for stream in running:
            stream.cancel()
        await asyncio.sleep(TYPES_SECONDS)
        print(
            f"  {times} times: {measured.rate('delivered'):.0f} deliveries/s, {dict(measured.tally.counts)}",
            flush=True,
        )
        return measured

    async def _stream(self, rate: float, happen: Happen) -> None:
        """Things that fall due at random moments, so many a second. Those that are late are made up for at once."""
        due = time.monotonic()
        while True:
            due += random.expovariate(rate)
            await asyncio.sleep(max(due - time.monotonic(), 0))
            happen(round(due * 1e9))

    def _write(self, due_ns: int) -> None:
        """Somebody begins to write; the message is due two seconds later."""
        groups = random.choice(self._groups)
        channel = random.choice(
            self._directs if random.random() < self._day.direct_share or not groups else groups
        )
        author = random.choice([self._devices[one] for one in channel.members if one in self._devices])
        author.type(channel.channel_id)
        due_ns += round(TYPES_SECONDS * 1e9)
        asyncio.get_running_loop().call_at(due_ns / 1e9, self._send, author, channel.channel_id, due_ns)

    def _send(self, author: Device, channel_id: str, due_ns: int) -> None:
        self._tally.counts["sent"] += 1
        author.say(channel_id, due_ns, f"{due_ns:019d} {next(self._texts)}")

    def _leave(self, due_ns: int) -> None:
        device = random.choice(list(self._devices.values()))
        if device in self._away:
            return
        self._away.add(device)
        device.go()
        asyncio.get_running_loop().call_later(random.uniform(*AWAY_SECONDS), self._come_back, device)

    def _come_back(self, device: Device) -> None:
        if not self._over:
            self._tally.counts["came"] += 1
            device.do(self._return(device))

    async def _return(self, device: Device) -> None:
        await device.come()
        self._away.discard(device)

    def _open(self, due_ns: int) -> None:
        number = random.choice(list(self._devices))
        channel = random.choice(self._channels_of[number])
        self._tally.counts["opened"] += 1
        self._devices[number].open(channel.channel_id, due_ns)


def _channels_of(channels: list[Channel]) -> dict[int, list[Channel]]:
    found: dict[int, list[Channel]] = {}
    for channel in channels:
        for member in channel.members:
            found.setdefault(member, []).append(channel)
    return found


def _texts() -> Iterator[str]:
    _, lines = script(UBUNTU_LOGS, 100)
    said = [line.text for line in lines if isinstance(line, Said)]
    while True:
        yield from said


def table(day: Day, measured: list[Measured], title: str, found: dict[str, float]) -> Table:
    columns = [
        "times the peak", "messages/s", "deliveries/s", "acknowledged, ms", "heard by WebSocket, ms",
        "by long poll, ms", "channel opened, ms", "server CPU", "Valkey", "generator",
    ]  # fmt: skip
    rows = [
        [
            f"{one.times:g}", number(one.rate("sent")), number(one.rate("delivered")),
            *(delays(one.tally.delays.get(name, []), SHARES) for name in DELAYS),
            *(f"{one.share(*names):.1%}" for names in (("maru", "supervisor"), ("valkey",), ("generator",))),
        ]
        for one in measured
    ]  # fmt: skip
    return Table(title, columns, rows, found, notes(day, measured))


def figures(prefix: str, day: Day, measured: list[Measured]) -> dict[str, float]:
    """What happened in a second, and what it took: by this the model of bench/capacity.py is judged."""
    found = {}
    for one in measured:
        key = f"{prefix}.{one.times:g}"
        for name in HAPPENED:
            found[f"{key}.{name}"] = one.rate(name)
        found[f"{key}.connected"] = float(day.connected)
        found[f"{key}.server_cpu"] = one.share("maru", "supervisor")
        found[f"{key}.valkey_cpu"] = one.share("valkey")
    return found


def notes(day: Day, measured: list[Measured]) -> list[str]:
    wrong = sum((one.tally.counts for one in measured), start=Counter[str]())
    bad = {
        name: count
        for name, count in wrong.items()
        if name.startswith(("gaps", "error", "answered ", "failed", "connections lost"))
    }
    said = (
        ", ".join(f"{name} {count}" for name, count in sorted(bad.items()))
        or "no gap, no error, no connection lost"
    )
    return [
        f"{day.connected:,} devices of {day.users:,} daily users; delays p50 / p99 / p99.9 from when a thing was due; "
        f"{wrong['delivered']:,} deliveries, {wrong['read']:,} read markers, {wrong['typing']:,} typing, "
        f"{wrong['came']:,} came back, {wrong['requests'] + wrong['syncs']:,} requests: {said}."
    ]


WORKLOAD = Workload("mixed_day", "A mixed day", run)
