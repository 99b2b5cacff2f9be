"""A WebSocket on the event loop: no greenlet, no thread, one read watcher an idle connection.

Frames queue on the connection and are written once a turn of the loop, in one `send`. What the socket does not take
stays here, bounded; over the bound the reader counts as slow and is closed: the log on disk is the buffer, it resumes.
Paced frames (what was missed) come one by one, each when the one before has left, and do not count towards the bound.
Callbacks never wait and never switch; an exception ends that connection only.
"""

import logging
import socket
import struct
from collections.abc import Callable
from typing import Any, Protocol

from app.realtime import frames
from app.realtime.frames import FrameError, FrameParser
from app.realtime.wire import MAX_FIRST_FRAME_BYTES, MAX_FRAME_BYTES, Bye, Close, encode_frame

log = logging.getLogger(__name__)

READ_BYTES = 16 * 1024
SEND_BUFFER_BYTES = 128 * 1024  # without it the kernel holds 3.9 MB for a reader that stalled
MAX_UNSENT_BYTES = 512 * 1024  # what waits here for a slow reader, beyond the kernel's
CLOSING_SECONDS = 5.0  # for the last frames to leave and the other side's close frame to come

_READABLE, _WRITABLE = 1, 2
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Speaker(Protocol):
    """The side that understands frames (`connection.Connection`)."""

    def receive(self, text: bytes) -> None: ...

    def close(self, code: Close) -> None: ...

    def gone(self) -> None: ...


class Flusher:
    """Writes, at the end of a turn, what was queued in it. `open_sockets`: how many are not let go of yet."""

    def __init__(self, later: Callable[[Callable[[], None]], None]) -> None:
        self._later = later
        self._dirty: list[WebSocket] = []
        self.open_sockets = 0

    def add(self, websocket: "WebSocket") -> None:
        if not self._dirty:
            self._later(self._flush)
        self._dirty.append(websocket)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        for websocket in dirty:
            try:
                websocket.flush()
            except Exception:
                log.exception("a connection could not be written to and is closed")
                websocket.abort()


