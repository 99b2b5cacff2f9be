"""What a hint costs: `python -m bench.broker`. One process publishes and hears, over a Valkey of its own."""

from gevent import monkey

monkey.patch_all()

import tempfile  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402

from app.bus.embedded import EmbeddedValkey  # noqa: E402
from app.bus.redis_broker import RedisBroker  # noqa: E402

HINTS = 20_000
BYTES = 300
MOST_UNDER_WAY = 1_000


def measure(broker: RedisBroker, heard: list[float], gap_seconds: float) -> None:
    """Publish one by one with a pause between; say what one costs and how long it takes."""
    heard.clear()
    sent: list[float] = []
    payload = b"x" * BYTES
    cpu = time.process_time()
    for _ in range(HINTS):
        sent.append(time.perf_counter())
        broker.publish(b"topic", payload)
        gevent.sleep(gap_seconds)
        while len(sent) - len(heard) > MOST_UNDER_WAY:
            gevent.sleep(0.0001)
    while len(heard) < HINTS:
        gevent.sleep(0.001)
    cpu = time.process_time() - cpu
    took = sorted(after - before for before, after in zip(sent, heard, strict=True))
    half, most = (took[int(share * (HINTS - 1))] * 1e6 for share in (0.5, 0.99))
    cost = f"{cpu / HINTS * 1e6:.1f} µs of CPU a hint, p50 {half:.0f} µs, p99 {most:.0f} µs"
    print(f"pause {gap_seconds * 1e3:g} ms: {cost}")


def idle(gap_seconds: float) -> None:
    """What the loop of `measure` itself costs."""
    cpu = time.process_time()
    for _ in range(HINTS):
        time.perf_counter()
        gevent.sleep(gap_seconds)
    print(
        f"pause {gap_seconds * 1e3:g} ms: {(time.process_time() - cpu) / HINTS * 1e6:.1f} µs without any hint"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        valkey = EmbeddedValkey(Path(folder))
        valkey.start()
        broker = RedisBroker(valkey.url, "bench")
        heard: list[float] = []
        broker.subscribe(b"topic", lambda payload: heard.append(time.perf_counter()))
        broker.start()
        while not broker.connected:
            gevent.sleep(0.01)
        for _ in range(2):
            for gap_seconds in (0.0005, 0.0):
                idle(gap_seconds)
                measure(broker, heard, gap_seconds)
        broker.stop()
        valkey.stop()


if __name__ == "__main__":
    main()
