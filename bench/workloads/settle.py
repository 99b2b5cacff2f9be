"""A data folder as a plan describes it: `python -m bench.workloads.settle FOLDER` reads FOLDER/plan.json and writes
FOLDER/town.json. People and channels are made through Maru's own parts, messages through its store."""

from gevent import monkey

monkey.patch_all()

import itertools  # noqa: E402
import random  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TypeVar  # noqa: E402

import msgspec  # noqa: E402

from app.accounts.models import UserRow  # noqa: E402
from app.accounts.passwords import argon2id  # noqa: E402
from app.config import Config  # noqa: E402
from app.core.ids import ChannelId, UserId, new_id  # noqa: E402
from app.factory import Maru  # noqa: E402
from app.store.drafts import AnyDraft, NewDirect, NewGroup, NewMessage  # noqa: E402
from app.store.lmdb_store import LmdbStore  # noqa: E402
from app.store.port import Accepted  # noqa: E402
from bench.populate import CLOCK, add_people  # noqa: E402
from bench.store_append import uuid7  # noqa: E402
from bench.workloads.plan import PASSWORD, Channel, Plan, Resident, Stretch, Town, Written  # noqa: E402
from tests.chatlogs import UBUNTU_LOGS, Said, script  # noqa: E402

AT_ONCE = 500  # people, or channels, of one transaction
BATCH = 10_000  # messages of one transaction
T = TypeVar("T")


def settle(folder: Path, plan: Plan) -> Town:
    maru = Maru(Config(folder=folder))
    maru.start()
    people = sign_up(maru, plan.people)
    ids = fresh_ids(len(plan.channels))
    channels = [
        channel for some in batches(plan.channels, AT_ONCE) for channel in found(maru, people, some, ids)
    ]
    if plan.passwords:
        give_passwords(maru, people[: plan.passwords])
    maru.stop()
    store = LmdbStore(Config(folder=folder).store_folder, CLOCK)
    written = [write(store, people, channels, stretch, folder) for stretch in plan.stretches]
    store.note_high_water()
    town = Town(people, channels, written, store.position().encode())
    store.close()
    return town


def sign_up(maru: Maru, size: int) -> list[Resident]:
    people: list[Resident] = []
    for first in range(0, size, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, size))
        added = maru.database.run(lambda session, some=numbers: add_people(maru, session, some))
        people += [Resident(user_id, token) for user_id, token in added]
    return people


def give_passwords(maru: Maru, people: list[Resident]) -> None:
    """One hash for all of them: checking it costs what checking any costs."""
    hashed = argon2id().hash(PASSWORD)
    for person in people:
        maru.database.run(lambda session, one=person: _give(session.get_one(UserRow, one.user_id), hashed))


def _give(row: UserRow, hashed: str) -> None:
    row.password_hash = hashed


def found(
    maru: Maru, people: list[Resident], some: list[list[int]], ids: Iterator[ChannelId]
) -> list[Channel]:
    """The channels of these members, in one transaction."""
    drafts = [opening(next(ids), [UserId(people[member].user_id) for member in members]) for members in some]
    if not all(isinstance(outcome, Accepted) for outcome in maru.store.append(drafts)):
        raise SystemExit("a channel could not be opened")
    return [Channel(draft.channel_id, members) for draft, members in zip(drafts, some, strict=True)]


def fresh_ids(count: int) -> Iterator[ChannelId]:
    """Each of a millisecond of its own: chance alone would draw one of so many twice."""
    began = CLOCK.now_ms() - count
    return (ChannelId(new_id(began + number)) for number in range(count))


def opening(channel_id: ChannelId, ids: list[UserId]) -> AnyDraft:
    first, *others = ids
    if len(others) == 1:
        return NewDirect(author_id=first, channel_id=channel_id, peer_id=others[0])
    name = f"Group of {len(ids)}"
    return NewGroup(author_id=first, channel_id=channel_id, name=name, member_ids=others)


def batches(whole: list[T], size: int) -> Iterator[list[T]]:
    for first in range(0, len(whole), size):
        yield whole[first : first + size]


def write(
    store: LmdbStore, people: list[Resident], channels: list[Channel], stretch: Stretch, folder: Path
) -> Written:
    """Messages in random channels, a batch's channels side by side, by random members."""
    chosen = [channels[number] for number in stretch.channels]
    cursor, bytes_before = store.position().encode(), stored_bytes(folder)
    began, used, said = time.perf_counter(), time.process_time(), 0
    texts = real_texts()
    for first in range(0, stretch.messages, BATCH):
        count = min(BATCH, stretch.messages - first)
        drafts = [message(people, random.choice(chosen), next(texts)) for _ in range(count)]
        said += sum(len(draft.text.encode()) for draft in drafts)
        if not all(isinstance(outcome, Accepted) for outcome in store.append(drafts)):
            raise SystemExit("a message could not be stored")
    return Written(
        name=stretch.name,
        cursor=cursor,
        messages=stretch.messages,
        seconds=time.perf_counter() - began,
        cpu_seconds=time.process_time() - used,
        stored_bytes=stored_bytes(folder) - bytes_before,
        text_bytes=said,
    )


def message(people: list[Resident], channel: Channel, text: str) -> NewMessage:
    author = people[random.choice(channel.members)].user_id
    return NewMessage(
        author_id=UserId(author),
        channel_id=ChannelId(channel.channel_id),
        client_message_id=uuid7(),
        text=text,
    )


def real_texts() -> Iterator[str]:
    """What people said, again and again."""
    _, lines = script(UBUNTU_LOGS, 100)
    return itertools.cycle([line.text for line in lines if isinstance(line, Said)])


def stored_bytes(folder: Path) -> int:
    """What the store takes on the disk."""
    return sum(file.stat().st_blocks * 512 for file in Config(folder=folder).store_folder.iterdir())


def main(folder: Path) -> None:
    plan = msgspec.json.decode((folder / "plan.json").read_bytes(), type=Plan)
    (folder / "town.json").write_bytes(msgspec.json.encode(settle(folder, plan)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
