"""Group commit: everything that gathered while the last transaction was being synced goes into the next one.

One native thread per process writes; the event loop goes on meanwhile. A socket's callback submits and is called
back; a greenlet of a request commits and waits. docs/adr/0007 has the figures.
"""

import logging
import sys
from collections import deque
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TypeVar, cast

import gevent
from gevent.event import AsyncResult
from gevent.monkey import get_original

from app.store.committing import Done
from app.store.drafts import AnyDraft, NewEdit, NewMessage
from app.store.port import Accepted, Committed, MessageStore, Outcome, Rejected, Unknown

log = logging.getLogger(__name__)

OnBatch = Callable[[list[Committed]], None]
Argument = TypeVar("Argument")

MAX_WAITING = 20_000  # drafts; above it a draft is refused at once
MAX_BATCH_DRAFTS = 512
MAX_BATCH_BYTES = 1024 * 1024
SWITCH_SECONDS = 0.0002  # a busy loop gives way to the thread after so long (Python's own: 5 ms)
_WITH_TEXT = (NewMessage, NewEdit)
_FULL = Rejected("unavailable", "Too much is waiting to be stored; try again.")
_STOPPED = Rejected("unavailable", "This server is going away; try again.")


class DirectCommitter:
    """Commits at once, one draft a transaction, and calls back before it returns. For tests and commands."""

    def __init__(self, store: MessageStore, on_batch: OnBatch) -> None:
        self._store = store
        self._on_batch = on_batch

    def submit(self, draft: AnyDraft, done: Done) -> None:
        done(self.commit(draft))

    def commit(self, draft: AnyDraft) -> Outcome:
        outcomes = self._store.append([draft])
        _log_doubt(outcomes)
        if events := accepted_events(outcomes):
            self._on_batch(events)
        return outcomes[0]

    def stop(self) -> None:
        pass


class GroupCommitter:
    """`on_batch` is called on the event loop once for each transaction, with all its events in `g` order, before the
    `done` of its drafts."""

    def __init__(self, store: MessageStore, on_batch: OnBatch, max_waiting: int = MAX_WAITING) -> None:
        self._store = store
        self._on_batch = on_batch
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[AnyDraft, Done]] = deque()
        self._committed: deque[list[tuple[Done, Outcome]]] = deque()
        self._submitted = self._answered = 0
        self._settling: list[tuple[int, AsyncResult[None]]] = []
        self._stopping = False
        self._stopped: AsyncResult[None] = AsyncResult()
        self._bell = get_original("_thread", "allocate_lock")()
        self._bell.acquire()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._wake = gevent.get_hub().loop.async_()
        self._wake.start(self._deliver)
        get_original("_thread", "start_new_thread")(self._write, ())

    # On the event loop

    def submit(self, draft: AnyDraft, done: Done) -> None:
        if self._stopping or len(self._waiting) >= self._max_waiting:
            done(_STOPPED if self._stopping else _FULL)
            return
        self._submitted += 1
        self._waiting.append((draft, done))
        self._ring()

    def commit(self, draft: AnyDraft) -> Outcome:
        result: AsyncResult[Outcome] = AsyncResult()
        self.submit(draft, result.set)
        return cast(Outcome, result.get())

    def settle(self) -> None:
        """Waits until everything that was submitted before was answered."""
        if self._answered < self._submitted:
            settled: AsyncResult[None] = AsyncResult()
            self._settling.append((self._submitted, settled))
            settled.get()

    def stop(self) -> None:
        """Waits, without holding up the event loop, until everything submitted was answered."""
        self._stopping = True
        self._ring()
        self._stopped.get()

    def _ring(self) -> None:
        """Only the event loop releases the lock and only the thread takes it, so it cannot be released twice."""
        if self._bell.locked():
            self._bell.release()

    def _deliver(self) -> None:
        """Tell everybody what the thread has finished since the last look."""
        while self._committed:
            answered = self._committed.popleft()
            if not answered:
                self._finish()
                return
            outcomes = [outcome for _, outcome in answered]
            _log_doubt(outcomes)
            if events := accepted_events(outcomes):
                _call(self._on_batch, events)
            for done, outcome in answered:
                _call(done, outcome)
            self._answered += len(answered)
            while self._settling and self._settling[0][0] <= self._answered:
                self._settling.pop(0)[1].set(None)

    def _finish(self) -> None:
        self._wake.stop()
        self._wake.close()
        self._stopped.set(None)

    # On the native thread. Nothing of gevent but the wake, which is made for other threads; and no logging, whose lock
    # is gevent's after patching: contended between two native threads it left greenlets waiting for ever.

    def _write(self) -> None:
        while not (self._stopping and not self._waiting):
            self._bell.acquire()
            while self._waiting:
                self._write_batch(self._gather())
        self._committed.append([])
        self._wake.send()

    def _gather(self) -> list[tuple[AnyDraft, Done]]:
        batch: list[tuple[AnyDraft, Done]] = []
        size = 0
        while self._waiting and len(batch) < MAX_BATCH_DRAFTS and size < MAX_BATCH_BYTES:
            batch.append(self._waiting.popleft())
            draft = batch[-1][0]
            if isinstance(draft, _WITH_TEXT):
                size += len(draft.text)
        return batch

    def _write_batch(self, batch: list[tuple[AnyDraft, Done]]) -> None:
        try:
            outcomes = self._store.append([draft for draft, _ in batch])
        except Exception as cause:  # noqa: BLE001 - each draft gets an answer
            outcomes = [Unknown("The store did not answer; try again with the same id.", cause)] * len(batch)
        self._committed.append([(done, outcome) for (_, done), outcome in zip(batch, outcomes, strict=True)])
        self._wake.send()


def accepted_events(outcomes: Sequence[Outcome]) -> list[Committed]:
    """All events that the outcomes brought, in `g` order."""
    events = [event for outcome in outcomes if isinstance(outcome, Accepted) for event in outcome.events]
    events.sort(key=attrgetter("g"))
    return events


def _log_doubt(outcomes: Sequence[Outcome]) -> None:
    """Once for a batch: a commit that raised did so for all of it, the first included."""
    if isinstance(first := outcomes[0], Unknown):
        log.error("a commit of %d drafts ended in doubt", len(outcomes), exc_info=first.cause)


def _call(callback: Callable[[Argument], None], argument: Argument) -> None:
    """A callback that raises is its owner's fault and must not keep the others from their answer."""
    try:
        callback(argument)
    except Exception:
        log.exception("a callback of the committer failed")
