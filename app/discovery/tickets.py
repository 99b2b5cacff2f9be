"""Tickets: how somebody signed in here is recognised by a chat server on another host, where no cookie reaches.

A ticket is a secret that is good once and for a minute. What is kept of it is its hash, so that who reads the keys
cannot use it.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable

import msgspec

from app.bus.leases import BrokerAway, Leases
from app.core.api import Caller
from app.core.ids import SessionId, UserId

TICKET_SECONDS = 60


class Holder(msgspec.Struct, frozen=True):
    """Whom a ticket stands for, and the session it was given to."""

    user_id: UserId
    session_id: SessionId


class Tickets:
    """Gives tickets out and takes them back. Calls wait."""

    def __init__(self, leases: Leases, ended: Callable[[Iterable[SessionId]], set[SessionId]]) -> None:
        """`ended` tells which sessions are over."""
        self._leases = leases
        self._ended = ended

    def issue(self, caller: Caller) -> str | None:
        """A ticket for the caller; None while the keys cannot be reached."""
        ticket = secrets.token_urlsafe(32)
        holder = Holder(caller.user_id, caller.session_id)
        try:
            self._leases.put(_key(ticket), msgspec.json.encode(holder), TICKET_SECONDS)
        except BrokerAway:
            return None
        return ticket

    def redeem(self, ticket: str) -> Holder | None:
        """Whom the ticket stands for; None when it was never given, is used, too old, or its session was ended since.

        Raises Unavailable (BrokerAway)."""
        kept = self._leases.take(_key(ticket))
        if kept is None:
            return None
        holder = msgspec.json.decode(kept, type=Holder)
        return None if self._ended([holder.session_id]) else holder


def _key(ticket: str) -> bytes:
    return b"ticket:" + hashlib.sha256(ticket.encode()).hexdigest().encode()
