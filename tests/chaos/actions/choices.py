"""Whom and what an action is about, by chance."""

import random
from typing import TypeVar

from tests.chaos.stage import Stage
from tests.chaos.watched import Watched
from tests.client.wire import Event

T = TypeVar("T")

LATELY = 30  # rows of a channel's end that are still spoken about


def any_of(chance: random.Random, things: list[T]) -> T | None:
    return chance.choice(things) if things else None


def talking_device(stage: Stage, chance: random.Random) -> Watched | None:
    """A device that runs and is in some channel."""
    return any_of(chance, list(stage.talking()))


def own_message(device: Watched, chance: random.Random) -> Event | None:
    """A message of the person's own that is on this screen and not deleted."""
    channel = any_of(chance, device.here())
    if channel is None:
        return None
    shown = device.screen(channel)[-LATELY:]
    return any_of(
        chance,
        [
            row
            for row in shown
            if row["kind"] == "message" and row["author_id"] == device.user_id and not row.get("deleted")
        ],
    )


def group_of(stage: Stage, device: Watched, chance: random.Random) -> str | None:
    """A group that the device's person is in."""
    return any_of(chance, [channel for channel in device.here() if channel in stage.anchors])
