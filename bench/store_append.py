"""How many messages a second the store takes, each durable and with all checks: `python -m bench.store_append`.

First the store alone: batches as a busy server makes them. Then the committer under an event loop that has other work
to do, once for each switch interval: what the thread gets, and what it takes from the loop.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import gevent

from app.core.clock import SystemClock
from app.core.ids import ChannelId, UserId, new_id
from app.store.committer import SWITCH_SECONDS, GroupCommitter
from app.store.drafts import NewDirect, NewMessage
from app.store.lmdb_store import LmdbStore
from app.store.port import Accepted, Outcome

TEXT = "안녕하세요, " * 4 + "hello " * 24  # about 200 bytes
IN_FLIGHT = 800
LOOP_WORK_SECONDS = 200e-6  # one callback of the busy event loop
INTERVALS_SECONDS = (0.005, 0.001, 0.0005, 0.0002)

Pair = tuple[UserId, ChannelId]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.store_append")
    parser.add_argument("--channels", type=int, default=200, help="direct channels, spoken in at random")
    parser.add_argument("--batch", type=int, default=200, help="messages a transaction, for the store alone")
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    results = (
        Path(__file__).parent / "results"
    )  # on the disk that is asked about, unlike /tmp on some machines
    results.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=results) as folder:
        store = LmdbStore(Path(folder) / "messages", SystemClock())
        pairs = open_channels(store, arguments.channels)
        for _ in range(arguments.rounds):
            print(measure_alone(store, pairs, arguments.batch, arguments.seconds))
            for interval in INTERVALS_SECONDS:
                print(measure_beside_a_busy_loop(store, pairs, interval, arguments.seconds))
        print(f"{store.head_g():,} events in {Path(folder, 'messages', 'data.mdb').stat().st_size >> 20} MiB")
        store.close()


def open_channels(store: LmdbStore, count: int) -> list[Pair]:
    found: list[Pair] = []
    while len(found) < count:
        ann, ben, channel = (new_id(SystemClock().now_ms()) for _ in range(3))
        draft = NewDirect(author_id=UserId(ann), channel_id=ChannelId(channel), peer_id=UserId(ben))
        if isinstance(store.append([draft])[0], Accepted):
            found.append((UserId(ann), ChannelId(channel)))
    return found


def message(pair: Pair) -> NewMessage:
    return NewMessage(author_id=pair[0], channel_id=pair[1], client_message_id=uuid7(), text=TEXT)


def uuid7() -> str:
    """A UUID of version 7, as clients make them."""
    digits = f"{time.time_ns() // 1_000_000:012x}7{random.getrandbits(12):03x}{8 << 60 | random.getrandbits(60):016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def measure_alone(store: LmdbStore, pairs: list[Pair], batch: int, seconds: float) -> str:
    walls, processor = [], 0.0
    while sum(walls) < seconds:
        drafts = [message(pair) for pair in random.choices(pairs, k=batch)]
        began, used = time.perf_counter(), time.process_time()
        outcomes = store.append(drafts)
        walls.append(time.perf_counter() - began)
        processor += time.process_time() - used
        assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    rate = len(walls) * batch / sum(walls)
    each = processor / len(walls) / batch * 1e6
    batch_ms = statistics.median(walls) * 1e3
    return f"alone: {rate:8,.0f} messages/s, {each:.1f} µs of processor each; a batch takes {batch_ms:.1f} ms"


class BusyLoop:
    """An event loop that computes in every turn, while `IN_FLIGHT` messages are on their way to the disk."""

    def __init__(self, committer: GroupCommitter, pairs: list[Pair], seconds: float) -> None:
        self._committer = committer
        self._pairs = pairs
        self._until = time.perf_counter() + seconds
        self._loop = gevent.get_hub().loop
        self.waits: list[float] = []
        self.worked = 0.0

    def run(self) -> None:
        for _ in range(IN_FLIGHT):
            self._send()
        self._work()
        while time.perf_counter() < self._until:
            gevent.sleep(0.05)

    def _send(self) -> None:
        sent = time.perf_counter()
        self._committer.submit(message(random.choice(self._pairs)), self._answered(sent))

    def _answered(self, sent: float) -> Callable[[Outcome], None]:
        def done(outcome: Outcome) -> None:
            assert isinstance(outcome, Accepted)
            self.waits.append(time.perf_counter() - sent)
            if time.perf_counter() < self._until:
                self._send()

        return done

    def _work(self) -> None:
        began = time.perf_counter()
        while time.perf_counter() - began < LOOP_WORK_SECONDS:
            pass
        self.worked += LOOP_WORK_SECONDS
        if time.perf_counter() < self._until:
            self._loop.run_callback(self._work)


def measure_beside_a_busy_loop(store: LmdbStore, pairs: list[Pair], interval: float, seconds: float) -> str:
    committer = GroupCommitter(store, lambda events: None)
    sys.setswitchinterval(interval)
    busy = BusyLoop(committer, pairs, seconds)
    busy.run()
    committer.stop()
    sys.setswitchinterval(SWITCH_SECONDS)
    waits = sorted(busy.waits)
    return (
        f"switch interval {interval * 1e3:3.1f} ms: {len(waits) / seconds:8,.0f} messages/s acked after "
        f"{waits[len(waits) // 2] * 1e3:.0f} ms (p99 {waits[len(waits) * 99 // 100] * 1e3:.0f}); "
        f"the loop worked {busy.worked / seconds:.0%} of the time"
    )


if __name__ == "__main__":
    main()
