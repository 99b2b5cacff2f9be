"""What presence costs: `python -m bench.presence [USERS…]`; 1250, 2500 and 5000 with 50 friends each on 2 servers.

Two processes, each with the real presence, broker, registry and store (LMDB) over one real Valkey, and half of the
people on transports that only count. Everybody signs in within `LOGIN_SECONDS`, stays in use, stops using it (so that
everybody becomes away within ten seconds), comes back; then one server is killed (-9).
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import os  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections.abc import Iterable, Mapping  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
import redis  # noqa: E402

from app.accounts.wire import Visibility  # noqa: E402
from app.bus.embedded import EmbeddedValkey  # noqa: E402
from app.bus.redis_broker import RedisBroker  # noqa: E402
from app.bus.redis_leases import RedisLeases  # noqa: E402
from app.core.clock import SystemClock  # noqa: E402
from app.core.ids import ChannelId, UserId  # noqa: E402
from app.core.loop import EventLoop  # noqa: E402
from app.discovery.registry import ANNOUNCE_SECONDS, Entry, Registry  # noqa: E402
from app.presence.actions import PresenceDesk  # noqa: E402
from app.presence.here import Visit  # noqa: E402
from app.realtime.ephemera import presence_frame  # noqa: E402
from app.store.drafts import ContactAction, SetContact  # noqa: E402
from app.store.lmdb_store import LmdbStore  # noqa: E402

SIZES = [1_250, 2_500, 5_000]
FRIENDS = 50
LOGIN_SECONDS = 20
CALM_SECONDS = 20
AWAY_SECONDS = 45  # 30 until the leases end, and some to tell
RETURN_SECONDS = 20
DEATH_SECONDS = 50  # lease 6, grace 30, and what follows
BEAT_SECONDS = 10
MAP_BYTES = 4 << 30

Json = dict[str, Any]


def user(number: int) -> UserId:
    return UserId(f"{number:016x}")


def friends(number: int, users: int) -> Iterable[int]:
    """The same for both sides, half of them on the other server."""
    for step in range(1, FRIENDS // 2 + 1):
        distance = step * step % users
        yield (number + distance) % users
        yield (number - distance) % users


class Counter:
    """A transport that only counts."""

    def __init__(self, user_id: UserId, counted: Json) -> None:
        self.user_id = user_id
        self._counted = counted

    def queue(self, frame: bytes) -> None:
        self._counted["frames"] += 1
        self._counted["bytes"] += len(frame)

    def fail(self) -> None:
        raise AssertionError("a frame could not be made")


class Part:
    """One server's presence and its people, driven by lines on stdin."""

    def __init__(self, url: str, folder: Path, number: int, users: int) -> None:
        self.clock, self.loop = SystemClock(), EventLoop()
        self.broker, leases = RedisBroker(url, "bench"), RedisLeases(url, "bench")
        name = f"s-{number}-{os.getpid()}"
        self.registry = Registry(self.broker, self.clock, Entry(instance=name, id=name))
        self.counted: Json = {"frames": 0, "bytes": 0, "lag_ms": 0.0}
        store = LmdbStore(folder, self.clock, map_bytes=MAP_BYTES)
        self.presence = PresenceDesk(
            instance=name, broker=self.broker, leases=leases, servers=self.registry, store=store,
            visibilities=everybody, clock=self.clock, later=self.loop.next_turn, spawn=self.loop.spawn,
            frame=presence_frame, lag_ms=lambda: self.loop.lag_ms,
        )  # fmt: skip
        self.people = [user(one) for one in range(number, users, 2)]
        self.visits: dict[UserId, Visit] = {}
        self.beating = True

    def start(self) -> None:
        self.loop.measure_lag()
        self.broker.start()
        self.loop.every(ANNOUNCE_SECONDS, self.registry.announce)
        self.loop.every(1, self.registry.expire)
        self.loop.every(1, self.presence.tick)
        self.loop.every(0.2, self._note_lag)
        gevent.spawn(self._beat)
        while not self.broker.connected:
            gevent.sleep(0.01)
        self.registry.announce()

    def _note_lag(self) -> None:
        self.counted["lag_ms"] = max(self.counted["lag_ms"], self.loop.lag_ms)

    def _beat(self) -> None:
        """Everybody every ten seconds, as their pages do, a few at a time."""
        while True:
            for index, user_id in enumerate(list(self.visits)):
                if self.beating:
                    self.presence.beat(self.visits[user_id], True)
                if index % 50 == 0:
                    gevent.sleep(BEAT_SECONDS * 50 / max(len(self.visits), 50))
            gevent.sleep(0.1)

    def login(self) -> None:
        began = time.monotonic()
        for index, user_id in enumerate(self.people):
            self.visits[user_id] = self.presence.arrive(user_id, True)
            self.presence.watch(Counter(user_id, self.counted))
            gevent.sleep(max(0.0, began + LOGIN_SECONDS * (index + 1) / len(self.people) - time.monotonic()))

    def come_back(self) -> None:
        began = time.monotonic()
        for index, visit in enumerate(list(self.visits.values())):
            self.presence.beat(visit, True)
            gevent.sleep(max(0.0, began + RETURN_SECONDS * (index + 1) / len(self.people) - time.monotonic()))
        self.beating = True

    def states(self) -> Json:
        counts: dict[str, int] = {}
        for watched in self.presence.viewers.watched.values():
            state = watched.sight.presence.state
            counts[state] = counts.get(state, 0) + 1
        return counts

    def obey(self, order: str) -> Json:
        if order == "login":
            self.login()
        elif order == "idle":
            self.beating = False
        elif order == "return":
            self.come_back()
        report = {**self.counted, "cpu": time.process_time(), "states": self.states(), "rss": rss_mb()}
        self.counted["lag_ms"] = 0.0
        return report


