"""Two processes on one data folder are one chat: live delivery, endings and names cross, with Redis and without."""

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.people import DEADLINE_SECONDS, Online, Person, wait_until
from tests.serving import Server

NO_REDIS = {"REDIS_URL": "redis://127.0.0.1:1/0"}  # nobody listens there


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """The first owns the embedded Valkey."""
    yield from both(tmp_path_factory.mktemp("two"))


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Neither finds its Redis."""
    yield from both(tmp_path_factory.mktemp("blind"), **NO_REDIS)


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two of the test's own, to be treated badly."""
    yield from both(tmp_path)


def both(folder: Path, **settings: str) -> Iterator[tuple[Server, Server]]:
    settings["MARU_DATA"] = str(folder / "data")
    with Server(folder / "one", settings) as one, Server(folder / "other", settings) as other:
        yield one, other
    for server in (one, other):
        assert "Traceback" not in server.log


@pytest.fixture(params=["two", "blind"])
def pair(request: pytest.FixtureRequest) -> tuple[Server, Server]:
    """With Redis and without: the same, only slower."""
    servers: tuple[Server, Server] = request.getfixturevalue(request.param)
    return servers


class Hall:
    """Minji lives on the first process, Jiho on the other."""

    def __init__(self, pair: tuple[Server, Server]) -> None:
        self.here, self.there = pair
        self.minji, self.jiho = Person(self.here, "minji"), Person(self.there, "jiho")
        self.channel = self.minji.direct(self.here, self.jiho)


@pytest.fixture
def hall(pair: tuple[Server, Server]) -> Hall:
    return Hall(pair)


def kill_valkey(server: Server) -> None:
    """The embedded one, as the kernel might."""
    data = server._env["MARU_DATA"]
    with redis.Redis.from_url(f"unix://{data}/valkey.sock") as client:
        os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)


def talk(hall: Hall, mine: Online, theirs: Online, words: list[str]) -> None:
    """Every word is heard on both sides, whoever says it."""
    for number, word in enumerate(words):
        if number % 2:
            hall.jiho.say(hall.there, hall.channel, word)
        else:
            hall.minji.say(hall.here, hall.channel, word)
        for online in (mine, theirs):
            online.until_text(word)


def heard_texts(online: Online) -> list[str]:
    return [event["text"] for frame in online.heard for event in frame.get("events", []) if "text" in event]


def test_what_is_said_in_one_process_is_heard_in_the_other_once_and_in_order(hall: Hall) -> None:
    with hall.minji.online(hall.here) as mine, hall.jiho.online(hall.there) as theirs:
        words = [f"{number}" for number in range(30)]
        began = time.monotonic()
        talk(hall, mine, theirs, words)
        assert time.monotonic() - began < DEADLINE_SECONDS  # at the pace of the sweep it would take 45 s
        assert heard_texts(theirs) == words
        assert heard_texts(mine) == words


def test_a_held_request_is_answered_by_what_the_other_process_committed(hall: Hall) -> None:
    cursor = hall.jiho.call(hall.there, "GET", "/sync").json()["cursor"]
    answers: list[Any] = []
    query = f"/sync?cursor={cursor}&wait=30"
    asking = threading.Thread(target=lambda: answers.append(hall.jiho.call(hall.there, "GET", query)))
    asking.start()
    hall.minji.say(hall.here, hall.channel, "over there")
    asking.join()
    assert [event["text"] for event in answers[0].json()["events"]] == ["over there"]


def test_a_cursor_of_one_process_is_continued_by_the_other(hall: Hall) -> None:
    with hall.jiho.online(hall.there) as theirs:
        hall.minji.say(hall.here, hall.channel, "one")
        cursor = theirs.until_text("one")["cursor"]
    hall.minji.say(hall.there, hall.channel, "two")
    with hall.jiho.online(hall.here, cursor) as elsewhere:
        assert heard_texts(elsewhere) == ["two"]


def test_ending_a_session_closes_its_connections_in_the_other_process(hall: Hall) -> None:
    """Within a second, or five without Redis."""
    token = hall.jiho.sign_in(hall.here)
    with hall.jiho.online(hall.there) as kept, hall.jiho.online(hall.there, token=token) as ending:
        sessions = hall.jiho.call(hall.here, "GET", "/sessions", token=token).json()["sessions"]
        (current,) = (session["id"] for session in sessions if session["current"])
        assert hall.jiho.call(hall.here, "DELETE", f"/sessions/{current}").status_code == 204
        assert ending.until_closed() == (4003, "revoked")
        assert ending.heard[-1] == {"type": "bye", "code": "revoked", "after_ms": 0}
        hall.minji.say(hall.here, hall.channel, "still there?")
        kept.until_text("still there?")
    wait_until(lambda: hall.jiho.call(hall.there, "GET", "/me", token=token).status_code == 401)


