"""`kill -9` in mid-load, again and again: nothing acknowledged is missing, nothing is double, there is one order."""

import asyncio
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.client.device import Device
from tests.client.storage import FileStorage
from tests.flows.conftest import make_people
from tests.flows.crowd import Crowd, flow, gathered, require_same_log, texts
from tests.serving import Server

PEOPLE = 16
MESSAGES_EACH = 60
KILLS = 4
CRASHES = 12


@pytest.mark.timeout(300)
@flow
async def test_a_server_killed_in_mid_load_again_and_again_loses_and_doubles_nothing(
    own_server: Server, tmp_path: Path
) -> None:
    people = await asyncio.to_thread(make_people, own_server, PEOPLE)
    chance = random.Random(9)
    async with gathered(own_server.base_url, people, None) as crowd:
        await crowd.server.learn()
        for number, device in enumerate(crowd.devices_on()):
            if number % 2:
                crowd.devices.remove(device)
                storage = FileStorage(tmp_path / f"device-{number}.db")
                crowd.device(people[number], device.ladder.rung, storage=storage)
        await crowd.start()
        channel_id = await crowd.group("storm")
        speaking = [asyncio.create_task(speak(device, channel_id, chance)) for device in crowd.devices]
        crashing = asyncio.create_task(crash_devices(crowd.devices, chance))
        for _ in range(KILLS):
            await until_said(crowd, channel_id, chance.randint(40, 150))
            own_server.kill9()
            await asyncio.to_thread(own_server.start)
        await asyncio.gather(crashing, *speaking)
        await crowd.settled()
        await require_everything_once(crowd, channel_id)
        assert all(device.resyncs == device.resets == 0 for device in crowd.devices)
        assert sum(len(device.outbox.failed) for device in crowd.devices) == 0
    require_no_traceback(own_server)


async def speak(device: Device, channel_id: str, chance: random.Random) -> None:
    """Say numbered messages, a few at a time."""
    for number in range(MESSAGES_EACH):
        device.send(channel_id, f"{device.user_id} {number}")
        if chance.random() < 0.5:
            await device.until(lambda one: len(one.outbox) < 4, 120)


async def crash_devices(devices: Iterable[Device], chance: random.Random) -> None:
    """Clients lose their memory too, in between."""
    for _ in range(CRASHES):
        device = chance.choice(list(devices))
        await device.until(lambda one: one.connections, 60)
        await device.crash()
        await asyncio.sleep(0.2)


async def until_said(crowd: Crowd, channel_id: str, count: int) -> None:
    """Wait until so many more messages went through, as the first device sees it, or all are said."""
    device = crowd.devices[0]
    enough = min(device.last(channel_id) + count, PEOPLE * MESSAGES_EACH)
    await device.until(lambda one: one.last(channel_id) >= enough, 120)


async def require_everything_once(crowd: Crowd, channel_id: str) -> None:
    """Every message is there once, each person's in the order in which they said them, the same on all devices."""
    log = await crowd.caught_up(channel_id)
    for device in crowd.devices:
        own = [text for text in texts(log) if text.startswith(device.user_id)]
        assert own == [f"{device.user_id} {number}" for number in range(MESSAGES_EACH)]
        require_same_log(device, channel_id, log)
    assert len(texts(log)) == len(crowd.devices) * MESSAGES_EACH


def require_no_traceback(server: Server) -> None:
    assert "Traceback" not in server.log, server.log[server.log.index("Traceback") - 500 :][:4000]
