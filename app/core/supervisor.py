"""Keeps several workers serving: one that ends comes back, and all are exchanged one after the other on request.

A worker is a command that says READY on its lifeline once it serves, stops in order on SIGTERM or SIGINT, and when
its lifeline ends (then the supervisor is gone, even by `kill -9`). What it serves on it inherits, so that nobody who
waits to be accepted is lost with it. No gevent and nothing of Maru here: it must outlive everything else.

SIGTERM, SIGINT, or its terminal is closed: all stop, and those who take too long are killed. SIGHUP otherwise: each
place gets a new worker first, and only when that one serves is the old one told to go.
"""

import logging
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

READY = b"ready\n"
START_SECONDS = 60.0  # for a worker to serve; a loaded machine may take long
STOP_SECONDS = 40.0  # for a worker to end in order; its own deadlines add up to 30
FIRST_PAUSE_SECONDS = 0.5  # before a worker that ended is started again; doubles up to the longest
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # after that long an end counts as the first again
LOOK_SECONDS = 0.25  # how late something may be noticed of which nobody tells

Monotonic = Callable[[], float]


def name_of_place(place: int) -> str:
    """How a worker is called in the log."""
    return f"worker {place}"


@dataclass(frozen=True)
class Launch:
    """How a worker is started. The number of its lifeline's descriptor is added to the command."""

    command: Sequence[str]
    descriptors: Sequence[int] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


