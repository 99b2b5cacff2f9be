"""Slows down whoever guesses passwords, and nobody else.

Only failures cost: a token is taken before the password is looked at and given back when it was right. A browser
that signed in to the account before (it has our signed cookie) and an address the person signed in from before
have buckets of their own, so that no attack from elsewhere can keep the owner out.
"""

from collections.abc import Hashable

from app.core.clock import Clock
from app.core.errors import RateLimited
from app.core.rates import TokenBuckets

Charge = tuple[TokenBuckets, Hashable]


class Attempt:
    """A sign-in that may be tried, and what it cost."""

    def __init__(self, charges: list[Charge]) -> None:
        self._charges = charges

    def forgive(self) -> None:
        """It was right, or nobody could look: no offence."""
        for buckets, key in self._charges:
            buckets.give_back(key)


class Throttle:
    """Counts failed sign-ins by account, by address and by both; and sign-ups by address.

    An address regains a guess at an account every 30 s, all strangers together one every 10 s: one attacker slows down
    only themselves, and many of them at most other strangers. In process: each process counts on its own.
    """

    def __init__(self, clock: Clock, enabled: bool = True) -> None:
        self._enabled = enabled
        self._familiar = TokenBuckets(1 / 10, 10, clock)  # known browser or address, per account
        self._stranger = TokenBuckets(1 / 30, 10, clock)  # an address at an account it never signed in to
        self._strangers = TokenBuckets(1 / 10, 100, clock)  # all such addresses at one account
        self._address = TokenBuckets(1 / 2, 50, clock)  # an address at all accounts
        self._sign_ups = TokenBuckets(1 / 5, 300, clock)  # accounts, or tries at invitations, an address

    def admit_sign_in(self, account: str, place: str, device: str | None, seen_place: bool) -> Attempt:
        """`device`: the browser's id if it signed in to this account before. Raises RateLimited."""
        if device is not None:
            return self._charge([(self._familiar, ("device", account, device))])
        if seen_place:
            return self._charge([(self._familiar, ("place", account, place)), (self._address, place)])
        return self._charge(
            [(self._stranger, (account, place)), (self._strangers, account), (self._address, place)]
        )

    def admit_sign_up(self, place: str) -> None:
        """Raises RateLimited."""
        self._charge([(self._sign_ups, place)])

    def _charge(self, charges: list[Charge]) -> Attempt:
        """Take from all buckets, or from none."""
        if not self._enabled:
            return Attempt([])
        wait = max(buckets.wait(key) for buckets, key in charges)
        if wait > 0:
            raise RateLimited("Too many attempts. Wait a little, then try again.", retry_after=wait)
        for buckets, key in charges:
            buckets.take(key)
        return Attempt(charges)
