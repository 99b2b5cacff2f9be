"""What an idle connection takes of memory, line by line: `python -m bench.memory [PEOPLE]`.

The server runs under tracemalloc, which sees what Python's allocators give away: first with a few hundred people, then
with PEOPLE (2,000) more; the difference is theirs. What a process grows by beyond that is C's: gevent's watchers, and
what allocators keep ready. Prints a table, and draws docs/flames/idle_memory.svg.
"""

import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from html import escape
from itertools import groupby
from linecache import getline
from pathlib import Path
from tracemalloc import Snapshot
from typing import NamedTuple

from bench.idle import idle
from bench.peer import Target
from bench.peers.maru import Maru
from bench.scenarios import write_people
from bench.servers import build, start_load
from tests.serving import PROJECT

FRAMES = 12
FIRST, MORE = 300, 2_000  # people
HOLD_SECONDS = 600.0  # or until the measurement is over
PATIENCE_SECONDS = 300.0
SETTLE_SECONDS = 5.0  # for presence, which follows
SHOWN = 30  # lines of the table
PICTURE = PROJECT / "docs/flames/idle_memory.svg"
WIDTH, ROW, LETTER, LEAST = 1200, 22, 6.6, 2.0  # pixels: of the picture, a row, a letter, the narrowest box
COLOURS = ("#e8905a", "#e6b35c", "#d9c667", "#b9c96b", "#8cbf8a", "#7fb0c9", "#a59ad0", "#cf94b6")


class Line(NamedTuple):
    """Maru's innermost line that asked for memory; `part` is a folder of app/."""

    part: str
    file: str
    number: int

    @property
    def text(self) -> str:
        return getline(str(PROJECT / "app" / self.part / self.file), self.number).strip()


Bytes = Mapping[Line, float]
"""A connection's, by line."""


class Traced(Maru):
    command = ("-X", f"tracemalloc={FRAMES}", "-m", "bench.traced")


def measure(people: int) -> Bytes:
    build()
    peer, crowd = Traced(), idle(FIRST + people)
    with tempfile.TemporaryDirectory(prefix="maru-memory-") as name, ExitStack() as stack:
        folder = Path(name)
        Traced.environment = {"TRACED": str(folder / "traced")}
        peer.populate(folder, crowd.people)
        dialect = folder / "dialect"
        dialect.write_text(peer.dialect(crowd.kind))
        target = stack.enter_context(peer.serve(folder))
        snapshots = []
        for number, (first, end) in enumerate(((0, FIRST), (FIRST, crowd.people))):
            list_ = write_people(crowd, peer, folder, first, end)
            stack.enter_context(connected(target, dialect, list_, end - first))
            snapshots.append(snapshot(target.pids[0], folder / f"traced.{number}"))
        return by_line(snapshots[0], snapshots[1], people)


@contextmanager
def connected(target: Target, dialect: Path, list_: Path, people: int) -> Iterator[None]:
    """All of the list, saying nothing."""
    before = open_files(target.pids[0])
    with start_load(target, dialect, list_, "idle", measure=HOLD_SECONDS) as generator:
        try:
            wait_until(lambda: open_files(target.pids[0]) >= before + people)
            time.sleep(SETTLE_SECONDS)
            yield
        finally:
            generator.kill()


def open_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def snapshot(pid: int, path: Path) -> Snapshot:
    os.kill(pid, signal.SIGUSR2)
    wait_until(path.exists)
    return Snapshot.load(str(path))


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit("the server does not get there")
        time.sleep(0.1)


def by_line(before: Snapshot, after: Snapshot, people: int) -> Bytes:
    found: Counter[Line] = Counter()
    for difference in after.compare_to(before, "traceback"):
        line = own_line([(frame.filename, frame.lineno) for frame in difference.traceback])
        found[line] += difference.size_diff
    return {line: size / people for line, size in found.items() if size > people}


def own_line(frames: Sequence[tuple[str, int]]) -> Line:
    """`frames`: the innermost last."""
    app = str(PROJECT / "app") + "/"
    for file, number in reversed(frames):
        if file.startswith(app):
            part, _, name = file.removeprefix(app).rpartition("/")
            return Line(part, name, number)
    file, number = frames[-1]
    return Line("libraries", Path(file).name, number)


def table(found: Bytes) -> str:
    lines = sorted(found.items(), key=lambda one: -one[1])[:SHOWN]
    rows = [f"{size:7.0f}  {line.part}/{line.file}:{line.number}  {line.text[:70]}" for line, size in lines]
    return "\n".join((*rows, f"{sum(found.values()):7.0f}  bytes a connection, of Python's allocators"))


# --- the picture ------------------------------------------------------------------------------------------------


def draw(found: Bytes) -> str:
    """Three rows under the whole: parts of the program, their files, their lines. As wide as they are large."""
    total = sum(found.values())
    scale = WIDTH / total
    boxes = [box(0, 0, WIDTH, f"an idle connection: {total:,.0f} bytes of Python's", "", COLOURS[0])]
    left = 0.0
    for number, (part, in_part) in enumerate(grouped(found, lambda line: line.part)):
        colour = COLOURS[number % len(COLOURS)]
        boxes += row(1, left, {part: in_part}, scale, colour)
        at = left
        for file, in_file in grouped(in_part, lambda line: line.file):
            boxes += row(2, at, {file: in_file}, scale, colour)
            by_size = sorted(in_file.items(), key=lambda one: -one[1])
            boxes += row(
                3, at, {f"{line.number}: {line.text}": {line: size} for line, size in by_size}, scale, colour
            )
            at += sum(in_file.values()) * scale
        left += sum(in_part.values()) * scale
    size = f'viewBox="0 0 {WIDTH} {4 * ROW}" font-family="monospace" font-size="11"'
    return "\n".join((f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', *boxes, "</svg>\n"))


def grouped(found: Bytes, name: Callable[[Line], str]) -> list[tuple[str, Bytes]]:
    """The largest first."""
    groups = [
        (key, dict(members)) for key, members in groupby(sorted(found.items()), key=lambda one: name(one[0]))
    ]
    return sorted(groups, key=lambda group: -sum(group[1].values()))


def row(depth: int, left: float, found: Mapping[str, Bytes], scale: float, colour: str) -> list[str]:
    boxes = []
    for name, lines in found.items():
        size = sum(lines.values())
        if size * scale >= LEAST:
            boxes.append(box(depth, left, size * scale, name, f"{name}: {size:,.0f} bytes", colour))
        left += size * scale
    return boxes


def box(depth: int, left: float, width: float, name: str, title: str, colour: str) -> str:
    letters = int((width - 6) / LETTER)
    shown = name if len(name) <= letters else name[: letters - 1] + "…" if letters > 2 else ""
    return (
        f"<g><title>{escape(title or name)}</title>"
        f'<rect x="{left:.1f}" y="{depth * ROW}" width="{width:.1f}" height="{ROW - 1}" fill="{colour}" stroke="#fff"/>'
        f'<text x="{left + 3:.1f}" y="{depth * ROW + 15}">{escape(shown)}</text></g>'
    )


if __name__ == "__main__":
    measured = measure(int(sys.argv[1]) if len(sys.argv) > 1 else MORE)
    print(table(measured))
    PICTURE.write_text(draw(measured))