def test_typing_and_a_changed_name_cross(two: tuple[Server, Server]) -> None:
    hall = Hall(two)
    with hall.minji.online(hall.here) as mine, hall.jiho.online(hall.there) as theirs:
        mine.say({"type": "typing", "channel_id": hall.channel})
        assert theirs.until(lambda frame: frame["type"] == "typing")["user_id"] == hall.minji.id
        assert hall.minji.call(hall.here, "PATCH", "/me", {"display_name": "민지"}).status_code == 200
        assert theirs.until(lambda frame: frame["type"] == "user")["user"]["display_name"] == "민지"
        assert not any(frame["type"] == "typing" for frame in mine.heard)
    peers = hall.jiho.call(hall.there, "GET", "/channels").json()["channels"]
    assert [channel["peer"]["display_name"] for channel in peers] == ["민지"]


def test_a_changed_name_is_learned_without_redis_too_and_by_ones_own_devices(
    blind: tuple[Server, Server],
) -> None:
    hall = Hall(blind)
    profile = f"/users/{hall.minji.id}"
    assert hall.jiho.call(hall.there, "GET", profile).json()["user"]["display_name"] == "minji"
    with hall.minji.online(hall.there) as live:
        hall.minji.call(hall.here, "PATCH", "/me", {"display_name": "민지"})
        (event,) = live.until(lambda frame: frame["type"] == "events")["events"]
    assert (event["kind"], event["profile"]) == ("settings", {"display_name": "민지"})
    wait_until(lambda: hall.jiho.call(hall.there, "GET", profile).json()["user"]["display_name"] == "민지")


def test_killing_valkey_loses_and_doubles_nothing_and_it_comes_back(two: tuple[Server, Server]) -> None:
    hall = Hall(two)
    with hall.minji.online(hall.here) as mine, hall.jiho.online(hall.there) as theirs:
        words = [f"{number}" for number in range(16)]
        for start in (0, 8):
            talk(hall, mine, theirs, words[start : start + 2])
            kill_valkey(hall.here)
            talk(hall, mine, theirs, words[start + 2 : start + 6])
            wait_until(lambda: valkey_answers(hall.here))
            talk(hall, mine, theirs, words[start + 6 : start + 8])
        assert (heard_texts(mine), heard_texts(theirs)) == (words, words)


def valkey_answers(server: Server) -> bool:
    try:
        with redis.Redis.from_url(f"unix://{server._env['MARU_DATA']}/valkey.sock") as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def test_a_killed_process_takes_nothing_with_it_and_the_other_brings_valkey_back(
    apart: tuple[Server, Server],
) -> None:
    one, other = apart
    hall = Hall(apart)
    with hall.jiho.online(other) as theirs:
        said = hall.minji.say(one, hall.channel, "last words")
        one.kill9()
        theirs.until_text("last words")
        assert hall.minji.say(other, hall.channel, "still here")["seq"] == said["seq"] + 1
        theirs.until_text("still here")
    wait_until(lambda: valkey_answers(other))
    one.start()
    with hall.minji.online(one) as mine, hall.jiho.online(other) as theirs:
        talk(hall, mine, theirs, ["we are", "back"])


def test_a_store_put_back_from_a_backup_is_another_history(tmp_path: Path) -> None:
    """Cursors of what it lost must not be trusted; how far it had come is noted beside it."""
    with Server(tmp_path) as server:
        minji, jiho = Person(server, "minji"), Person(server, "jiho")
        channel = minji.direct(server, jiho)
    shutil.copytree(tmp_path / "data" / "store", tmp_path / "backup")
    with server:
        minji.say(server, channel, "after the backup")
        cursor = minji.call(server, "GET", "/sync").json()["cursor"]
        assert minji.call(server, "GET", f"/sync?cursor={cursor}").json()["resync"] is False
    shutil.rmtree(tmp_path / "data" / "store")
    shutil.copytree(tmp_path / "backup", tmp_path / "data" / "store")
    with server:
        answer = minji.call(server, "GET", f"/sync?cursor={cursor}").json()
        assert (answer["resync"], answer["heads"][0]["head"]["count"]) == (True, 0)


def test_how_far_the_history_has_come_is_noted_while_it_runs(pair: tuple[Server, Server]) -> None:
    hall = Hall(pair)
    note = Path(hall.here._env["MARU_DATA"]) / "store.high-water"
    hall.minji.say(hall.here, hall.channel, "noted?")
    position = hall.minji.call(hall.here, "GET", "/sync").json()["cursor"].split(".")[1]
    wait_until(lambda: json.loads(note.read_bytes())["g"] >= int(position, 16))


def test_without_its_redis_it_serves_and_says_so_once(blind: tuple[Server, Server]) -> None:
    for server in blind:
        assert server.log.count("Redis is away") == 1
        assert Person(server, "sora").call(server, "GET", "/me").status_code == 200
