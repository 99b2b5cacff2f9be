"""What a live connection asks of the rest of the program, in one place."""

from collections.abc import Callable

from app.inbox.delivered import Delivered
from app.inbox.read_markers import ReadMarkers
from app.messages.actions import Messages
from app.presence.actions import PresenceDesk
from app.realtime.catch_up import CatchUp
from app.realtime.connection import Connection
from app.realtime.devices import Devices
from app.realtime.ephemera import Ephemera
from app.realtime.hub import Hub
from app.realtime.pulse import Pulse


class Desk:
    """The collaborators of every connection of this process."""

    def __init__(
        self, *, epoch: str, position: Callable[[], int], hub: Hub, messages: Messages, markers: ReadMarkers,
        ephemera: Ephemera, catch_up: CatchUp, delivered: Delivered, devices: Devices, pulse: Pulse,
        presence: PresenceDesk,
    ) -> None:  # fmt: skip
        """`position` gives the tail's position in the commit index."""
        self.epoch = epoch
        self.position = position
        self.hub = hub
        self.messages = messages
        self.markers = markers
        self.ephemera = ephemera
        self.catch_up = catch_up
        self.delivered = delivered
        self.devices = devices
        self.pulse = pulse
        self.presence = presence

    def forget(self, connection: Connection) -> None:
        """The connection is over."""
        self.hub.leave(connection)
        self.devices.release(connection)
        self.pulse.remove(connection)
        self.presence.unwatch(connection)
        if connection.visit is not None:
            self.presence.leave(connection.visit)