def everybody(user_ids: Iterable[UserId]) -> Mapping[UserId, Visibility]:
    return dict.fromkeys(user_ids, "everyone")


def rss_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def serve(url: str, folder: str, number: str, users: str) -> None:
    part = Part(url, Path(folder), int(number), int(users))
    part.start()
    print("ready", flush=True)
    pool = gevent.get_hub().threadpool
    while line := pool.apply(sys.stdin.readline):
        print(json.dumps(part.obey(line.strip())), flush=True)


# --- the experiment ----------------------------------------------------------------------------------------------


class Experiment:
    def __init__(self, users: int, folder: Path) -> None:
        self.users = users
        populate(folder / "store", users)
        self.valkey = EmbeddedValkey(folder)
        self.valkey.start()
        words = [sys.executable, "-m", "bench.presence", "serve", self.valkey.url, str(folder / "store")]
        self.parts = [
            subprocess.Popen(
                [*words, str(number), str(users)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for number in range(2)
        ]
        for part in self.parts:
            assert part.stdout is not None
            assert part.stdout.readline() == "ready\n"
        gevent.sleep(7)  # a lease, so that both know of each other
        self.reports = [self.ask(part, "look") for part in self.parts]
        self.commands = self.count_commands()

    @staticmethod
    def ask(part: subprocess.Popen[str], order: str) -> Json:
        Experiment.order(part, order)
        assert part.stdout is not None
        return dict(json.loads(part.stdout.readline()))

    @staticmethod
    def order(part: subprocess.Popen[str], order: str) -> None:
        assert part.stdin is not None
        part.stdin.write(order + "\n")
        part.stdin.flush()

    def count_commands(self) -> dict[str, int]:
        with redis.Redis.from_url(self.valkey.url) as client:
            stats = client.info("commandstats")
        return {name.removeprefix("cmdstat_"): int(row["calls"]) for name, row in stats.items()}

    def phase(self, name: str, order: str, seconds: float, changes: int) -> None:
        """Give an order to all, wait, and say what it cost since the last phase."""
        for part in self.parts:
            self.order(part, order)
        for part in self.parts:
            assert part.stdout is not None
            part.stdout.readline()
        gevent.sleep(seconds)
        self.say(name, changes)

    def say(self, name: str, changes: int) -> None:
        reports, commands = [self.ask(part, "look") for part in self.parts], self.count_commands()
        cpu = sum(now["cpu"] - before["cpu"] for now, before in zip(reports, self.reports, strict=True))
        frames = sum(
            now["frames"] - before["frames"] for now, before in zip(reports, self.reports, strict=True)
        )
        size = sum(now["bytes"] - before["bytes"] for now, before in zip(reports, self.reports, strict=True))
        calls = {name: count - self.commands.get(name, 0) for name, count in commands.items()}
        wanted = ("publish", "hset", "expire", "hdel", "set", "hgetall", "get", "subscribe")
        shown = {name: calls[name] for name in wanted if calls.get(name)}
        each = (
            f", {cpu / changes * 1e3:.2f} ms CPU and {frames / changes:.1f} frames a change"
            if changes
            else ""
        )
        lag, memory = max(report["lag_ms"] for report in reports), max(report["rss"] for report in reports)
        cost = f"CPU {cpu:.2f} s, {frames} frames, {size / 1e6:.1f} MB{each}"
        print(f"{self.users} {name}: {cost}; lag {lag:.0f} ms, RSS {memory:.0f} MB")
        print(f"    Redis {sum(shown.values())}: {shown}; states {reports[0]['states']}", flush=True)
        self.reports, self.commands = reports, commands

    def kill_one(self) -> None:
        self.parts[1].kill()
        self.parts[1].wait()
        del self.parts[1], self.reports[1]

    def end(self) -> None:
        for part in self.parts:
            part.kill()
            part.wait()
        self.valkey.stop()


def populate(folder: Path, users: int) -> None:
    """Everybody's friendships, through the store's own rules."""
    store = LmdbStore(folder, SystemClock(), map_bytes=MAP_BYTES)
    pairs = sorted(
        {tuple(sorted((one, other))) for one in range(users) for other in friends(one, users) if one != other}
    )
    drafts = [
        draft for one, other in pairs for draft in (ask(one, other, "request"), ask(other, one, "accept"))
    ]
    for start in range(0, len(drafts), 2_000):
        store.append(drafts[start : start + 2_000])
    store.close()


def ask(author: int, other: int, action: ContactAction) -> SetContact:
    own = user(author)
    return SetContact(author_id=own, channel_id=ChannelId(own), other_id=user(other), action=action)


def run(users: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        experiment = Experiment(users, Path(folder))
        try:
            experiment.phase(f"sign in within {LOGIN_SECONDS} s", "login", 3, users)
            experiment.phase(f"calm for {CALM_SECONDS} s", "look", CALM_SECONDS, 0)
            experiment.phase("become away", "idle", AWAY_SECONDS, users)
            experiment.phase(f"come back within {RETURN_SECONDS} s", "return", 3, users)
            experiment.kill_one()
            experiment.phase("the other server died: unknown", "look", 12, 0)
            experiment.phase("and then offline", "look", DEATH_SECONDS - 12, 0)
        finally:
            experiment.end()


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["serve"]:
        serve(*arguments[1:])
    else:
        for users in map(int, arguments) if arguments else SIZES:
            run(users)


if __name__ == "__main__":
    main(sys.argv[1:])
