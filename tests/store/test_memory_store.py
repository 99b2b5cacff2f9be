"""The message store in memory."""

import pytest

from app.store.memory_store import MemoryStore
from tests.store.contract import StoreContract
from tests.store.world import SetClock


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self, clock: SetClock) -> MemoryStore:
        return MemoryStore(clock)
