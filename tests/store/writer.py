"""A process that writes into a store until it is killed, saying on stdout what was acknowledged.

Arguments: folder, author, channel, how many messages a batch. Each line: the texts acknowledged by one commit.
"""

import itertools
import sys
from pathlib import Path

from app.core.clock import SystemClock
from app.core.ids import ChannelId, UserId
from app.store.drafts import NewMessage
from app.store.lmdb_store import LmdbStore
from app.store.port import Accepted


def main(folder: str, author: str, channel: str, batch_size: str) -> None:
    store = LmdbStore(Path(folder), SystemClock())
    for round_ in itertools.count():
        texts = [f"{author[-2:]}-{round_}-{number}" for number in range(int(batch_size))]
        drafts = [
            NewMessage(author_id=UserId(author), channel_id=ChannelId(channel), text=text) for text in texts
        ]
        outcomes = store.append(drafts)
        acknowledged = [
            text for text, outcome in zip(texts, outcomes, strict=True) if isinstance(outcome, Accepted)
        ]
        sys.stdout.write(" ".join(acknowledged) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
