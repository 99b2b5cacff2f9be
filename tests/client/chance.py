"""Time and randomness as the client takes them: handed in, so that a test can hold them."""

import asyncio
import random
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds for durations, milliseconds since 1970 for ids, and waiting."""

    def now(self) -> float: ...

    def wall_ms(self) -> int: ...

    async def sleep(self, seconds: float) -> None: ...


class RealClock:
    """The machine's own."""

    def now(self) -> float:
        return time.monotonic()

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def uuid7(clock: Clock, chance: random.Random) -> str:
    """A version 7 UUID (RFC 9562 5.7): 48 bits of milliseconds, 74 of chance."""
    number = clock.wall_ms() << 80 | chance.getrandbits(80)
    number = number & ~(0xF << 76) | 7 << 76
    number = number & ~(0x3 << 62) | 2 << 62
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
