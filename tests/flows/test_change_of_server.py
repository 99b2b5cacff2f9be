"""Two servers of one store: people move between them in mid-load, and each is killed in turn. Nothing shows of it."""

import asyncio
import random

import pytest

from tests.client.device import Device
from tests.client.rest import Rest
from tests.client.rest import Server as Address
from tests.client.wire import RUNGS
from tests.flows.conftest import Pair, make_people
from tests.flows.crowd import Crowd, flow, gathered
from tests.flows.test_killed_server import (
    PEOPLE,
    require_everything_once,
    require_no_traceback,
    speak,
    until_said,
)

MOVES = 60


@pytest.mark.timeout(300)
@flow
async def test_people_who_move_between_two_servers_that_are_killed_in_turn_miss_and_double_nothing(
    pair: Pair,
) -> None:
    people = await asyncio.to_thread(make_people, pair.servers[0], PEOPLE)
    chance = random.Random(2)
    async with gathered(pair.servers[0].base_url, people, None) as crowd:
        await crowd.server.learn()
        addresses = [crowd.server, crowd.address(pair.servers[1].base_url)]
        crowd.devices_on()
        await crowd.start()
        channel_id = await crowd.group("moving")
        speaking = [asyncio.create_task(speak(device, channel_id, chance)) for device in crowd.devices]
        moving = asyncio.create_task(keep_moving(crowd, addresses, chance))
        for server in pair.servers * 2:
            await until_said(crowd, channel_id, 100)
            server.kill9()
            await asyncio.to_thread(server.start)
        await asyncio.gather(moving, *speaking)
        await crowd.settled()
        await require_everything_once(crowd, channel_id)
        assert all(device.resyncs == device.resets == 0 for device in crowd.devices)
    for server in pair.servers:
        require_no_traceback(server)


async def keep_moving(crowd: Crowd, addresses: list[Address], chance: random.Random) -> None:
    """One after the other goes to the other server, by whatever transport."""
    for _ in range(MOVES):
        device = chance.choice(crowd.devices)
        await move(device, addresses[device.rest.server is addresses[0]], chance)
        await asyncio.sleep(0.05)


async def move(device: Device, address: Address, chance: random.Random) -> None:
    device.rest = Rest(address, device.rest.headers)
    await device.switch(chance.choice(RUNGS))
