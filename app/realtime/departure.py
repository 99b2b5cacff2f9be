"""Going away: the whole process when it ends, or only from its live clients when an operator drains it."""

from app.discovery.readiness import Readiness
from app.discovery.registry import Registry
from app.realtime.admission import Admission
from app.realtime.farewell import Farewell


class Departure:
    """Nobody is sent here or let in any more, and those who are here are sent elsewhere. Requests are answered on."""

    def __init__(
        self, readiness: Readiness, registry: Registry, admission: Admission, farewell: Farewell
    ) -> None:
        self._readiness = readiness
        self._registry = registry
        self._admission = admission
        self._farewell = farewell
        self.final = False
        """The process ends: there is no way back."""

    @property
    def going(self) -> bool:
        return self._admission.draining

    def announce(self, going: bool = True) -> None:
        """Say so everywhere first: who is sent away must not be sent back. Returns at once."""
        self._admission.draining = going
        self._readiness.drain(going)
        self._registry.drain(going)

    def go(self) -> None:
        """Say goodbye to everybody, in a while. Waits."""
        self.announce()
        self._farewell.say()

    def stay(self) -> bool:
        """Take clients again, unless the process ends; whether it does."""
        if not self.final:
            self._farewell.call_off()
            self.announce(going=False)
        return not self.final
