"""Catching up by request: poll, and long poll, which waits where a poll would answer nothing."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from app.channels.views import ChannelViews
from app.channels.wire import Channel
from app.core.api import Caller
from app.core.errors import MaruError, Superseded, Unauthenticated
from app.inbox.delivered import Delivered
from app.presence.actions import PresenceDesk
from app.realtime.admission import Admission
from app.realtime.devices import Devices
from app.realtime.held import HeldRequest
from app.realtime.hub import Hub
from app.realtime.wire import Close, Cursor, Device
from app.store.cursor import Position, decode_cursor
from app.store.events import AnyEvent
from app.store.port import InboxPage, MessageStore

MAX_WAIT_SECONDS = 55  # proxies cut requests that are silent for 60


class SyncQuery(msgspec.Struct, frozen=True):
    """No cursor: the start. `wait` in seconds: how long the request may be held when there is nothing new."""

    cursor: Cursor | None = None
    wait: Annotated[int, msgspec.Meta(ge=0, le=MAX_WAIT_SECONDS)] = 0
    device: Device | None = None
    active: bool = False


class SyncAnswer(msgspec.Struct, frozen=True):
    """What was missed; `more`: ask again at once. `resync` and a first answer carry `heads` instead."""

    cursor: Cursor
    resync: bool
    events: list[AnyEvent]
    more: bool
    reset: list[Channel]
    heads: list[Channel] | None


class Sync:
    """Answers from the store's inbox; keeps nothing between requests."""

    def __init__(
        self, *, store: MessageStore, views: ChannelViews, hub: Hub, devices: Devices, delivered: Delivered,
        admission: Admission, presence: PresenceDesk,
    ) -> None:  # fmt: skip
        self._store = store
        self._views = views
        self._hub = hub
        self._devices = devices
        self._delivered = delivered
        self._admission = admission
        self._presence = presence
        self.held: dict[HeldRequest, None] = {}
        """The requests that wait now."""

    def answer(self, caller: Caller, query: SyncQuery) -> bytes:
        """The JSON of a SyncAnswer. Raises Superseded, Unauthenticated (session ended while held), Draining and
        Unavailable as a handshake would: clients whose handshake failed ask here why."""
        self._require_welcome(query)
        self._presence.polled(caller.user_id, query.active)
        if query.cursor is None:
            return self._start(caller, resync=False)
        position = decode_cursor(query.cursor)
        page = None if position is None else self._store.inbox(caller.user_id, position)
        if position is None or page is None or page.resync:
            return self._start(caller, resync=True)
        self._delivered.note(caller.user_id, position.g)
        if query.wait and not (page.events or page.reset or page.more):
            page = self._hold(caller, query, page)
            if page.resync:
                return self._start(caller, resync=True)
        return self._render(page)

    def _require_welcome(self, query: SyncQuery) -> None:
        if query.cursor is not None and query.wait == 0:
            self._admission.require_calm()
        else:
            self._admission.require_open()

    def _hold(self, caller: Caller, query: SyncQuery, page: InboxPage) -> InboxPage:
        """Listen from the page's end on (read in this very turn), wait, and read again."""
        held = HeldRequest(caller.user_id, caller.session_id, query.device)
        self._hub.join(held, page.channel_ids, page.g)
        self._devices.claim(held)
        self.held[held] = None
        try:
            held.wait(query.wait)
        finally:
            del self.held[held]
            self._hub.leave(held)
            self._devices.release(held)
        if held.ended_by is not None:
            raise self._ended(held.ended_by)
        return self._store.inbox(caller.user_id, page.position)

    def _ended(self, by: Close) -> MaruError:
        if by is Close.SUPERSEDED:
            return Superseded("A newer request of this device took over.")
        if by is Close.REVOKED:
            return Unauthenticated("This session was ended.")
        return self._admission.farewell()

    def _start(self, caller: Caller, *, resync: bool) -> bytes:
        heads = self._store.heads(caller.user_id)
        channels = self._views.render(heads.channels)
        return msgspec.json.encode(
            SyncAnswer(
                cursor=heads.position.encode(), resync=resync, events=[], more=False, reset=[], heads=channels
            )
        )

    def _render(self, page: InboxPage) -> bytes:
        reset = self._views.render(page.reset) if page.reset else []
        return _spliced(page.position, [row.body for row in page.events], page.more, reset)


def _spliced(position: Position, bodies: Sequence[bytes], more: bool, reset: Sequence[Channel]) -> bytes:
    """A SyncAnswer around event JSON that is bytes already."""
    return b'{"cursor":"%b","resync":false,"events":[%b],"more":%b,"reset":%b,"heads":null}' % (
        position.encode().encode(),
        b",".join(bodies),
        b"true" if more else b"false",
        msgspec.json.encode(reset),
    )
