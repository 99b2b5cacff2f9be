"""Somebody who comes with a ticket instead of a session: on a server of another host than the page's, no cookie comes
along. Until the ticket in their `hello` was looked at, nobody knows who they are, and nothing is answered.
"""

from collections.abc import Callable
from typing import Protocol

from app.accounts.wire import ServerEntry
from app.core.errors import MaruError, Unavailable
from app.core.ids import SessionId, UserId
from app.core.origin import Headers
from app.realtime import wire
from app.realtime.connection import Transport
from app.realtime.wire import Close

MOST_SAID = 64  # frames up to and behind `hello`; each no larger than the first may be
TRY_AGAIN_MS = 2_000


class Holder(Protocol):
    """Whom a ticket stands for."""

    @property
    def user_id(self) -> UserId: ...

    @property
    def session_id(self) -> SessionId: ...


class Guest(Protocol):
    """The connection of somebody who was let in."""

    def receive(self, text: bytes) -> None: ...


LetIn = Callable[[Holder], Guest]


class Doorstep:
    """Those who wait there, and what becomes of them."""

    def __init__(
        self,
        redeem: Callable[[str], Holder | None],
        spawn: Callable[[Callable[[], None]], None],
        after: Callable[[float, Callable[[], None]], None],
        page_origin: str | None = None,
    ) -> None:
        """`redeem` waits; it answers None for a ticket that is good for nothing, and raises Unavailable.
        `page_origin`: whose pages send people here."""
        self.page_origin = page_origin
        self._redeem = redeem
        self._spawn = spawn
        self._after = after
        self.strangers: dict[Stranger, None] = {}

    def is_for(self, headers: Headers) -> bool:
        """Whether this handshake is one from elsewhere: made by the page, or by a program that shows no session.

        Cookies of this host do not count for the page: they may be another person's. What `Sec-Fetch-Site` says of two
        hosts does not matter, since no cookie is trusted."""
        if headers.get("Authorization") is not None:
            return False
        origin = headers.get("Origin")
        return origin == self.page_origin if origin is not None else headers.get("Cookie") is None

    def meet(self, transport: Transport, let_in: LetIn, asked_at: str) -> "Stranger":
        """Somebody rang. They have as long to greet as everybody."""
        stranger = Stranger(transport, self, let_in, asked_at)
        self.strangers[stranger] = None
        self._after(wire.HELLO_SECONDS, stranger.lose_patience)
        return stranger

    def look_at(self, stranger: "Stranger", ticket: str) -> None:
        """Find out whose ticket it is, and let them in or not."""
        self._spawn(lambda: self._look_at(stranger, ticket))

    def _look_at(self, stranger: "Stranger", ticket: str) -> None:
        try:
            holder = self._redeem(ticket)
        except Unavailable:
            stranger.close(Close.RATE_LIMITED, after_ms=TRY_AGAIN_MS)
            return
        if holder is None:
            stranger.close(Close.UNAUTHENTICATED)
        else:
            stranger.come_in(holder)


class Stranger:
    """One of them: what a socket speaks with until its ticket was looked at."""

    def __init__(self, transport: Transport, doorstep: Doorstep, let_in: LetIn, asked_at: str) -> None:
        self.asked_at = asked_at
        self._transport = transport
        self._doorstep = doorstep
        self._let_in = let_in
        self._said: list[bytes] = []

    def receive(self, text: bytes) -> None:
        """The first frame shows the ticket; what follows is kept until it was looked at."""
        self._said.append(text)
        if len(self._said) > MOST_SAID:
            self.close(Close.POLICY)
        elif len(self._said) == 1:
            self._greet(text)

    def _greet(self, text: bytes) -> None:
        try:
            frame = wire.decode_frame(text)
        except MaruError as error:
            self._transport.send(wire.error_frame(error, wire.find_frame_id(text)))
            self.close(Close.POLICY)
            return
        if not isinstance(frame, wire.Hello):
            self.close(Close.POLICY)
        elif frame.ticket is None:
            self.close(Close.UNAUTHENTICATED)
        else:
            self._doorstep.look_at(self, frame.ticket)

    def come_in(self, holder: Holder) -> None:
        """They are somebody: from now on the socket speaks with their connection."""
        if self in self._doorstep.strangers:
            self.gone()
            guest = self._let_in(holder)
            for text in self._said:
                guest.receive(text)

    def lose_patience(self) -> None:
        """Their time to greet is over."""
        if not self._said:
            self.close(Close.POLICY)

    def pause(self) -> None:
        self._transport.pause()

    def close(self, code: Close, after_ms: int = 0, servers: list[ServerEntry] | None = None) -> None:
        """Say goodbye and why, then close."""
        if self in self._doorstep.strangers:
            self.gone()
            self._transport.send(
                wire.encode_frame(wire.Bye(code=code.reason, after_ms=after_ms, servers=servers))
            )
            self._transport.close(code, code.reason)

    def gone(self) -> None:
        """They stand here no more."""
        self._doorstep.strangers.pop(self, None)
