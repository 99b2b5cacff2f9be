"""A reader that stops reading is closed as slow, within bounds of memory, and resumes complete; others don't notice."""

import asyncio
import time

from tests.client.device import Device
from tests.client.wire import Event
from tests.flows.conftest import make_people
from tests.flows.crowd import Crowd, Person, figure, flow, gathered, require_same_log
from tests.flows.memory import resident_bytes
from tests.flows.raw import RawSocket
from tests.serving import Server

STALLED = 10
TEXT = "느" * 4000  # 12 KB on the wire
FOR_SOCKETS = 200  # messages, 2.4 MB: more than the server and a small socket keep for a reader that stops
FOR_DEVICE = 600  # the kernel keeps up to 6 MB for a socket with usual settings
BYTES_EACH = 1 << 20  # the server may hold so much for each reader that stopped
OTHERS_WAIT_SECONDS = 1.5  # on a busy machine; unblocked it is milliseconds


@flow
async def test_readers_that_stop_are_closed_as_slow_and_others_do_not_notice(own_server: Server) -> None:
    people = await asyncio.to_thread(make_people, own_server, 4)
    speaker, listener, sleeper, _ = people
    async with gathered(own_server.base_url, people, None) as crowd:
        await crowd.server.learn()
        waits: list[float] = []
        talking = crowd.device(speaker, "websocket")
        crowd.device(listener, "websocket", witness=lambda event: note_wait(waits, event))
        stalling = crowd.device(sleeper, "websocket")
        await crowd.start()
        channel_id = await crowd.group("flood")
        sockets = [open_and_stop_reading(own_server, sleeper) for _ in range(STALLED)]
        before = resident_bytes(own_server.pid)
        async with stalling.not_taking():
            held = await flood(talking, channel_id, own_server, FOR_SOCKETS)
            for socket in sockets:
                with socket:
                    assert await asyncio.to_thread(socket.hear_close) == 4008
            held = max(held, await flood(talking, channel_id, own_server, FOR_DEVICE))
        assert held - before < (STALLED + 1) * BYTES_EACH
        assert max(waits) < OTHERS_WAIT_SECONDS
        figure(
            f"{(held - before) / STALLED / 1024:.0f} KiB a stalled reader, others waited {max(waits):.3f} s at most"
        )
        await require_resumed(crowd, stalling, channel_id)


def note_wait(waits: list[float], event: Event) -> None:
    """How long a message was on its way, from its author's clock to here (one machine, one clock)."""
    if event["kind"] == "message":
        said_at = float(event["text"].partition(" ")[0])
        waits.append(time.time() - said_at)


def open_and_stop_reading(server: Server, person: Person) -> RawSocket:
    """A connection that is welcomed, and then left alone."""
    socket = RawSocket(server.port, person.headers, receive_bytes=16 * 1024)
    socket.hello()
    return socket


async def flood(device: Device, channel_id: str, server: Server, messages: int) -> int:
    """Say so much, one after the other; returns the most memory seen meanwhile, in bytes."""
    most = 0
    for number in range(messages):
        device.send(channel_id, f"{time.time()} {number} {TEXT}")
        await device.settled()
        most = max(most, resident_bytes(server.pid))
    return most


async def require_resumed(crowd: Crowd, stalling: Device, channel_id: str) -> None:
    """The device that stalled was closed as slow, came back by itself, and has everything once."""
    log = await crowd.caught_up(channel_id)
    assert len(stalling.closes) == 1
    assert stalling.closes[0].code in (4008, 1006)  # reset, if it did not read the close frame within seconds
    assert stalling.connections == 2
    for device in crowd.devices:
        require_same_log(device, channel_id, log)
