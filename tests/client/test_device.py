"""The duties of a device that a well-behaved server never calls upon."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import pytest

from tests.client.events import CHANNEL, event, leave
from tests.client.scripted import Script, following, own_message
from tests.client.wire import Json, Violation
from tests.flows.crowd import flow

AWAY: list[tuple[int, str, float | None]] = [(503, "unavailable", None)] * 1000


@pytest.fixture
def script() -> Script:
    return Script()


@flow
async def test_a_gap_is_filled_from_the_log_before_the_event_beyond_it(script: Script) -> None:
    async with following(script) as device:
        script.log = [event(seq) for seq in range(1, 10)]
        await script.say(type="events", events=[event(9)], cursor="c9")
        await device.until(lambda one: one.last(CHANNEL) == 9)
        assert [row["seq"] for row in device.raw_log(CHANNEL)] == [4, 5, 6, 7, 8, 9]
        assert (device.gaps, device.cursor) == (1, "c9")


@flow
async def test_a_gap_that_the_log_does_not_fill_is_a_violation_and_nothing_is_stored(script: Script) -> None:
    async with following(script) as device:
        script.log = [event(4)]
        await script.say(type="events", events=[event(9)], cursor="c9")
        with pytest.raises(Violation, match="gap"):
            await device.until(lambda one: one.last(CHANNEL) == 9)
        assert (device.last(CHANNEL), device.cursor) == (3, "c0")


@flow
async def test_what_a_broken_server_says_twice_is_found_out(script: Script) -> None:
    async with following(script) as device:
        await script.say(type="events", events=[event(4, client_message_id="m")])
        await script.say(type="events", events=[event(5, client_message_id="m")])
        with pytest.raises(Violation, match="twice"):
            await device.until(lambda one: one.last(CHANNEL) == 5)


@flow
async def test_events_after_the_own_leave_are_found_out(script: Script) -> None:
    async with following(script) as device:
        await script.say(type="events", events=[leave(4), event(5)])
        with pytest.raises(Violation, match="outside membership"):
            await device.until(lambda one: one.last(CHANNEL) == 5)


@flow
async def test_a_cursor_comes_with_its_events_or_by_a_heartbeat(script: Script) -> None:
    async with following(script) as device:
        await script.say(type="events", events=[event(4)])
        await device.until(lambda one: one.last(CHANNEL) == 4)
        assert device.cursor == "c0"
        await script.say(type="heartbeat", cursor="c4")
        await device.until(lambda one: one.cursor == "c4")
        await device.crash()
        await device.until(lambda one: one.connections == 2)
        assert [frame["cursor"] for frame in script.said if frame["type"] == "hello"] == [None, "c4"]


@flow
async def test_every_fifty_events_and_every_second_the_stored_cursor_is_acknowledged(script: Script) -> None:
    async with following(script) as device:
        for seq in range(4, 60):
            await script.say(type="events", events=[event(seq)], cursor=f"c{seq}")
        await device.until(lambda one: one.last(CHANNEL) == 59)
        await until(lambda: {"type": "ack", "cursor": "c53"} in script.said)
        await until(lambda: {"type": "ack", "cursor": "c59"} in script.said)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)


def answering(*answers: Json | None) -> Callable[[Json], Awaitable[Json | None]]:
    """Answers to sends, one after the other; afterwards always ok."""
    waiting, seqs = list(answers), itertools.count(4)

    async def answer(frame: Json) -> Json | None:
        return waiting.pop(0) if waiting else {"type": "ok", "event": own_message(next(seqs), frame)}

    return answer


@flow
async def test_what_may_work_later_is_said_again_with_the_same_id(script: Script) -> None:
    again = [
        {"type": "error", "code": code, "detail": "d"} for code in ("rate_limited", "unavailable", "draining")
    ]
    script.answer_send = answering(*again)
    async with following(script) as device:
        device.send(CHANNEL, "hello")
        await device.settled()
        sends = [frame for frame in script.said if frame["type"] == "send"]
        assert len(sends) == 4
        assert len({frame["client_message_id"] for frame in sends}) == 1
        assert len({frame["id"] for frame in sends}) == 4


@flow
async def test_a_refusal_that_names_a_reason_ends_it_visibly_and_the_next_goes_on(script: Script) -> None:
    script.answer_send = answering({"type": "error", "code": "forbidden", "detail": "d"})
    async with following(script) as device:
        first = device.send(CHANNEL, "refused")
        device.send(CHANNEL, "fine")
        await device.settled()
        assert [(item.text, item.failed) for item in device.outbox.failed.values()] == [
            ("refused", "forbidden")
        ]
        device.retry(first)
        await device.settled()
        assert device.outbox.failed == {}


@flow
async def test_an_answer_stores_the_row_and_moves_no_position(script: Script) -> None:
    script.answer_send = answering()
    async with following(script) as device:
        device.send(CHANNEL, "hello")
        await device.settled()
        assert device.texts(CHANNEL) == ["hello"]
        assert device.last(CHANNEL) == 3


@flow
async def test_an_answer_to_something_else_is_found_out(script: Script) -> None:
    script.answer_send = answering({"type": "ok", "event": dict(event(4))})
    async with following(script) as device:
        device.send(CHANNEL, "hello")
        with pytest.raises(Violation, match="something else"):
            await device.settled()


@flow
async def test_an_item_that_closes_the_socket_twice_goes_by_rest(script: Script) -> None:
    sends: list[Json] = []

    async def close(frame: Json) -> None:
        sends.append(frame)
        if len(sends) == 2:
            script.refusals.clear()
        await script.close(1009)

    script.answer_send = close
    script.refusals = AWAY.copy()
    async with following(script) as device:
        said = device.send(CHANNEL, "too heavy for a socket")
        await device.settled()
        assert {body["client_message_id"] for body in script.posted} == {said}
        assert len(sends) == 2


@flow
async def test_only_one_send_of_a_channel_is_in_flight(script: Script) -> None:
    flying = most = 0

    async def slowly(frame: Json) -> Json:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.01)
        flying -= 1
        return {"type": "ok", "event": own_message(int(frame["text"]), frame)}

    script.answer_send = slowly
    async with following(script) as device:
        for seq in range(4, 9):
            device.send(CHANNEL, str(seq))
        await device.settled()
        assert most == 1
        assert device.texts(CHANNEL) == ["4", "5", "6", "7", "8"]


@flow
async def test_rest_is_asked_again_after_503_and_as_late_as_it_asks_to(script: Script) -> None:
    script.refusals = [(503, "unavailable", None), (429, "rate_limited", 0.1)]
    async with following(script) as device:
        await device.switch("poll")
        await device.until(lambda one: one.connections == 2)
        script.refusals += [(503, "unavailable", None), (429, "rate_limited", 0.1)]
        device.send(CHANNEL, "patience")
        await device.settled()
        assert len({body["client_message_id"] for body in script.posted}) == 1


@flow
async def test_a_read_marker_is_repeated_at_every_connection_until_its_event_comes(script: Script) -> None:
    async with following(script) as device:
        for connection in (1, 2):
            device.mark_read(CHANNEL, 3)
            await until(lambda: reads(script) >= connection)  # noqa: B023
            await device.switch("websocket")
            await device.until(lambda one: one.connections == connection + 1)  # noqa: B023
        await until(lambda: reads(script) >= 3)
        marker = event(1, "read", channel_id=device.user_id, target_channel_id=CHANNEL, read_seq=3)
        await script.say(type="events", events=[marker])
        await device.until(lambda one: one.user_id in one.places)
        before = reads(script)
        await device.switch("websocket")
        await device.until(lambda one: one.connections == 4)
        assert reads(script) == before


def reads(script: Script) -> int:
    return len([frame for frame in script.said if frame["type"] == "read"])


@flow
async def test_a_resync_drops_rows_and_keeps_the_outbox(script: Script) -> None:
    async with following(script) as device:
        await script.say(type="events", events=[event(4)], cursor="c4")
        await device.until(lambda one: one.last(CHANNEL) == 4)
        script.refusals = AWAY.copy()
        device.send(CHANNEL, "still to be said")
        script.welcome = {"resync": True, "heads": [], "cursor": "d0"}
        await script.close(1001)
        await device.until(lambda one: one.resyncs == 1)
        assert (device.here(), device.cursor, len(device.outbox)) == ([], "d0", 1)


@flow
async def test_without_websockets_it_polls_long_and_comes_back_when_they_open(script: Script) -> None:
    script.opens = False
    async with following(script, rung=None) as device:
        assert device.ladder.rung == "longpoll"
        script.opens = True
        await device.until(lambda one: one.ladder.rung == "websocket" and one.transport)


@flow
async def test_401_pauses_until_it_is_woken(script: Script) -> None:
    async with following(script, rung="poll") as device:
        script.refusals = [(401, "unauthenticated", None)]
        await device.until(lambda one: one.paused == "sign_in")
        await device.wake()
        await device.until(lambda one: one.connections == 2 and one.paused is None)


@flow
async def test_a_socket_silent_for_more_than_two_heartbeats_is_given_up(script: Script) -> None:
    script.welcome = {"heartbeat_seconds": 0.2}
    async with following(script) as device:
        await device.until(lambda one: one.connections == 2)
        assert device.closes[0].code == 1006
