"""Coming back after a long time: exact where it can be, `reset` where it is too much, `resync` for another history."""

import asyncio
import itertools
import shutil

from tests.client.validation import Checks
from tests.client.wire import RUNGS, encode
from tests.flows.conftest import make_people
from tests.flows.crowd import Crowd, Person, flow, gathered, require_same_log
from tests.flows.raw import RawSocket, framed
from tests.serving import Server

TOO_MANY = 5_100  # the server replays 5,000 missed events of a channel
IN_FLIGHT = 500


def say_many(server: Server, person: Person, channel_id: str, count: int) -> None:
    """So many messages by one socket, hundreds in flight; returns when all are acknowledged."""
    numbers = itertools.count(1)
    with RawSocket(server.port, person.headers) as raw:
        raw.hello()
        answered = said = 0
        while answered < count:
            while said < count and said - answered < IN_FLIGHT:
                said = next(numbers)
                frame = {"type": "send", "id": said, "channel_id": channel_id, "text": f"missed {said}"}
                raw.write(
                    framed(encode({**frame, "client_message_id": f"018f3e5a-0000-7000-8000-{said:012d}"}))
                )
            raw.hear("ok")
            answered += 1


@flow
async def test_a_channel_with_too_much_missed_is_reset_and_all_others_are_exact(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    people = hundred[:3]
    async with gathered(served.base_url, people, documents) as crowd:
        away = [crowd.device(people[1], rung) for rung in RUNGS]
        there = crowd.device(people[0], "websocket")
        await crowd.start()
        loud, quiet = await crowd.group("loud", people), await crowd.group("quiet", people)
        there.send(quiet, "before")
        await crowd.settled()
        await crowd.caught_up(quiet)
        for device in away:
            await device.give_up()
        there.send(quiet, "while away")
        await there.settled()
        await asyncio.to_thread(say_many, served, people[2], loud, TOO_MANY)
        left = await crowd.group("left while away", people[::2])
        for device in away:
            await device.start()
            await device.until(lambda one: one.connections == 2, 30)
        there.send(loud, "afterwards")
        await crowd.settled()
        logs = {name: await crowd.caught_up(name) for name in (loud, quiet)}
        for device in away:
            assert (device.resets, device.resyncs, device.gaps) == (1, 0, 0)
            assert left not in device.here()
            assert device.texts(quiet) == ["before", "while away"]
            assert device.texts(loud) == ["afterwards"]
            require_same_log(device, quiet, logs[quiet])
            require_same_log(device, loud, logs[loud])
        require_same_log(there, loud, logs[loud])


@flow
async def test_another_history_is_a_resync_that_keeps_what_was_not_sent(own_server: Server) -> None:
    people = await asyncio.to_thread(make_people, own_server, 2)
    async with gathered(own_server.base_url, people, None) as crowd:
        await crowd.server.learn()
        for rung in RUNGS:
            crowd.device(people[0], rung)
        await crowd.start()
        lost = await crowd.group("lost")
        crowd.devices[0].send(lost, "gone with the old history")
        await crowd.settled()
        await crowd.caught_up(lost)
        own_server.kill9()
        shutil.rmtree(own_server.folder / "data" / "store")
        for device in crowd.devices:
            device.send(lost, "said to nobody")
        await asyncio.to_thread(own_server.start)
        for device in crowd.devices:
            await device.until(lambda one: one.resyncs == 1, 30)
            assert device.here() == []
            assert device.screen(lost) == []
            await device.until(lambda one: one.outbox.failed, 30)
            assert [item.failed for item in device.outbox.failed.values()] == ["not_found"]
        await require_new_beginning(crowd)


async def require_new_beginning(crowd: Crowd) -> None:
    """After the resync everything goes on as ever."""
    channel_id = await crowd.group("found")
    for device in crowd.devices:
        device.send(channel_id, "hello again")
    await crowd.settled()
    log = await crowd.caught_up(channel_id)
    for device in crowd.devices:
        require_same_log(device, channel_id, log)
        assert device.resyncs == 1
