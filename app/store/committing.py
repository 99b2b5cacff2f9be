"""The port by which drafts reach the store: gathered, committed durably, each answered."""

from collections.abc import Callable
from typing import Protocol

from app.store.drafts import AnyDraft
from app.store.port import Outcome

Done = Callable[[Outcome], None]


class Committer(Protocol):
    """Commits drafts in groups, off the event loop. Neither call raises for a draft's content."""

    def submit(self, draft: AnyDraft, done: Done) -> None:
        """Queue the draft; `done` is called on the event loop with its outcome. Never waits."""

    def commit(self, draft: AnyDraft) -> Outcome:
        """Queue the draft and wait for its outcome; only this greenlet waits."""
