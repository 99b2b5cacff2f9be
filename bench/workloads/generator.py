"""The load generator of bench/load, with the CPU and the memory of each process of the server apart."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.peer import Target
from bench.peers.maru import DIALECT
from bench.servers import Result, read_result, start_load
from bench.workloads.plan import Channel, Resident
from bench.workloads.usage import Noted

Speaker = tuple[Resident, Channel, int]
"""Who, where, and how many messages they keep in flight (0: only listens)."""

SETTLE_SECONDS = 0.3  # of silence before it begins: longer, and there are always heartbeats in it


@dataclass(frozen=True)
class Generated:
    """`cpu`: shares of a core while it was measured; `memory`: bytes at its end. By process."""

    result: Result
    cpu: dict[str, float]
    memory: dict[str, int]

    def each(self, *names: str, unit: str = "acked") -> float:
        """Microseconds of CPU an acknowledged message (or a delivery), of the processes whose names begin so."""
        share = sum(cpu for process, cpu in self.cpu.items() if process.startswith(names))
        return 1e6 * share / float(self.result[unit])


def generate(
    folder: Path, port: int, speakers: Sequence[Speaker], mode: str, pids: Mapping[str, int], **options: float
) -> Generated:
    """Raises bench.servers.Failed."""
    people, dialect = folder / "people", folder / "dialect"
    people.write_text(
        "".join(
            f"{one.user_id} {one.token} {channel.channel_id} {count}\n" for one, channel, count in speakers
        )
    )
    dialect.write_text(DIALECT.replace("{path}", "/api/v1/ws"))
    with Noted(pids) as noted:
        target = Target(port, tuple(pids.values()))
        process = start_load(target, dialect, people, mode, **{"settle": SETTLE_SECONDS, **options})
        result = read_result(process)
        ended = time.perf_counter()
    if "unclean" in result:
        print(f"  not clean: {result['unclean']}", flush=True)
    window = noted.window(ended - options["measure"], ended)
    return Generated(result, window.shares(), window.memory())
