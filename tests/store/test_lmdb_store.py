"""The message store on LMDB."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.lmdb_store import LmdbStore
from tests.store.contract import StoreContract
from tests.store.world import SetClock


class TestLmdbStore(StoreContract):
    @pytest.fixture
    def store(self, clock: SetClock, tmp_path: Path) -> Iterator[LmdbStore]:
        store = LmdbStore(tmp_path / "messages", clock)
        yield store
        store.close()
