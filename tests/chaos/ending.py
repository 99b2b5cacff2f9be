"""How a run ends: everything is healed, everybody catches up, and what all of them see is put on record."""

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Any

from tests.chaos import history as told
from tests.chaos.stage import Stage
from tests.chaos.watched import Watched
from tests.client.wire import Event, Problem, Unreachable
from tests.flows.crowd import Person

PAUSE_SECONDS = 0.1
REPLAYS = 120  # stored cursors to catch up from once more
MARKS_SECONDS = 60.0  # read markers are written at most every two seconds; a busy machine takes longer


async def settle(stage: Stage, seconds: float) -> None:
    """Wait until every device has sent and learned everything, for so long at most."""
    deadline = time.monotonic() + seconds
    stage.recorder.note(told.Quiet)
    for device in stage.devices:
        await device.come_back()
    while (behind := await _behind(stage)) and time.monotonic() < deadline:
        for device in behind:
            if device.paused == "rest":  # until its person looks at it
                await device.wake()
        await asyncio.sleep(PAUSE_SECONDS)
    for device in behind:
        waiting = [item.client_message_id for item in device.storage.outbox() if item.failed is None]
        stage.recorder.note(told.Unsettled, device=device.name, waiting=waiting, state=repr(device))


async def _behind(stage: Stage) -> list[Watched]:
    """Devices that are not done. A device that failed will never be; it is on record already."""
    well = [device for device in stage.devices if device.failure is None]
    busy = [device for device in well if device.outbox or device.transport is None]
    if busy:
        return busy
    return [device for device in well if not await _has_all(stage, device)]


async def _has_all(stage: Stage, device: Watched) -> bool:
    """Whether it is in the person's channels, at the head of each."""
    try:
        heads = await stage.rest(stage.person(device.user_id)).channels()
    except (Problem, Unreachable):
        return False
    known = {channel: device.last(channel) for channel in device.here()}
    return known == {channel["id"]: channel["head"]["seq"] for channel in heads}


async def put_on_record(stage: Stage, *, last_restart: bool) -> None:
    """Logs, screens, lists and replays; and the logs once more after a last restart."""
    await _settle_marks(stage)
    await _record_logs(stage, "end")
    for device in stage.devices:
        _record_screens(stage, device)
    for person in stage.people:
        await _record_list(stage, person)
    await _replay(stage)
    if last_restart:
        await stage.cluster.kill_all()
        await stage.cluster.start_all()
        await _record_logs(stage, "restarted")
    for server, log in stage.cluster.logs().items():
        for said, error in tracebacks(log):
            stage.recorder.note(told.Grumbled, server=server, said=said, error=error)


def tracebacks(log: str) -> Iterator[tuple[str, str]]:
    """The line before each traceback, and its last one."""
    lines = log.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("Traceback"):
            ends = (one for one in lines[number + 1 :] if one and not one.startswith(" "))
            yield lines[number - 1] if number else "", next(ends, "")


async def _settle_marks(stage: Stage) -> None:
    """Repeat all read markers, and wait until they are where they should be, or for long enough."""
    await asyncio.gather(*(device.repeat_reads() for device in stage.devices if device.failure is None))
    deadline = time.monotonic() + MARKS_SECONDS
    while time.monotonic() < deadline:
        if all([await _marks_hold(stage, device) for device in stage.devices]):
            return
        await asyncio.sleep(PAUSE_SECONDS * 3)


async def _marks_hold(stage: Stage, device: Watched) -> bool:
    marks = device.storage.reads()
    channels = await again(lambda: stage.rest(stage.person(device.user_id)).channels())
    return all(
        channel["read_seq"] >= min(marks.get(channel["id"], 0), channel["head"]["seq"])
        for channel in channels
    )


async def _record_logs(stage: Stage, stage_name: str) -> None:
    for channel, reader in (await _readers(stage)).items():
        events = await again(lambda: stage.rest(reader).log(channel))  # noqa: B023
        if events is not None:
            stage.recorder.note(
                told.Log, stage=stage_name, channel=channel, reader=reader.user_id, events=events
            )


async def _readers(stage: Stage) -> dict[str, Person]:
    """All channels there are, with one who is in it. (Who made a group may never have been told so.)"""
    readers = {**stage.directs, **stage.anchors}
    for person in stage.people:
        for channel in await again(lambda: stage.rest(person).channels()):  # noqa: B023
            readers.setdefault(channel["id"], person)
    return readers


def _record_screens(stage: Stage, device: Watched) -> None:
    for channel in device.here():
        place = device.places[channel]
        stage.recorder.note(
            told.Screen, device=device.name, person=device.user_id, channel=channel, first=place.first,
            last=place.last, rows=device.storage.rows(channel),
        )  # fmt: skip


async def _record_list(stage: Stage, person: Person) -> None:
    for channel in await again(lambda: stage.rest(person).channels()):
        head = channel["head"]
        stage.recorder.note(
            told.Standing, person=person.user_id, channel=channel["id"], unread=channel["unread"],
            read_seq=channel["read_seq"], head_seq=head["seq"], head_count=head["count"],
        )  # fmt: skip


async def _replay(stage: Stage) -> None:
    """Catch up once more from some of the cursors that were stored."""
    kept = [record for record in stage.recorder.history.records if isinstance(record, told.Kept)]
    for record in random.Random(len(kept)).sample(kept, min(REPLAYS, len(kept))):
        await _replay_one(stage, record)


async def _replay_one(stage: Stage, kept: told.Kept) -> None:
    rest = stage.rest(stage.person(kept.person))
    cursor, more, resync = kept.cursor, True, False
    events: list[Event] = []
    reset: list[str] = []
    while more and not resync:
        answer = await again(lambda: rest.sync(cursor))  # noqa: B023
        cursor, more, resync = answer["cursor"], answer["more"], answer["resync"]
        events += answer["events"]
        reset += [channel["id"] for channel in answer["reset"]]
    firsts: dict[str, int] = {}
    for event in events:
        firsts.setdefault(event["channel_id"], event["seq"])
    stage.recorder.note(
        told.Replayed, device=kept.device, person=kept.person, cursor=kept.cursor, kept=kept.places, firsts=firsts,
        resync=resync, reset=reset, events=events,
    )  # fmt: skip


async def again(asking: Any) -> Any:
    """Ask until there is an answer; None when there is no such thing. Everything is healed, so it comes."""
    for _ in range(50):
        try:
            return await asking()
        except Problem as refusal:
            if refusal.code == "not_found":
                return None
            if not refusal.again:
                raise
        except Unreachable:
            pass
        await asyncio.sleep(PAUSE_SECONDS * 3)
    raise AssertionError("a healed server does not answer")
