"""What processes have used, as /proc says: CPU from the scheduler, to the nanosecond, whoever else runs beside."""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

NOTE_SECONDS = 0.1
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def cpu_of(pid: int) -> float:
    """CPU seconds of all threads. Those that ended are not in it; the servers keep theirs."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # a thread that ended meanwhile
            total += int(task.read_text().split()[0])
    return total / 1e9


def memory_of(pid: int) -> int:
    """What of it is in memory, in bytes (proc(5), statm)."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
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
    """Notes what processes use ten times a second, for a window that is known only afterwards."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._notes: list[Note] = []
        self._done = Event()
        self._thread = Thread(target=self._note)

    def __enter__(self) -> "Noted":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _note(self) -> None:
        while not self._done.wait(NOTE_SECONDS):
            resident = {name: memory_of(pid) for name, pid in self._pids.items()}
            self._notes.append(Note(time.perf_counter(), _of_all(self._pids), resident))

    def window(self, since: float, until: float) -> "Window":
        within = [note for note in self._notes if since <= note.at <= until]
        return Window(within[0], within[-1])


@dataclass(frozen=True)
class Note:
    at: float
    cpu: dict[str, float]
    resident: dict[str, int]


@dataclass(frozen=True)
class Window:
    first: Note
    last: Note

    def shares(self) -> dict[str, float]:
        """Of a core, by process."""
        seconds = self.last.at - self.first.at
        return {name: (cpu - self.first.cpu[name]) / seconds for name, cpu in self.last.cpu.items()}

    def memory(self) -> dict[str, int]:
        return self.last.resident


def forget_files(paths: Iterable[Path]) -> None:
    """Have the kernel drop its copies of files, as after a start of the machine. What a process has mapped stays."""
    for path in paths:
        with suppress(OSError), path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _of_all(pids: Mapping[str, int]) -> dict[str, float]:
    return {name: cpu_of(pid) for name, pid in pids.items()}
