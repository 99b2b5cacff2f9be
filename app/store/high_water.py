"""How far the history has come, noted outside the store, so that a store put back from a backup gives itself away.

A store that starts below what was noted (or under another epoch) has lost commits that devices may have seen; under a
new epoch their cursors are answered with `resync` instead of being trusted.
"""

import os
from pathlib import Path

import msgspec

from app.store.cursor import Position


class HighWaterNote:
    """One file beside the store's folder, replaced whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: Position | None = None

    def read(self) -> Position | None:
        """What was noted last; None when there is no note, or none that can be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Position)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def write(self, position: Position) -> None:
        """Atomic: a reader, or a crash, finds the old note or the new one. Raises OSError."""
        if position == self._written:
            return
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        with open(draft, "wb", opener=_owner_only) as file:
            file.write(msgspec.json.encode(position))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        self._written = position


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def has_lost_commits(present: Position, noted: Position | None) -> bool:
    """Whether a store at `present` may not be the one, or lacks commits of the one, that was noted."""
    if noted is None:
        return present.g > 0
    return present.epoch != noted.epoch or present.g < noted.g
