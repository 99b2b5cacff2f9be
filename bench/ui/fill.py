"""Fills conversations in a stopped server's store: `python -m bench.ui.fill FOLDER MESSAGES < plan.json`.

The plan is a list of channels, each with those who talk in it. The texts are those of the real logs. Written by Maru's
own committer, so that what the server serves and the device keeps afterwards is what it would be had people talked.
"""

from gevent import monkey

monkey.patch_all()

import itertools  # noqa: E402
import sys  # noqa: E402
import uuid  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent.pool  # noqa: E402
import msgspec  # noqa: E402

from app.config import Config  # noqa: E402
from app.core.ids import ChannelId, UserId  # noqa: E402
from app.factory import Maru  # noqa: E402
from app.store.drafts import NewMessage  # noqa: E402
from app.store.port import Accepted  # noqa: E402
from bench.ui.texts import texts  # noqa: E402

AT_ONCE = 400


class Talk(msgspec.Struct, frozen=True):
    """A channel, and who says something in it, in turns."""

    channel_id: str
    authors: list[str]


def drafts(talks: list[Talk], messages: int) -> Iterator[NewMessage]:
    """So many messages, the channels in turns."""
    turns = itertools.cycle(talks)
    for number, talk, text in zip(range(messages), turns, texts(), strict=False):
        author = talk.authors[number // len(talks) % len(talk.authors)]
        yield NewMessage(
            author_id=UserId(author),
            channel_id=ChannelId(talk.channel_id),
            client_message_id=str(uuid.uuid4()),
            text=text,
        )


def main(folder: Path, messages: int) -> None:
    talks = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Talk])
    maru = Maru(Config(folder=folder))
    maru.start()
    pool = gevent.pool.Pool(AT_ONCE)
    for outcome in pool.imap_unordered(maru.committer.commit, drafts(talks, messages)):
        if not isinstance(outcome, Accepted):
            raise SystemExit(f"a message was not taken: {outcome}")
    maru.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
