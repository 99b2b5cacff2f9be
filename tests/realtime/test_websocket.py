"""A WebSocket on the event loop: over real sockets on gevent's real loop, and over one that takes what it likes."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.hub import get_hub
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from app.core.loop import EventLoop
from app.realtime import frames, websocket
from app.realtime.websocket import MAX_UNSENT_BYTES, READ_BYTES, Flusher, WebSocket
from app.realtime.wire import MAX_FIRST_FRAME_BYTES, MAX_FRAME_BYTES, Bye, Close, encode_frame

DEADLINE_SECONDS = 20.0


def until(condition: Callable[[], Any]) -> None:
    """Let the event loop go on until it is so."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        gevent.sleep(0.001)


class Speaker:
    """Understands nothing, remembers everything, says goodbye as a connection does."""

    def __init__(self, transport: WebSocket) -> None:
        self.transport = transport
        self.texts: list[bytes] = []
        self.gone_count = 0
        self.breaking = False

    def receive(self, text: bytes) -> None:
        if self.breaking:
            raise RuntimeError("a fault of ours")
        self.texts.append(text)

    def close(self, code: Close) -> None:
        self.transport.send(encode_frame(Bye(code=code.reason, after_ms=0)))
        self.transport.close(code, code.reason)

    def gone(self) -> None:
        self.gone_count += 1


