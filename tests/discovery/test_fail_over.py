"""People go where discovery sends them, and on when their server drains or dies; nothing is lost on the way."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client.device import Device
from tests.client.rest import Rest
from tests.client.wire import RUNGS, Rung
from tests.discovery.town import House
from tests.flows.conftest import make_people
from tests.flows.crowd import PASSWORD, Crowd, flow, gathered, require_same_log
from tests.people import Person, wait_until

PEOPLE = 8
WITH_A_COOKIE = 3  # the others have a token; to a server on another host these come by ticket


def on_sockets_at(crowd: Crowd, url: str) -> bool:
    """Whether everybody who may be live is so at that address, or a path of it."""
    return all(
        device.transport is not None and device.where.url.startswith(url)
        for device in crowd.devices
        if device.ladder.rung == "websocket"
    )


@pytest.mark.timeout(180)
@flow
async def test_who_is_sent_away_or_loses_a_server_goes_on_at_the_other_and_misses_nothing(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    with house.a, house.b:
        people = await asyncio.to_thread(make_people, house.a, PEOPLE)
        async with gathered(house.a.base_url, people, None) as crowd:
            await crowd.server.learn()
            await asyncio.to_thread(wait_for_both, house)
            rungs: list[Rung | None] = [None, None, None, *RUNGS, "websocket", "websocket"]
            await sign_in(crowd, rungs)
            await crowd.start()
            channel_id = await crowd.group("나루")
            chance = random.Random(7)
            speaking = [asyncio.create_task(speak(device, channel_id, chance)) for device in crowd.devices]
            await leave_a_for_b(house, crowd)
            await leave_b_for_a(house, crowd)
            for task in speaking:
                task.cancel()
            await asyncio.gather(*speaking, return_exceptions=True)
            await crowd.settled()
            log = await crowd.caught_up(channel_id)
            for device in crowd.devices:
                require_same_log(device, channel_id, log)
                assert device.resyncs == device.resets == 0
                assert not device.outbox.failed
    for server in (house.a, house.b):
        assert "Traceback" not in server.log


def wait_for_both(house: House) -> None:
    looking = Person(house.a, "looking")
    wait_until(lambda: house.names(looking, house.a) == {"a", "b"})


async def sign_in(crowd: Crowd, rungs: list[Rung | None]) -> None:
    """A device each: some with the cookie of signing up, the others with a token."""
    for number, (person, rung) in enumerate(zip(crowd.people, rungs, strict=True)):
        session = crowd.rest(person)
        if number >= WITH_A_COOKIE:
            session, _ = await Rest(crowd.server).sign_in(person.username, PASSWORD)
        crowd.device(person, rung, session=session, discovers=True)


async def speak(device: Device, channel_id: str, chance: random.Random) -> None:
    number = 0
    while True:
        device.send(channel_id, f"{device.user_id} {number}")
        number += 1
        await asyncio.sleep(chance.uniform(0.05, 0.15))


async def leave_a_for_b(house: House, crowd: Crowd) -> None:
    """An operator drains a: everybody is at b, and nobody was let go without being told."""
    result = await asyncio.to_thread(house.operate, "drain", "a")
    assert result.returncode == 0
    await until(lambda: on_sockets_at(crowd, house.b.base_url))
    assert {closed.code for device in crowd.devices for closed in device.closes} <= {1001}
    result = await asyncio.to_thread(house.operate, "undrain", "a")
    assert result.returncode == 0


async def leave_b_for_a(house: House, crowd: Crowd) -> None:
    """The machine of b is gone, without a word."""
    house.b.kill9()
    await until(lambda: on_sockets_at(crowd, house.public))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.02)
