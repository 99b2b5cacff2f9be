"""No connection of PostgreSQL's is held while anything else is waited for: a slow password, a slow store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from app.store.memory_store import MemoryStore
from tests.accounts.house import House
from tests.core.databases import checked_out

OUTDATED = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)


@pytest.fixture
def house(postgresql_url: str, tmp_path: Path) -> Iterator[House]:
    before = House(postgresql_url, tmp_path, hasher=OUTDATED)
    before.person("marie")  # whose password will be hashed anew when she signs in
    before.close()
    house = House(postgresql_url, tmp_path)
    yield house
    house.close()


def test_nothing_is_held_while_a_password_is_hashed_or_a_draft_committed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: dict[str, list[int]] = {}

    def note(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            held.setdefault(name, []).append(checked_out(house.database))
            return work(*arguments)

        return noted

    monkeypatch.setattr(PasswordHasher, "hash", note("hash", PasswordHasher.hash))
    monkeypatch.setattr(PasswordHasher, "verify", note("verify", PasswordHasher.verify))
    monkeypatch.setattr(MemoryStore, "append", note("commit", MemoryStore.append))
    marie, minsu = house.visitor(), house.person("minsu")
    marie.log_in("marie")
    marie.call("POST", "/contacts", {"user_id": minsu.id}, expect=201)
    marie.call("PATCH", "/me", {"display_name": "마리"})
    house.outbox.work("")
    assert {name: set(counts) for name, counts in held.items()} == {"hash": {0}, "verify": {0}, "commit": {0}}
    assert len(held["hash"]) == 2
    assert len(held["commit"]) == 2
