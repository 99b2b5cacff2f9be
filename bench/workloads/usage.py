"""What processes have used, as /proc says: CPU from the scheduler, to the nanosecond, whoever else runs beside."""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread


def cpu_of(pid: int) -> float:
    """CPU seconds of all threads. Those that ended are not in it; the servers keep theirs."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # a thread that ended meanwhile
            total += int(task.read_text().split()[0])
    return total / 1e9


def memory_of(pid: int, field: str = "Rss:") -> int:
    """A line of smaps_rollup, in bytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Used:
    """`with Used(pids) as used:` then `used.cpu[name]` and `used.seconds` of the block."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self.cpu: dict[str, float] = {}
        self.seconds = 0.0

    def __enter__(self) -> "Used":
        self._began = time.perf_counter()
        self._before = _of_all(self._pids)
        return self

    def __exit__(self, *_: object) -> None:
        after = _of_all(self._pids)
        self.seconds = time.perf_counter() - self._began
        self.cpu = {name: after[name] - self._before[name] for name in self._pids}

    @property
    def total(self) -> float:
        """CPU seconds of all of them together."""
        return sum(self.cpu.values())


class Noted:
    """Notes the CPU of processes ten times a second, for a window that is known only afterwards."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._notes: list[tuple[float, dict[str, float]]] = []
        self._done = Event()
        self._thread = Thread(target=self._note)

    def __enter__(self) -> "Noted":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _note(self) -> None:
        while not self._done.wait(0.1):
            self._notes.append((time.perf_counter(), _of_all(self._pids)))

    def shares(self, since: float, until: float) -> dict[str, float]:
        """Of a core, by process."""
        window = [note for note in self._notes if since <= note[0] <= until]
        (began, before), (ended, after) = window[0], window[-1]
        return {name: (after[name] - before[name]) / (ended - began) for name in self._pids}


def forget_files(paths: Iterable[Path]) -> None:
    """Have the kernel drop its copies of files, as after a start of the machine. What a process has mapped stays."""
    for path in paths:
        with suppress(OSError), path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _of_all(pids: Mapping[str, int]) -> dict[str, float]:
    return {name: cpu_of(pid) for name, pid in pids.items()}
