"""What is no message: somebody writes, has read, asks again. Each at an even pace, with its listeners there."""

import asyncio
import time
from collections.abc import Callable

from bench.workloads.caller import Caller
from bench.workloads.day_links import Frame, Socket
from bench.workloads.plan import Channel, Resident, Town
from bench.workloads.served import Served
from bench.workloads.usage import Used

PACE = 100  # a second
WARM = 20  # times before it counts
IDLE_SECONDS = 2.0
Say = Callable[[Socket, Channel], None]


def typing_and_reading(served: Served, town: Town, pairs: int) -> dict[str, float]:
    """Microseconds of Maru's CPU for each, among people of direct channels."""
    return asyncio.run(_measured(served, town, pairs))


async def _measured(served: Served, town: Town, pairs: int) -> dict[str, float]:
    people = town.people[: 2 * pairs]
    sockets = [await _open(served, person, town.cursor) for person in people]
    seats = [(socket, town.channels[place // 2]) for place, socket in enumerate(sockets)]
    idle = await _cpu_a_second(served, seats, _nothing)
    costs = {name: (await _cpu_a_second(served, seats, say) - idle) / PACE for name, say in ACTIONS.items()}
    for socket in sockets:
        socket.close()
    return {name: 1e6 * cost for name, cost in costs.items()}


async def _open(served: Served, person: Resident, cursor: str) -> Socket:
    return await Socket.open(served.port, person.token, cursor, True, _hear, _ended)


async def _cpu_a_second(served: Served, seats: list[tuple[Socket, Channel]], say: Say) -> float:
    """Everybody in turn, once."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    with Used(served.pids) as used:
        for place, (socket, channel) in enumerate(seats):
            await asyncio.sleep(max(began + place / PACE - loop.time(), 0))
            say(socket, channel)
        await asyncio.sleep(0.2)
    return used.cpu["maru"] / (len(seats) / PACE)


def _type(socket: Socket, channel: Channel) -> None:
    socket.say(type="typing", channel_id=channel.channel_id)


def _read(socket: Socket, channel: Channel) -> None:
    """Up to the first event, which is how the channel came to be: nobody has read it yet."""
    socket.say(type="read", channel_id=channel.channel_id, seq=1)


def _nothing(socket: Socket, channel: Channel) -> None:
    """What the others do meanwhile."""


ACTIONS: dict[str, Say] = {"typing": _type, "read": _read}


def asking(served: Served, town: Town, count: int) -> dict[str, float]:
    """Microseconds of CPU for a poll that finds nothing, and for a channel that is opened: messages and presence."""
    channel = town.channels[-1]
    at = f"/api/v1/channels/{channel.channel_id}"
    with Caller(served.port, town.people[0].token) as caller:
        return {
            "poll": _each(served, caller, [f"/api/v1/sync?cursor={town.cursor}"], count),
            "open": _each(served, caller, [f"{at}/messages?limit=50", f"{at}/presence"], count),
        }


def _each(served: Served, caller: Caller, paths: list[str], count: int) -> float:
    """Less what the server does in such a time anyway."""
    for path in paths * WARM:
        caller.get(path)
    with Used(served.pids) as idle:
        time.sleep(IDLE_SECONDS)
    with Used(served.pids) as used:
        for _ in range(count):
            for path in paths:
                caller.get(path)
    anyway = used.seconds * idle.cpu["maru"] / idle.seconds
    return 1e6 * (used.cpu["maru"] - anyway) / count


def _hear(frame: Frame) -> None:
    """Nothing is made of it here."""


def _ended() -> None:
    raise ConnectionError("a connection was lost")
