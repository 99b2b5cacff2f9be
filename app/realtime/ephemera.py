"""What may be lost: who is typing, how far others have read, changed profiles. Between processes by the broker."""

import secrets
from collections import OrderedDict

import msgspec

from app.bus.port import Broker
from app.core.clock import Clock
from app.core.ids import ChannelId, UserId, personal_channel
from app.realtime import wire
from app.realtime.connection import Connection
from app.realtime.frames import text_frame
from app.realtime.hub import Hub, Listener
from app.store.port import MessageStore

TOPIC = b"ephemera"
MAX_THROTTLED = 50_000  # people and channels whose last typing is remembered


class Whisper(msgspec.Struct, frozen=True, array_like=True):
    """A frame for those who hear some channels, but not for its subject."""

    origin: str
    channel_ids: list[str]
    subject: str
    frame: bytes
    opened_only: bool


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
            self._tell([channel_id], connection.user_id, frame)

    def receipt(self, user_id: UserId, channel_id: ChannelId, read_seq: int) -> None:
        """Somebody read on (the caller keeps the pace): told to those who have the channel on their screen."""
        frame = wire.Receipt(channel_id=channel_id, user_id=user_id, read_seq=read_seq)
        self._tell([channel_id], user_id, frame, opened_only=True)

    def user_changed(self, frame: wire.UserChanged) -> None:
        """A profile changed: told to everybody who shares a channel, and to the person's own devices."""
        user_id = UserId(frame.user.id)
        channel_ids = [personal_channel(user_id), *self._store.channel_ids(user_id)]
        self._tell(list(map(str, channel_ids)), "", frame)

    def _first_in_a_while(self, user_id: UserId, channel_id: ChannelId) -> bool:
        key, now = (user_id, channel_id), self._clock.monotonic()
        if now - self._typed.get(key, float("-inf")) < wire.TYPING_EVERY_SECONDS:
            return False
        self._typed[key] = now
        self._typed.move_to_end(key)
        if len(self._typed) > MAX_THROTTLED:
            self._typed.popitem(last=False)
        return True

    def _tell(
        self, channel_ids: list[str], subject: str, frame: wire.AnyServerFrame, *, opened_only: bool = False
    ) -> None:
        whisper = Whisper(
            self._origin, channel_ids, subject, text_frame(wire.encode_frame(frame)), opened_only
        )
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
                told.add(listener)
                if isinstance(listener, Connection) and (
                    not whisper.opened_only or listener.opened == channel_id
                ):
                    listener.queue(whisper.frame)