class WebSocket:
    """One socket after its handshake. `loop` is gevent's event loop."""

    __slots__ = (
        "_closing", "_connection", "_drained", "_flusher", "_loop", "_paced_bytes", "_parser", "_queue", "_reading",
        "_socket", "_timer", "_unsent", "_unsent_bytes", "_writing",
    )  # fmt: skip

    def __init__(self, connected: socket.socket, loop: Any, flusher: Flusher) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket: socket.socket | None = connected
        self._loop = loop
        self._flusher = flusher
        self._parser = FrameParser(MAX_FIRST_FRAME_BYTES)
        self._connection: Speaker | None = None
        self._queue: list[bytes] = []
        self._unsent = b""  # the rest of a frame that left in part
        self._unsent_bytes = 0  # it and the queue, while the socket takes no more
        self._paced_bytes = 0  # of paced frames since all had left: not held against the reader
        self._writing: Any = None  # its watcher is there only then
        self._drained: Callable[[], None] | None = None
        self._closing = False
        self._timer: Any = None
        self._reading = loop.io(connected.fileno(), _READABLE)
        flusher.open_sockets += 1

    def open(self, connection: Speaker, early: bytes) -> None:
        """Begin to read; `early` is what came along with the handshake."""
        self._connection = connection
        self._reading.start(self._on_readable)
        if early:
            self._guarded(lambda: self._take(early))

    def speak_with(self, connection: Speaker) -> None:
        """From now on frames are for another; what is on its way out stays."""
        self._connection = connection

    # --- in ---------------------------------------------------------------------------------------------------

    def _on_readable(self) -> None:
        if self._socket is None:
            return
        try:
            chunk = self._socket.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._end()
            return
        try:
            self._take(chunk)
        except Exception:
            log.exception("a connection failed and is closed")
            self.abort()

    def _take(self, chunk: bytes) -> None:
        try:
            messages = self._parser.feed(chunk)
        except FrameError as error:
            self._hand_over(error.messages)
            if self._connection is not None:
                self._connection.close(Close(error.close_code))
            return
        self._hand_over(messages)

    def _hand_over(self, messages: list[frames.Message]) -> None:
        for opcode, payload in messages:
            if opcode == frames.CLOSE:
                self._answer_close(payload)
                return
            if self._closing or self._connection is None:
                continue  # only its close frame is still of interest
            if opcode == frames.TEXT:
                self._connection.receive(payload)
            elif opcode == frames.PING:
                self.queue(frames.pong_frame(payload))

    def _answer_close(self, payload: bytes) -> None:
        """The other side closes: answer in kind unless we began, then it is over."""
        if self._closing:
            self._end()
            return
        try:
            code, _ = frames.parse_close(payload)
        except FrameError as error:
            code = error.close_code
        self.close(code, "")

    # --- out --------------------------------------------------------------------------------------------------

    def send(self, text: bytes) -> None:
        self.queue(frames.text_frame(text))

    def queue(self, frame: bytes) -> None:
        if self._closing:
            return
        if self._writing is not None:
            self._queue_behind(frame)
            return
        queue = self._queue
        queue.append(frame)
        if len(queue) == 1:
            self._flusher.add(self)

    def flush(self) -> None:
        """Write all that is queued, in one call."""
        queue = self._queue
        if self._socket is None or self._writing is not None or not queue:
            return
        chunk = queue[0] if len(queue) == 1 else b"".join(queue)
        sent = self._write(chunk)
        if sent == len(chunk):
            queue.clear()
            self._after_flush()
        elif sent >= 0:
            self._wait_for_room(chunk, sent)

    def _write(self, chunk: bytes) -> int:
        """Bytes the socket took; -1 when it is gone."""
        assert self._socket is not None
        try:
            return self._socket.send(chunk)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self._end()
            return -1

    def _wait_for_room(self, chunk: bytes, sent: int) -> None:
        """Keep what did not leave: the rest of the frame that left in part, and whole frames behind it."""
        self._keep_rest(sent)
        self._unsent_bytes = len(chunk) - sent
        assert self._socket is not None
        self._writing = self._loop.io(self._socket.fileno(), _WRITABLE)
        self._writing.start(self._on_writable)
        self._judge()

    def _keep_rest(self, sent: int) -> None:
        queue, index = self._queue, 0
        while sent >= len(queue[index]):
            sent -= len(queue[index])
            index += 1
        whole = index if sent == 0 else index + 1
        self._unsent = queue[index][sent:] if sent else b""
        del queue[:whole]

    def _queue_behind(self, frame: bytes) -> None:
        self._queue.append(frame)
        self._unsent_bytes += len(frame)
        self._judge()

    def _judge(self) -> None:
        """Close a reader for whom too much waits. What waits is dropped, but for the frame that left in part."""
        if self._unsent_bytes <= MAX_UNSENT_BYTES + self._paced_bytes or self._closing:
            return
        self._queue.clear()
        self._queue.append(frames.text_frame(encode_frame(Bye(code=Close.SLOW.reason, after_ms=0))))
        self.close(Close.SLOW, Close.SLOW.reason)

    def _on_writable(self) -> None:
        self._guarded(self._write_rest)

    def _write_rest(self) -> None:
        if self._socket is None:
            return
        self._queue.insert(0, self._unsent)
        self._unsent = b""
        chunk = b"".join(self._queue)
        sent = self._write(chunk)
        if sent < 0:
            return
        if sent < len(chunk):
            self._keep_rest(sent)
            self._unsent_bytes = len(chunk) - sent
            return
        self._queue.clear()
        self._unsent_bytes = 0
        _stop(self._writing)
        self._writing = None
        self._after_flush()

    def _after_flush(self) -> None:
        self._paced_bytes = 0
        if self._closing and self._socket is not None:
            self._shut()
        elif self._drained is not None:
            drained, self._drained = self._drained, None
            drained()

    # --- the protocol's side of it ------------------------------------------------------------------------------

    def send_paced(self, text: bytes) -> None:
        self._paced_bytes += len(text)
        self.send(text)

    def admit(self) -> None:
        self._parser.limit = MAX_FRAME_BYTES

    def when_drained(self, react: Callable[[], None]) -> None:
        if self._queue or self._writing is not None:
            self._drained = react
        else:
            react()

    def pause(self) -> None:
        """Leave what comes in the kernel, unread."""
        if self._reading is not None and not self._closing:
            self._reading.stop()

    def close(self, code: int, reason: str) -> None:
        """Queue a close frame behind what is queued; nothing more is taken after it."""
        if self._closing or self._socket is None:
            return
        frame = frames.close_frame(code, reason)
        if self._writing is not None:
            self._queue.append(frame)
        else:
            self.queue(frame)
        self._closing = True
        if not self._reading.active:  # it was paused; the other side still has a close frame to send
            self._reading.start(self._on_readable)
        self._timer = self._loop.timer(CLOSING_SECONDS)
        self._timer.start(self.abort)
        self._report()

    # --- its end ----------------------------------------------------------------------------------------------

    def _shut(self) -> None:
        """All is written: say so, and wait for the other side's close frame or end."""
        assert self._socket is not None
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._end()

    def abort(self) -> None:
        """End at once: reset, so that the kernel does not keep what nobody reads."""
        if self._socket is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._end()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            log.exception("a connection failed and is closed")
            self.abort()

    def _end(self) -> None:
        """Let go of everything. May be called at any time, again and again."""
        if self._socket is None:
            return
        self._closing = True
        for watcher in (self._reading, self._writing, self._timer):
            _stop(watcher)
        self._reading = self._writing = self._timer = None
        self._socket.close()
        self._socket = None
        self._flusher.open_sockets -= 1
        self._queue.clear()
        self._unsent = b""
        self._drained = None
        self._report()

    def _report(self) -> None:
        """Tell the protocol once that nothing more goes in or out."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.gone()


def _stop(watcher: Any) -> None:
    """Stop and free a watcher of the event loop, if there is one."""
    if watcher is not None:
        watcher.stop()
        watcher.close()
