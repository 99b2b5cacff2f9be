"""Forced by the network, never by a flag: WebSocket, long poll, poll, and back; and what ends a session for good."""

import asyncio

from tests.client.device import Device
from tests.client.validation import Checks
from tests.flows.crowd import PASSWORD, Crowd, Person, flow, gathered, require_same_log, texts
from tests.proxy import Proxy
from tests.serving import Server


async def talk(crowd: Crowd, one: Device, other: Device, channel_id: str, words: str) -> None:
    """Both say something; both hear both, once and in order."""
    before = len(texts(await one.rest.log(channel_id)))
    one.send(channel_id, f"{words}, said by one")
    await one.settled()
    other.send(channel_id, f"{words}, said by the other")
    await other.settled()
    log = await crowd.caught_up(channel_id)
    assert texts(log)[before:] == [f"{words}, said by one", f"{words}, said by the other"]
    for device in crowd.devices:
        require_same_log(device, channel_id, log)


@flow
async def test_behind_a_proxy_that_refuses_upgrades_and_cuts_held_requests_one_climbs_down_and_up_again(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    with Proxy(served.port) as proxy:
        async with gathered(served.base_url, hundred[:2], documents) as crowd:
            near = crowd.device(hundred[0], None)
            far = crowd.device(hundred[1], None, server=crowd.address(proxy.url))
            await crowd.start()
            channel_id = await crowd.group("ladder", hundred[:2])
            assert far.ladder.rung == "websocket"
            await talk(crowd, near, far, channel_id, "by WebSocket")

            proxy.behaviour.upgrades = "refuse"
            proxy.cut()
            await far.until(lambda one: one.ladder.rung == "longpoll" and one.transport, 30)
            await talk(crowd, near, far, channel_id, "by long poll")

            proxy.behaviour.hold_seconds = 0.5
            proxy.cut()
            await far.until(lambda one: one.ladder.rung == "poll" and one.transport, 30)
            await talk(crowd, near, far, channel_id, "by poll")
            assert proxy.counts.cut >= 2

            proxy.behaviour.upgrades = "pass"
            await far.until(lambda one: one.ladder.rung == "websocket" and one.transport, 30)
            await talk(crowd, near, far, channel_id, "by WebSocket again")
            assert near.ladder.rung == "websocket"
            assert far.gaps == far.resyncs == 0


@flow
async def test_a_proxy_that_strips_the_upgrade_leads_to_long_poll_too(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    with Proxy(served.port) as proxy:
        proxy.behaviour.upgrades = "strip"
        proxy.behaviour.cut_with = "504"
        async with gathered(served.base_url, hundred[:2], documents) as crowd:
            near = crowd.device(hundred[0], None)
            far = crowd.device(hundred[1], None, server=crowd.address(proxy.url))
            await crowd.start()
            channel_id = await crowd.group("stripped", hundred[:2])
            assert far.ladder.rung == "longpoll"
            await talk(crowd, near, far, channel_id, "by long poll")
            proxy.behaviour.hold_seconds = 0.5
            proxy.cut()
            await far.until(lambda one: one.ladder.rung == "poll" and one.transport, 30)
            await talk(crowd, near, far, channel_id, "by poll")


@flow
async def test_a_network_that_swallows_what_is_said_and_then_breaks_loses_nothing(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    with Proxy(served.port) as proxy:
        async with gathered(served.base_url, hundred[:2], documents) as crowd:
            near = crowd.device(hundred[0], None)
            far = crowd.device(hundred[1], "websocket", server=crowd.address(proxy.url))
            await crowd.start()
            channel_id = await crowd.group("swallowed", hundred[:2])
            for deaf in ("server", "client"):
                proxy.behaviour.deaf = deaf
                far.send(channel_id, f"while the {deaf} is deaf")
                near.send(channel_id, f"the other way, while the {deaf} is deaf")
                await near.settled()
                proxy.behaviour.deaf = None
                proxy.cut()
                await far.settled()
            log = await crowd.caught_up(channel_id)
            assert len(texts(log)) == 4
            for device in crowd.devices:
                require_same_log(device, channel_id, log)


@flow
async def test_signing_out_ends_the_connection_for_good_and_the_outbox_waits_for_the_next_sign_in(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    async with gathered(served.base_url, hundred[:2], documents) as crowd:
        here = crowd.device(hundred[0], "websocket")
        await crowd.start()
        channel_id = await crowd.group("sessions", hundred[:2])
        session, _ = await here.rest.sign_in(hundred[0].username, PASSWORD)
        signed_in = crowd.device(hundred[0], "websocket", session=session)
        await signed_in.start()
        await signed_in.until(lambda one: one.connections)
        await session.sign_out()
        await signed_in.until(lambda one: one.paused == "sign_in")
        assert [close.code for close in signed_in.closes] == [4003]
        signed_in.send(channel_id, "said while signed out")
        await signed_in.until(lambda one: one.paused == "sign_in")
        signed_in.rest, _ = await here.rest.sign_in(hundred[0].username, PASSWORD)
        await signed_in.wake()
        await signed_in.settled()
        await here.until(lambda one: one.texts(channel_id) == ["said while signed out"])


@flow
async def test_a_second_connection_of_the_same_device_ends_the_first_and_both_miss_nothing(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    async with gathered(served.base_url, hundred[:2], documents) as crowd:
        first = crowd.device(hundred[0], "websocket")
        await crowd.start()
        channel_id = await crowd.group("tabs", hundred[:2])
        second = crowd.device(hundred[0], "websocket")
        second.id = first.id
        await second.start()
        await first.until(lambda one: one.paused == "rest")
        assert [close.code for close in first.closes] == [4009]
        second.send(channel_id, "from the second tab")
        await second.settled()
        await first.switch("longpoll")
        await second.until(lambda one: one.paused == "rest")
        log = await crowd.caught_up(channel_id)
        require_same_log(first, channel_id, log)
        await asyncio.gather(first.stop(), second.stop())
