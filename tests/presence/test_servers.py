"""Presence between two real servers over a real Valkey, which is emptied, killed and started again."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.flows.valkey import Valkey
from tests.people import Online, Person, wait_until
from tests.serving import Server

RIGHT_AGAIN_SECONDS = 45


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    with Valkey(tmp_path / "valkey") as valkey:
        yield valkey


@pytest.fixture
def servers(tmp_path: Path, valkey: Valkey) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Server(tmp_path / "servers", {"REDIS_URL": valkey.url})) for _ in range(2)]


def befriend(server: Server, one: Person, other: Person) -> None:
    assert one.call(server, "POST", "/contacts", {"user_id": other.id}).status_code == 201
    assert other.call(server, "PATCH", f"/contacts/{one.id}", {"state": "accepted"}).status_code == 200


def until_seen(online: Online, person: Person, state: str) -> int | None:
    """Wait until this connection is told so, by a frame it has or one to come; when they were last active."""
    for frame in reversed(online.heard):
        if person.id in frame.get("users", {}):
            if frame["users"][person.id]["state"] == state:
                return frame["users"][person.id]["last_active_at"]  # type: ignore[no-any-return]
            break
    frame = online.until(lambda frame: frame.get("users", {}).get(person.id, {}).get("state") == state)
    return frame["users"][person.id]["last_active_at"]  # type: ignore[no-any-return]


def test_friends_on_two_servers_see_each_other_whatever_becomes_of_redis(
    servers: list[Server], valkey: Valkey
) -> None:
    here, there = servers
    minji, jiho = Person(here, "minji"), Person(there, "jiho")
    befriend(here, minji, jiho)
    group = minji.call(here, "POST", "/channels", {"kind": "group", "name": "hall", "member_ids": [jiho.id]})
    presence = f"/channels/{group.json()['channel']['id']}/presence"
    with minji.online(here) as minjis:
        until_seen(minjis, jiho, "offline")
        with jiho.online(there) as jihos:
            until_seen(minjis, jiho, "online")
            until_seen(jihos, minji, "online")
            seen = minji.call(here, "GET", presence).json()["presence"]
            assert (seen[minji.id]["state"], seen[jiho.id]["state"]) == ("online", "online")

            valkey.flush_all()
            emptied = time.monotonic()
            with minji.online(here) as newcomer:
                until_seen(newcomer, jiho, "online")
            assert time.monotonic() - emptied < RIGHT_AGAIN_SECONDS

            assert jiho.call(there, "PATCH", "/me", {"presence": "nobody"}).status_code == 200
            until_seen(minjis, jiho, "unknown")
            assert jiho.call(here, "PATCH", "/me", {"presence": "everyone"}).status_code == 200
            until_seen(minjis, jiho, "online")

            valkey.kill9()
            valkey.start()
        left = time.monotonic()
        assert until_seen(minjis, jiho, "offline") is not None
        assert time.monotonic() - left < RIGHT_AGAIN_SECONDS
        wait_until(
            lambda: minji.call(here, "GET", presence).json()["presence"][jiho.id]["state"] == "offline"
        )
        with jiho.online(there):
            until_seen(minjis, jiho, "online")
            there.kill9()
            until_seen(minjis, jiho, "unknown")
    for server in servers:
        assert "Traceback" not in server.log
