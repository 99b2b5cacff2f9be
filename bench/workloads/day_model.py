"""What people do in a day, and what of it falls into a second of its busiest hour."""

from dataclasses import dataclass

GROUP_SIZES = (5, 10, 20, 50, 100)
"""Each gets as many of the messages."""


@dataclass(frozen=True)
class Day:
    """Of `users` who come on a day. Assumptions, not measurements: change them here and measure again."""

    users: int = 5_000
    messages_a_user: float = 40
    peak_hour_share: float = 0.1  # of the day's messages
    connected_share: float = 0.4  # of the day's users, with a device each, in that hour
    active_share: float = 0.5  # of the connected ones look at it
    direct_share: float = 0.6  # of the messages; the others go to groups
    long_poll_share: float = 0.1  # of the connected ones cannot have a WebSocket
    poll_share: float = 0.05  # nor hold a request
    stay_seconds: float = 900  # then a device goes and comes back
    open_every_seconds: float = 180  # an active one opens another channel

    @property
    def connected(self) -> int:
        return round(self.users * self.connected_share)

    @property
    def messages_a_day(self) -> float:
        return self.users * self.messages_a_user

    @property
    def messages_a_second(self) -> float:
        """In the busiest hour."""
        return self.messages_a_day * self.peak_hour_share / 3600

    @property
    def listeners_a_message(self) -> float:
        """Devices that hear one: the author's, and those of the other members who are connected."""
        group = sum(GROUP_SIZES) / len(GROUP_SIZES)
        members = self.direct_share * 2 + (1 - self.direct_share) * group
        return 1 + (members - 1) * self.connected_share

    @property
    def comings_a_second(self) -> float:
        return self.connected / self.stay_seconds

    @property
    def openings_a_second(self) -> float:
        return self.connected * self.active_share / self.open_every_seconds
