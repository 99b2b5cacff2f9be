"""Time, injected: everything that asks for it takes a `Clock`, so that tests set it."""

import time
from typing import Protocol


class Clock(Protocol):
    """Milliseconds since 1970 for people, and seconds that never run backwards for waiting."""

    def now_ms(self) -> int: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()
