"""What may be lost: who is typing, how far others have read, changed profiles. Between processes by the broker."""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import cast

import msgspec

from app.bus.port import Broker
from app.core.clock import Clock
from app.core.errors import NotFound
from app.core.ids import ChannelId, UserId, personal_channel
from app.presence.wire import Presence
from app.realtime import wire
from app.realtime.connection import Connection
from app.realtime.frames import text_frame
from app.realtime.hub import Hub, Listener
from app.store.port import MessageStore

TOPIC = b"ephemera"
MAX_THROTTLED = 50_000  # people and channels whose last typing is remembered


class Whisper(msgspec.Struct, frozen=True, array_like=True):
    """A frame for those who hear some channels, but not for its subject. `on_screen`: only for connections that have
    the channel on their screen; where it is `direct`, for those too that never said what they have there."""

    origin: str
    channel_ids: list[str]
    subject: str
    frame: bytes
    on_screen: bool = False
    direct: bool = False

    def is_for(self, connection: Connection, channel_id: str) -> bool:
        opened = connection.opened
        return not self.on_screen or opened == channel_id or (self.direct and opened is None)


class Ephemera:
    """Passes them on to live connections, here and on other servers."""

    def __init__(self, *, hub: Hub, broker: Broker, store: MessageStore, clock: Clock) -> None:
        self._hub = hub
        self._broker = broker
        self._store = store
        self._clock = clock
        self._origin = secrets.token_hex(8)
        self._typed: OrderedDict[tuple[str, str], float] = OrderedDict()
        broker.subscribe(TOPIC, self._heard)

    def typing(self, connection: Connection, channel_id: ChannelId) -> None:
        """Somebody writes; told at most once in 3 s, and only where they are a member."""
        if self._hub.hears(connection, channel_id) and self._first_in_a_while(connection.user_id, channel_id):
            frame = wire.Writing(channel_id=channel_id, user_id=connection.user_id)
            self._tell_others(connection.user_id, channel_id, frame, on_screen=False)

    def receipt(self, user_id: UserId, channel_id: ChannelId, read_seq: int) -> None:
        """Somebody read on (the caller keeps the pace): told to those who have the channel on their screen."""
        frame = wire.Receipt(channel_id=channel_id, user_id=user_id, read_seq=read_seq)
        self._tell_others(user_id, channel_id, frame, on_screen=True)

    def user_changed(self, frame: wire.UserChanged) -> None:
        """A profile changed: told to everybody who shares a channel, and to the person's own devices."""
        user_id = UserId(frame.user.id)
        channel_ids = [personal_channel(user_id), *self._store.channel_ids(user_id)]
        self._tell(Whisper(self._origin, list(map(str, channel_ids)), "", _framed(frame)))

    def _first_in_a_while(self, user_id: UserId, channel_id: ChannelId) -> bool:
        key, now = (user_id, channel_id), self._clock.monotonic()
        if now - self._typed.get(key, float("-inf")) < wire.TYPING_EVERY_SECONDS:
            return False
        self._typed[key] = now
        self._typed.move_to_end(key)
        if len(self._typed) > MAX_THROTTLED:
            self._typed.popitem(last=False)
        return True

    def _tell_others(
        self, user_id: UserId, channel_id: ChannelId, frame: wire.AnyServerFrame, *, on_screen: bool
    ) -> None:
        """To the others in a channel; not between two people of whom one has blocked the other."""
        try:
            peer_id = self._store.channel(user_id, channel_id).peer_id
        except NotFound:
            return  # no channel of theirs, or no longer
        if peer_id is None or not (self._blocks(user_id, peer_id) or self._blocks(peer_id, user_id)):
            direct = peer_id is not None
            self._tell(Whisper(self._origin, [channel_id], user_id, _framed(frame), on_screen, direct))

    def _blocks(self, user_id: UserId, other_id: UserId) -> bool:
        contact = self._store.contact(user_id, other_id)
        return contact is not None and contact.state == "blocked"

    def _tell(self, whisper: Whisper) -> None:
        self._hand_out(whisper)
        self._broker.publish(TOPIC, msgspec.msgpack.encode(whisper))

    def _heard(self, payload: bytes) -> None:
        whisper = msgspec.msgpack.decode(payload, type=Whisper)
        if whisper.origin != self._origin:
            self._hand_out(whisper)

    def _hand_out(self, whisper: Whisper) -> None:
        told: set[Listener] = set()
        for channel_id in whisper.channel_ids:
            for listener in self._hub.listeners(ChannelId(channel_id)):
                if listener in told or listener.user_id == whisper.subject:
                    continue
                if isinstance(listener, Connection) and whisper.is_for(listener, channel_id):
                    told.add(listener)
                    listener.queue(whisper.frame)


def presence_frame(users: Mapping[UserId, Presence]) -> bytes:
    """A WebSocket frame that tells who is here."""
    return _framed(wire.Presences(users=cast("dict[str, Presence]", users)))


def _framed(frame: wire.AnyServerFrame) -> bytes:
    return text_frame(wire.encode_frame(frame))
