"""A supervisor of workers that only write down what happens to them: `supervised.py FOLDER WORKERS STOP_SECONDS`.

What the worker of a place does is the word in `FOLDER/PLACE`: `serve` (also when there is no such file), `fail` at the
start, `crash` once it serves, `deaf` to being told to go.
"""

import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

from app.core import supervisor
from app.core.supervisor import READY, Launch, Supervisor


def work(folder: Path, place: str, line: socket.socket) -> int:
    told = socket.socketpair()
    told[1].setblocking(False)
    signal.set_wakeup_fd(told[1].fileno())
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    behaviour = (folder / place).read_text() if (folder / place).exists() else "serve"
    if behaviour == "fail":
        note(folder, place, "fails")
        print("This setting makes no sense.", file=sys.stderr)  # noqa: T201
        return 1
    note(folder, place, "serves")
    line.sendall(READY)
    if behaviour == "crash":
        return 3
    while True:
        readable = select.select([told[0], line], [], [])[0]
        why = signal.Signals(told[0].recv(1)[0]).name if told[0] in readable else "alone"
        note(folder, place, why)
        if behaviour != "deaf":
            return 0


def note(folder: Path, place: str, what: str) -> None:
    with (folder / "happened").open("a") as file:
        file.write(f"{place} {os.getpid()} {what}\n")


def supervise(folder: Path, workers: int) -> int:
    def launch(place: int) -> Launch:
        return Launch([sys.executable, __file__, str(folder), str(place), "worker"])

    def serving() -> None:
        (folder / "serving").touch()

    def look_after() -> None:
        (folder / "looked").write_text(str(time.monotonic()))

    places = range(1, workers + 1)
    return Supervisor([launch(place) for place in places], serving=serving, look_after=look_after).run()


if __name__ == "__main__":
    folder, number = Path(sys.argv[1]), sys.argv[2]
    if sys.argv[3] == "worker":
        sys.exit(work(folder, number, socket.socket(fileno=int(sys.argv[4]))))
    supervisor.STOP_SECONDS = float(sys.argv[3])
    sys.exit(supervise(folder, int(number)))
