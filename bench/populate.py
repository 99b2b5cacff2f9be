"""A data folder with people who are signed in: `python -m bench.populate FOLDER PEOPLE`.

Everybody shares a direct channel with a neighbour; the first hundred also are a group. Made through Maru's own parts,
but without a password hash for each of ten thousand, which would take minutes. Prints `people.json` into the folder.
"""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import msgspec  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from app.accounts.models import UserRow  # noqa: E402
from app.accounts.names import search_key, username_key  # noqa: E402
from app.accounts.sessions import Origin  # noqa: E402
from app.accounts.wire import User  # noqa: E402
from app.config import Config  # noqa: E402
from app.core.clock import SystemClock  # noqa: E402
from app.core.ids import ChannelId, UserId, new_id  # noqa: E402
from app.factory import Maru  # noqa: E402
from app.store.drafts import AnyDraft, NewDirect, NewGroup  # noqa: E402
from app.store.port import Accepted  # noqa: E402
from bench.population import GROUP_SIZE, Person, Population  # noqa: E402

AT_ONCE = 500  # people of one transaction
CLOCK = SystemClock()


def populate(maru: Maru, size: int) -> Population:
    signed_in: list[tuple[UserId, str]] = []
    for first in range(0, size, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, size))
        signed_in += maru.database.run(lambda session, some=numbers: add_people(maru, session, some))
    people = [user_id for user_id, _ in signed_in]
    group = open_channel(
        maru,
        NewGroup(author_id=people[0], channel_id=fresh_id(), name="All", member_ids=people[1:GROUP_SIZE]),
    )
    directs = [open_channel(maru, direct(*people[at : at + 2])) for at in range(0, size, 2)]
    return Population(
        group, [Person(user_id, token, directs[at // 2]) for at, (user_id, token) in enumerate(signed_in)]
    )


def add_people(maru: Maru, session: Session, numbers: range) -> list[tuple[UserId, str]]:
    """Accounts and their sessions. Nobody can sign in to them again: they have no password."""
    added = []
    for number in numbers:
        name = f"person{number}"
        row = UserRow(
            id=fresh_id(), username=name, username_key=username_key(name), display_name=name,
            search_key=search_key(name, name), password_hash="", is_owner=False, is_admin=False, created_at=0,
        )  # fmt: skip
        session.add(row)
        session.flush()
        user = User(id=row.id, username=name, display_name=name, avatar_id=None)
        added.append((UserId(row.id), maru.sessions.begin(session, user, Origin("bench", "127.0.0.1")).token))
    return added


def open_channel(maru: Maru, draft: AnyDraft) -> str:
    outcome = maru.committer.commit(draft)
    if not isinstance(outcome, Accepted):
        raise SystemExit(f"a channel could not be opened: {outcome}")
    return draft.channel_id


def direct(one: UserId, other: UserId) -> NewDirect:
    return NewDirect(author_id=one, channel_id=fresh_id(), peer_id=other)


def fresh_id() -> ChannelId:
    return ChannelId(new_id(CLOCK.now_ms()))


def main(folder: Path, size: int) -> None:
    maru = Maru(Config(folder=folder))
    maru.start()
    population = populate(maru, size)
    maru.stop()
    (folder / "people.json").write_bytes(msgspec.json.encode(population))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