class Worker:
    """One process, from its start to its end."""

    def __init__(self, launch: Launch, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self.line, theirs = socket.socketpair()
        self.line.setblocking(False)
        with theirs:
            self._process = subprocess.Popen(
                [*launch.command, str(theirs.fileno())],
                pass_fds=(*launch.descriptors, theirs.fileno()),
                env=dict(launch.environment),
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor only
            )
        self.started_at = monotonic()
        self.is_ready = False
        self._told_at: float | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    def listen(self) -> bool:
        """Whether it says just now that it serves."""
        if self.is_ready:
            return False
        with suppress(BlockingIOError, ConnectionError):
            self.is_ready = self.line.recv(len(READY)) == READY
        return self.is_ready

    def tell(self, number: int) -> None:
        """Ask it to stop, by this signal."""
        self._told_at = self._told_at or self._monotonic()
        self._process.send_signal(number)

    @property
    def was_told(self) -> bool:
        return self._told_at is not None

    def ended(self) -> int | None:
        """Its exit status, or minus the signal that ended it; None while it lives."""
        return self._process.poll()

    def kill_when_late(self) -> None:
        """Kill it if it takes too long to begin or to end."""
        now = self._monotonic()
        if self._told_at is not None:
            late = now - self._told_at > STOP_SECONDS
        else:
            late = not self.is_ready and now - self.started_at > START_SECONDS
        if late:
            log.error("process %d takes too long and is killed", self.pid)
            self._process.kill()

    def forget(self) -> None:
        self.line.close()


class Pause:
    """How long to wait before a worker that ended is started again."""

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._seconds = 0.0
        self._until = float("-inf")

    def begin(self, started_at: float) -> float:
        """A worker of that start ended: seconds until the next start. Every end in a row doubles them."""
        now = self._monotonic()
        doubled = 0.0 if now - started_at > STEADY_SECONDS else self._seconds * 2
        self._seconds = min(max(FIRST_PAUSE_SECONDS, doubled), LONGEST_PAUSE_SECONDS)
        self._until = now + self._seconds
        return self._seconds

    @property
    def is_over(self) -> bool:
        return self._monotonic() >= self._until


class Place:
    """Where one worker serves: the present one, its successor on the way, and those that were told to go."""

    def __init__(self, number: int, launch: Launch, monotonic: Monotonic) -> None:
        self.number = number
        self._launch = launch
        self._monotonic = monotonic
        self._pause = Pause(monotonic)
        self.present: Worker | None = None
        self.successor: Worker | None = None
        self.going: list[Worker] = []
        self.has_failed = False

    @property
    def workers(self) -> list[Worker]:
        return [worker for worker in (self.present, self.successor, *self.going) if worker is not None]

    @property
    def is_changing(self) -> bool:
        """Whether an exchange is not over yet."""
        return self.successor is not None or bool(self.going)

    def fill(self) -> None:
        """Start a worker if there is none, and the pause after the last one's end is over."""
        if self.present is None and self._pause.is_over:
            self.present = Worker(self._launch, self._monotonic)

    def exchange(self) -> None:
        """Start a successor; the present worker goes when it serves. `has_failed` when it never does."""
        self.has_failed = False
        self.successor = Worker(self._launch, self._monotonic)

    def look(self) -> None:
        """Take note of who is ready and who ended."""
        self.listen()
        self._note_ends()
        if self.successor is not None and self.successor.is_ready:
            self._hand_over(self.successor)

    def listen(self) -> None:
        """Take note of who is ready, and kill who is late."""
        for worker in self.workers:
            if worker.listen():
                log.info("%s serves as process %d", name_of_place(self.number), worker.pid)
            worker.kill_when_late()

    def tell(self, number: int) -> None:
        for worker in self.workers:
            worker.tell(number)

    def _hand_over(self, successor: Worker) -> None:
        if self.present is not None:
            self.present.tell(signal.SIGTERM)
            self.going.append(self.present)
        self.present, self.successor = successor, None

    def _note_ends(self) -> None:
        for worker in self.workers:
            status = worker.ended()
            if status is not None:
                self._note_end(worker, status)
                worker.forget()

    def _note_end(self, worker: Worker, status: int) -> None:
        if worker.was_told:
            self._let_go(worker)
            log.info("%s, process %d, is gone (%d)", name_of_place(self.number), worker.pid, status)
        elif worker is self.successor:
            self.successor, self.has_failed = None, True
            log.error("%s has no successor: it ended (%d)", name_of_place(self.number), status)
        else:
            self.present = None
            seconds = self._pause.begin(worker.started_at)
            log.error("%s ended (%d) and starts again in %s s", name_of_place(self.number), status, seconds)

    def _let_go(self, worker: Worker) -> None:
        if worker in self.going:
            self.going.remove(worker)
        elif worker is self.successor:
            self.successor = None
        else:
            self.present = None


class Supervisor:
    """Fills its places and keeps them filled."""

    def __init__(
        self,
        launches: Sequence[Launch],
        *,
        serving: Callable[[], None],
        look_after: Callable[[], None],
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        """`serving` is called once, when the first worker serves; `look_after` several times a second."""
        self._places = [Place(number, launch, monotonic) for number, launch in enumerate(launches, 1)]
        self._serving = serving
        self._look_after = look_after
        self._in_terminal = os.isatty(0)
        self._begun = False
        self._stopping = False
        self._to_exchange: list[Place] = []
        self._exchanging: Place | None = None

    def run(self) -> int:
        """Until all have stopped as asked: 0; or the first one could not begin, and said why: its status."""
        with _heard_signals() as signals:
            self._places[0].fill()
            while not self._stopping or any(place.workers for place in self._places):
                self._wait(signals)
                for number in _drained(signals):
                    self._react(number)
                self._look_after()
                failed = self._begin()
                if failed:
                    return failed
                self._go_on()
        return 0

    def _wait(self, signals: socket.socket) -> None:
        """Until a signal comes, a worker says something, or it is time to look again."""
        lines = [worker.line for place in self._places for worker in place.workers if not worker.is_ready]
        with selectors.DefaultSelector() as selector:
            for source in (signals, *lines):
                selector.register(source, selectors.EVENT_READ)
            selector.select(LOOK_SECONDS)

    def _begin(self) -> int:
        """Wait for the first worker alone: what is wrong with the settings is said once. Its status when it fails."""
        first = self._places[0].present
        if self._begun or self._stopping or first is None:
            return 0
        self._places[0].listen()  # and not `look`, which would have it start again
        if first.is_ready:
            self._begun = True
            self._serving()
            return 0
        status = first.ended()
        if status is None:
            return 0
        first.forget()
        return abs(status) or 1

    def _react(self, number: int) -> None:
        if number in (signal.SIGTERM, signal.SIGINT) or (number == signal.SIGHUP and self._is_hung_up()):
            self._stopping = True
            for place in self._places:
                place.tell(signal.SIGTERM if number == signal.SIGHUP else number)
        elif number == signal.SIGHUP and not self._stopping:
            log.info("all workers are exchanged")
            self._to_exchange = list(self._places)

    def _is_hung_up(self) -> bool:
        """Whether SIGHUP is what it was made for: the terminal we were started in was closed."""
        return self._in_terminal and not os.isatty(0)

    def _go_on(self) -> None:
        """See what became of everybody, and fill what is empty."""
        if not self._begun and not self._stopping:
            return
        for place in self._places:
            place.look()
        if not self._stopping:
            for place in self._places:
                place.fill()
            self._exchange()

    def _exchange(self) -> None:
        """One place after the other; an exchange that failed ends it, since the next would fail too."""
        place = self._exchanging
        if place is not None:
            if place.is_changing:
                return
            if place.has_failed:
                self._to_exchange.clear()
        self._exchanging = self._to_exchange.pop(0) if self._to_exchange else None
        if self._exchanging is not None:
            self._exchanging.exchange()


@contextmanager
def _heard_signals() -> Iterator[socket.socket]:
    """A socket on which the number of each signal arrives as a byte."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
    with reading, writing:
        before = {number: signal.signal(number, _let_it_arrive) for number in numbers}
        old = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        try:
            yield reading
        finally:
            signal.set_wakeup_fd(old)
            for number, handler in before.items():
                signal.signal(number, handler)


def _let_it_arrive(number: int, frame: object) -> None:
    """The wakeup descriptor has it already; without a handler Python would not write it there."""


def _drained(signals: socket.socket) -> bytes:
    try:
        return signals.recv(4096)
    except BlockingIOError:
        return b""
