"""Hints of commits: the rows themselves, published for the tails of other processes, those that gathered in one.

A hint: epoch (16 bytes), the last g (8), then for each row g (8), channel (8), seq (8), kind length (1), body
length (4), kind, body.
"""

import struct
from collections.abc import Callable, Iterator, Sequence

from app.bus.port import Broker
from app.core.ids import ChannelId, pack_id
from app.inbox.tail import Tail
from app.store.port import Committed

TOPIC = b"commits"
MAX_HINT_BYTES = 1024 * 1024  # beyond it only the number of the last commit is told

_ROW = struct.Struct(">Q8sQBI")
_EPOCH_BYTES = 16


class Hints:
    """Gathers what this process committed, and offers the tail what others did."""

    def __init__(
        self, broker: Broker, tail: Tail, epoch: str, later: Callable[[Callable[[], None]], None]
    ) -> None:
        """`later` says when those that gathered leave: with the turn of the event loop, or less often."""
        self._broker = broker
        self._tail = tail
        self._epoch = bytes.fromhex(epoch)
        self._later = later
        self._gathered: list[Committed] = []
        broker.subscribe(TOPIC, self._heard)
        broker.on_connected(tail.look)

    def add(self, commits: Sequence[Committed]) -> None:
        """Tell the other processes, together with what else comes until then."""
        if not self._gathered:
            self._later(self._publish)
        self._gathered.extend(commits)

    def _publish(self) -> None:
        gathered, self._gathered = self._gathered, []
        self._broker.publish(TOPIC, encode_hint(self._epoch, gathered))

    def _heard(self, payload: bytes) -> None:
        if payload[:_EPOCH_BYTES] != self._epoch:
            return
        if (last := last_g(payload)) is None or last > self._tail.position:
            commits = list(decode_hint(payload))
            if commits:
                self._tail.offer(commits)
            else:
                self._tail.look()


def encode_hint(epoch: bytes, commits: Sequence[Committed]) -> bytes:
    """The hint's bytes; without rows (the tails then read the store) when they would be too many."""
    parts = [epoch, commits[-1].g.to_bytes(8, "big")]
    for row in commits:
        kind = row.kind.encode()
        parts += (
            _ROW.pack(row.g, pack_id(row.channel_id), row.seq, len(kind), len(row.body)),
            kind,
            row.body,
        )
    hint = b"".join(parts)
    return hint if len(hint) <= MAX_HINT_BYTES else b"".join(parts[:2])


def last_g(hint: bytes) -> int | None:
    """The last commit a hint speaks of; None when it is cut short."""
    text = hint[_EPOCH_BYTES : _EPOCH_BYTES + 8]
    return int.from_bytes(text, "big") if len(text) == 8 else None


def decode_hint(hint: bytes) -> Iterator[Committed]:
    """The rows of a hint. Raises struct.error or ValueError for one that is cut short: half a message is none."""
    at = _EPOCH_BYTES + 8
    while at < len(hint):
        g, channel, seq, kind_length, body_length = _ROW.unpack_from(hint, at)
        at += _ROW.size
        kind = hint[at : at + kind_length].decode()
        at += kind_length
        if at + body_length > len(hint):
            raise ValueError("the hint is cut short")
        yield Committed(g, ChannelId(channel.hex()), seq, kind, hint[at : at + body_length])
        at += body_length