class Peer:
    """The other end: says what it is told, reads when it is asked to."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        end.setblocking(False)
        self._bytes = b""
        self.ended = False
        self.reset = False

    def say(self, opcode: Opcode, payload: bytes) -> None:
        self.end.sendall(Frame(opcode, payload).serialize(mask=True))

    def read(self) -> None:
        try:
            while chunk := self.end.recv(1 << 20):
                self._bytes += chunk
            self.ended = True
        except BlockingIOError:
            return
        except ConnectionResetError:
            self.ended = self.reset = True

    @property
    def heard(self) -> list[frames.Message]:
        self.read()
        return unframed(self._bytes)

    @property
    def texts(self) -> list[bytes]:
        return [payload for opcode, payload in self.heard if opcode == frames.TEXT]

    @property
    def close_code(self) -> int | None:
        codes = [frames.parse_close(payload)[0] for opcode, payload in self.heard if opcode == frames.CLOSE]
        assert len(codes) <= 1
        return codes[0] if codes else None


def unframed(stream: bytes) -> list[frames.Message]:
    """The whole frames of what a server sent (RFC 6455 5.2)."""
    found = []
    while len(stream) >= 2:
        size, start = stream[1], 2
        if size == 126:
            size, start = int.from_bytes(stream[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(stream[2:10], "big"), 10
        if len(stream) < start + size:
            break
        found.append((stream[0] & 0x0F, stream[start : start + size]))
        stream = stream[start + size :]
    return found


class Place:
    """Where connections meet their peers."""

    def __init__(self) -> None:
        self.loop = EventLoop()
        self.flusher = Flusher(self.loop.soon)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = [self.listener]

    def connect(
        self, early: bytes = b"", receive_buffer: int | None = None
    ) -> tuple[WebSocket, Speaker, Peer]:
        end = socket.socket()
        if receive_buffer is not None:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        end.connect(self.listener.getsockname())
        self._ends.append(end)
        transport = WebSocket(self.listener.accept()[0], self.loop.native, self.flusher)
        speaker = Speaker(transport)
        transport.open(speaker, early)
        return transport, speaker, Peer(end)

    def leave(self) -> None:
        for end in self._ends:
            end.close()
        until(lambda: self.flusher.open_sockets == 0)


@pytest.fixture
def place() -> Iterator[Place]:
    """In the end no socket, watcher or timer may be left."""
    get_hub()
    gevent.sleep(0)
    before = open_files()
    place = Place()
    yield place
    place.leave()
    assert open_files() == before


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# --- in


def test_texts_come_whole_and_in_order_however_they_are_cut(place: Place) -> None:
    _, speaker, peer = place.connect()
    stream = b"".join(Frame(Opcode.TEXT, b"%d" % number * 50).serialize(mask=True) for number in range(20))
    for start in range(0, len(stream), 7):
        peer.end.sendall(stream[start : start + 7])
        gevent.sleep(0)
    until(lambda: len(speaker.texts) == 20)
    assert speaker.texts == [b"%d" % number * 50 for number in range(20)]


def test_what_came_along_with_the_handshake_is_taken_first(place: Place) -> None:
    _, speaker, peer = place.connect(early=Frame(Opcode.TEXT, b"early").serialize(mask=True))
    peer.say(Opcode.TEXT, b"later")
    until(lambda: len(speaker.texts) == 2)
    assert speaker.texts == [b"early", b"later"]


def test_a_ping_is_answered_with_its_payload(place: Place) -> None:
    _, _, peer = place.connect()
    peer.say(Opcode.PING, b"still there?")
    until(lambda: peer.heard)
    assert peer.heard == [(frames.PONG, b"still there?")]


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (Frame(Opcode.BINARY, b"x").serialize(mask=True), Close.BINARY),
        (Frame(Opcode.TEXT, b"\xff").serialize(mask=True), Close.BAD_UTF8),
        (Frame(Opcode.TEXT, b"x" * (MAX_FIRST_FRAME_BYTES + 1)).serialize(mask=True), Close.TOO_BIG),
        (Frame(Opcode.TEXT, b"x").serialize(mask=False), Close.PROTOCOL_ERROR),
        (Frame(Opcode.CONT, b"x").serialize(mask=True), Close.PROTOCOL_ERROR),
    ],
    ids=["binary", "no UTF-8", "too big", "not masked", "nothing to continue"],
)
def test_broken_framing_is_closed_with_its_code_and_the_name_of_it(
    place: Place, stream: bytes, code: Close
) -> None:
    _, speaker, peer = place.connect()
    peer.say(Opcode.TEXT, b"before")
    until(lambda: speaker.texts == [b"before"])
    peer.end.sendall(stream)
    until(lambda: peer.close_code)
    assert speaker.texts == [b"before"]
    assert peer.texts == [encode_frame(Bye(code=code.reason, after_ms=0))]
    assert peer.heard[-1] == (frames.CLOSE, int(code).to_bytes(2, "big") + code.reason.encode())


def test_what_came_whole_before_the_broken_frame_is_heard(place: Place) -> None:
    _, speaker, peer = place.connect()
    peer.end.sendall(
        b"".join(Frame(kind, b"x").serialize(mask=True) for kind in (Opcode.TEXT, Opcode.BINARY))
    )
    until(lambda: peer.close_code)
    assert speaker.texts == [b"x"]


def test_a_known_speaker_may_send_larger_frames_up_to_the_limit(place: Place) -> None:
    transport, speaker, peer = place.connect()
    transport.admit()
    peer.end.setblocking(True)
    gevent.get_hub().threadpool.spawn(peer.say, Opcode.TEXT, b"x" * MAX_FRAME_BYTES).get()
    until(lambda: speaker.texts)
    gevent.get_hub().threadpool.spawn(peer.say, Opcode.TEXT, b"x" * (MAX_FRAME_BYTES + 1)).get()
    peer.end.setblocking(False)
    until(lambda: peer.close_code)
    assert (len(speaker.texts), peer.close_code) == (1, Close.TOO_BIG)


def test_a_fault_while_a_frame_is_served_ends_that_connection_only(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    (_, broken, one), (_, whole, other) = place.connect(), place.connect()
    broken.breaking = True
    one.say(Opcode.TEXT, b"x")
    other.say(Opcode.TEXT, b"y")
    until(lambda: broken.gone_count and whole.texts)
    until(lambda: one.heard == [] and one.ended)
    assert (whole.gone_count, place.flusher.open_sockets) == (0, 1)
    assert "a fault of ours" in caplog.text


def test_a_fault_in_what_came_with_the_handshake_ends_that_connection(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    transport = place.connect()[0]
    speaker = Speaker(transport)
    speaker.breaking = True
    transport.open(speaker, Frame(Opcode.TEXT, b"x").serialize(mask=True))
    assert speaker.gone_count == 1
    assert "a fault of ours" in caplog.text


# --- out


class CountingSocket:
    """A socket that counts what is written to it."""

    def __init__(self, real: socket.socket) -> None:
        self._real = real
        self.sends: list[int] = []

    def send(self, chunk: bytes) -> int:
        self.sends.append(len(chunk))
        return self._real.send(chunk)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_all_frames_of_a_turn_leave_in_one_call(place: Place) -> None:
    transport, _, peer = place.connect()
    counting = CountingSocket(transport._socket)  # type: ignore[arg-type]
    transport._socket = counting  # type: ignore[assignment]
    for number in range(10):
        transport.send(b"%d" % number)
    until(lambda: len(peer.texts) == 10)
    assert peer.texts == [b"%d" % number for number in range(10)]
    assert counting.sends == [30]


def test_a_fault_while_one_is_written_to_does_not_keep_the_others_from_their_frames(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    (broken, speaker, _), (whole, _, peer) = place.connect(), place.connect()

    class Breaking(CountingSocket):
        def send(self, chunk: bytes) -> int:
            raise MemoryError("no room to write")

    broken._socket = Breaking(broken._socket)  # type: ignore[arg-type, assignment]
    broken.send(b"x")
    whole.send(b"y")
    until(lambda: peer.texts)
    assert (speaker.gone_count, peer.texts) == (1, [b"y"])
    assert "no room to write" in caplog.text


def test_a_reader_that_stops_is_closed_as_slow_and_the_others_go_on(place: Place) -> None:
    (slow, gone, stalled), (fast, _, reading) = place.connect(receive_buffer=4096), place.connect()
    whole: list[bytes] = []
    while not gone.gone_count:
        whole.append(b"%d" % len(whole) * 20_000)
        slow.send(whole[-1])
        fast.send(whole[-1])
        gevent.sleep(0)
        reading.read()
    until(lambda: stalled.close_code)
    assert stalled.close_code == Close.SLOW
    assert stalled.texts[-1] == encode_frame(Bye(code="slow", after_ms=0))
    until(lambda: len(reading.texts) == len(whole))
    assert stalled.texts[:-1] == whole[: len(stalled.texts) - 1]
    assert reading.texts == whole


def test_while_it_is_paused_nothing_is_read_but_in_the_end_the_other_sides_last_word(place: Place) -> None:
    transport, speaker, peer = place.connect()
    peer.say(Opcode.TEXT, b"before")
    until(lambda: speaker.texts)
    transport.pause()
    peer.say(Opcode.TEXT, b"meanwhile")
    transport.send(b"an answer")
    until(lambda: peer.texts == [b"an answer"])
    gevent.sleep(0.01)
    assert speaker.texts == [b"before"]
    transport.close(Close.DRAIN, "drain")
    until(lambda: peer.close_code)
    peer.say(Opcode.CLOSE, b"\x03\xe9")
    until(lambda: not place.flusher.open_sockets)
    assert (speaker.texts, speaker.gone_count, peer.reset) == ([b"before"], 1, False)


def test_what_waits_for_a_reader_that_stopped_is_bounded(place: Place) -> None:
    transport, speaker, _ = place.connect(receive_buffer=4096)
    most = 0
    while not speaker.gone_count:
        transport.send(b"x" * 10_000)
        gevent.sleep(0)
        most = max(most, sum(map(len, transport._queue)) + len(transport._unsent))
    assert most <= MAX_UNSENT_BYTES + 2 * 10_100
    assert sum(map(len, transport._queue)) < 200  # the goodbye


def test_what_was_missed_does_not_make_a_reader_slow_however_large(place: Place) -> None:
    """The heads of thousands of channels are one frame of megabytes."""
    transport, speaker, peer = place.connect()
    welcome = b"w" * 12_000_000
    drained: list[bool] = []
    transport.send_paced(welcome)
    transport.when_drained(lambda: drained.append(True))
    until(lambda: transport._writing is not None)
    transport.send(b"and this")
    assert (speaker.gone_count, drained) == (0, [])
    until(lambda: peer.read() or drained)
    until(lambda: len(peer.texts) == 2)
    assert peer.texts == [welcome, b"and this"]
    assert transport._paced_bytes == 0


def test_a_reader_that_speaks_and_never_reads_is_slow_while_catching_up_too(place: Place) -> None:
    transport, speaker, _ = place.connect(receive_buffer=4096)
    transport.send_paced(b"p" * 1_000_000)
    waiting = 0
    while not speaker.gone_count:
        transport.send(b"o" * 10_000)
        waiting += 10_000
        gevent.sleep(0)
        assert waiting < 4 * MAX_UNSENT_BYTES


def test_with_nothing_queued_it_is_drained_already(place: Place) -> None:
    transport, _, _ = place.connect()
    drained: list[bool] = []
    transport.when_drained(lambda: drained.append(True))
    assert drained


# --- its end


def test_a_close_is_answered_with_its_code_then_the_connection_ends(place: Place) -> None:
    _, speaker, peer = place.connect()
    peer.end.sendall(Frame(Opcode.CLOSE, struct.pack("!H", 1000) + b"done").serialize(mask=True))
    until(lambda: peer.close_code)
    assert (peer.close_code, speaker.gone_count) == (1000, 1)
    until(lambda: peer.heard and peer.ended)
    assert not peer.reset


@pytest.mark.parametrize(("payload", "code"), [(b"", frames.NO_STATUS), (b"\x00", 1002), (b"\x03\xed", 1002)])
def test_a_close_without_a_good_code_is_answered_accordingly(place: Place, payload: bytes, code: int) -> None:
    _, _, peer = place.connect()
    peer.say(Opcode.CLOSE, payload)
    until(lambda: peer.close_code)
    assert peer.close_code == code


def test_our_close_comes_after_what_was_queued_and_nothing_comes_after_it(place: Place) -> None:
    transport, speaker, peer = place.connect()
    transport.send(b"last words")
    transport.close(Close.DRAIN, "drain")
    transport.send(b"too late")
    transport.close(Close.SLOW, "slow")
    until(lambda: peer.close_code)
    assert peer.heard == [(frames.TEXT, b"last words"), (frames.CLOSE, b"\x03\xe9drain")]
    peer.say(Opcode.CLOSE, b"\x03\xe9")
    until(lambda: place.flusher.open_sockets == 0)
    assert speaker.gone_count == 1


def test_of_what_is_said_after_our_close_only_the_close_is_heard(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "CLOSING_SECONDS", 10 * DEADLINE_SECONDS)
    transport, speaker, peer = place.connect()
    transport.close(Close.DRAIN, "drain")
    peer.end.sendall(
        Frame(Opcode.TEXT, b"but").serialize(mask=True) + Frame(Opcode.CLOSE, b"").serialize(mask=True)
    )
    until(lambda: place.flusher.open_sockets == 0)
    assert speaker.texts == []


@pytest.mark.parametrize("reads", [True, False])
def test_a_peer_that_never_answers_our_close_is_reset_after_a_while(
    place: Place, monkeypatch: pytest.MonkeyPatch, reads: bool
) -> None:
    monkeypatch.setattr(websocket, "CLOSING_SECONDS", 0.05)
    transport, _, peer = place.connect(receive_buffer=4096)
    if not reads:
        transport.send_paced(b"x" * 4_000_000)
        until(lambda: transport._writing is not None)
    transport.close(Close.DRAIN, "drain")
    until(lambda: place.flusher.open_sockets == 0)
    until(lambda: peer.read() or peer.ended)
    assert peer.reset or reads


def test_a_peer_that_vanishes_is_forgotten(place: Place) -> None:
    (_, left, one), (_, reset, other) = place.connect(), place.connect()
    one.end.close()
    other.end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    other.end.close()
    until(lambda: place.flusher.open_sockets == 0)
    assert (left.gone_count, reset.gone_count) == (1, 1)


def test_writing_to_a_peer_that_vanished_forgets_it(place: Place) -> None:
    transport, speaker, peer = place.connect()
    transport._reading.stop()  # so that only writing can notice
    peer.end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.end.close()
    transport.send(b"x")
    until(lambda: speaker.gone_count == 1)
    transport.send(b"y")
    transport.abort()
    assert speaker.gone_count == 1


# --- a socket that takes what it likes


class Watcher:
    def __init__(self) -> None:
        self.callback: Callable[[], None] | None = None

    @property
    def active(self) -> bool:
        return self.callback is not None

    def start(self, callback: Callable[[], None]) -> None:
        self.callback = callback

    def stop(self) -> None:
        self.callback = None

    def close(self) -> None:
        self.callback = None


class StillLoop:
    """Makes watchers that nothing wakes."""

    def io(self, descriptor: int, events: int) -> Watcher:
        return Watcher()

    def timer(self, seconds: float) -> Watcher:
        return Watcher()


class PickySocket:
    """Takes as many bytes as it has room for."""

    def __init__(self) -> None:
        self.room = 0
        self.taken = b""

    def send(self, chunk: bytes) -> int:
        if not self.room:
            raise BlockingIOError
        taken = chunk[: self.room]
        self.room -= len(taken)
        self.taken += taken
        return len(taken)

    def setblocking(self, flag: bool) -> None: ...

    def setsockopt(self, *option: Any) -> None: ...

    def fileno(self) -> int:
        return -1

    def shutdown(self, how: int) -> None: ...

    def close(self) -> None: ...


step = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 300)),
    st.tuples(st.just("room"), st.integers(0, 400)),
    st.tuples(st.just("turn"), st.just(0)),
)


@given(steps=st.lists(step, max_size=60), closes=st.booleans())
def test_frames_leave_whole_and_in_order_wherever_the_socket_cuts_them(
    steps: list[tuple[str, int]], closes: bool
) -> None:
    later: list[Callable[[], None]] = []
    picky = PickySocket()
    transport = WebSocket(picky, StillLoop(), Flusher(later.append))  # type: ignore[arg-type]
    transport.open(Speaker(transport), b"")
    sent: list[bytes] = []

    def go_on() -> None:
        while later:
            later.pop(0)()
        if transport._writing is not None and picky.room:
            transport._writing.callback()

    for number, (what, amount) in enumerate(steps):
        if what == "send":
            sent.append(b"%d" % number * amount)
            transport.send(sent[-1])
        elif what == "room":
            picky.room += amount
        else:
            go_on()
        waiting = sum(map(len, transport._queue)) + len(transport._unsent)
        assert transport._unsent_bytes == waiting or transport._writing is None
    if closes:
        transport.close(Close.DRAIN, "drain")
        transport.send(b"too late")
    picky.room = 1 << 30
    go_on()
    go_on()
    heard = unframed(picky.taken)
    assert [payload for opcode, payload in heard if opcode == frames.TEXT] == sent
    assert [opcode for opcode, _ in heard[len(sent) :]] == [frames.CLOSE] * closes
    assert (transport._queue, transport._unsent, transport._writing) == ([], b"", None)


@given(cut=st.integers(1, 2_000))
def test_a_slow_reader_gets_the_frame_that_left_in_part_then_the_goodbye(cut: int) -> None:
    later: list[Callable[[], None]] = []
    picky = PickySocket()
    transport = WebSocket(picky, StillLoop(), Flusher(later.append))  # type: ignore[arg-type]
    speaker = Speaker(transport)
    transport.open(speaker, b"")
    picky.room = cut
    transport.send(b"a" * 500)
    transport.send(b"b" * 500)
    transport.send(b"c" * MAX_UNSENT_BYTES)
    transport.send(b"d" * 2_000)
    later.pop()()
    assert speaker.gone_count == 1
    picky.room = 1 << 30
    assert transport._writing.callback is not None
    transport._writing.callback()
    heard = unframed(picky.taken)
    assert sum(len(frames.text_frame(payload)) for _, payload in heard[:-2]) >= cut
    assert heard[-2:] == [
        (frames.TEXT, encode_frame(Bye(code="slow", after_ms=0))),
        (frames.CLOSE, b"\x0f\xa8slow"),
    ]
    assert len(picky.taken) == sum(len(frames.text_frame(payload)) for _, payload in heard)


def test_one_reading_takes_no_more_than_its_share() -> None:
    """So that one that floods does not hold the loop."""
    assert READ_BYTES <= 64 * 1024
