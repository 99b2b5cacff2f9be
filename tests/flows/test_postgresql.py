"""Two processes of Maru on one PostgreSQL: people, invitations, contacts and sessions are the same on both, and a
restart of the database is a few refusals."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.people import PASSWORD, Person, wait_until
from tests.postgres import Postgres
from tests.serving import Server

HELD = 40  # more than the connections of both
ESTABLISHED = "01"


@pytest.fixture(scope="module")
def url(postgres: Postgres) -> str:
    return postgres.empty_database()


@pytest.fixture(scope="module")
def pair(
    postgres: Postgres, url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    folder = tmp_path_factory.mktemp("postgresql")
    settings = {"MARU_DATA": str(folder / "data"), "DATABASE_URL": url.replace("+psycopg", "")}
    front = {**settings, "MARU_ROLES": "web,chat"}
    with Server(folder / "one", front) as one, Server(folder / "other", settings) as other:
        yield one, other
    assert "the job outbox is done here now" not in one.log
    assert "the job outbox is done here now" in other.log
    for server in (one, other):
        assert "Traceback" not in server.log
    assert not list((folder / "data").glob("*.db"))


def busy(postgres: Postgres, url: str) -> tuple[int, int]:
    """How many connections the servers have, and how many of them are in a transaction."""
    query = (
        "SELECT count(*), count(*) FILTER (WHERE state <> 'idle') FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'maru'"
    )
    with postgres.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(str(row[0])), int(str(row[1]))


def read_connections(server: Server) -> list[str]:
    """Those of the server's connections of which it has read all that was sent (proc(5), /proc/net/tcp)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    own = [row for row in rows if row[1].endswith(f":{server.port:04X}") and row[3] == ESTABLISHED]
    return [row[2] for row in own if row[4].endswith(":00000000")]


def test_an_invitation_of_one_process_lets_somebody_in_at_the_other(pair: tuple[Server, Server]) -> None:
    here, there = pair
    minji = Person(here, "minji")
    invite = minji.call(here, "POST", "/invites", {"uses": 1}).json()["invite"]
    assert requests.get(f"{there.api_url}/invites/{invite['code']}").json()["invite"]["valid"]
    form = {
        "username": "jiho.invited",
        "password": PASSWORD,
        "display_name": "지호",
        "invite": invite["code"],
    }
    assert requests.post(f"{there.api_url}/auth/signup", json=form).status_code == 201
    assert requests.post(f"{here.api_url}/auth/signup", json={**form, "username": "late"}).status_code == 403
    found = minji.call(here, "GET", "/users?q=ㅈㅎ").json()["users"]
    assert [user["username"] for user in found] == ["jiho.invited"]


def test_contacts_that_are_made_at_the_one_are_there_at_the_other(pair: tuple[Server, Server]) -> None:
    here, there = pair
    minji, jiho = Person(here, "minji"), Person(there, "jiho")
    with jiho.online(there) as live:
        assert minji.call(here, "POST", "/contacts", {"user_id": jiho.id}).status_code == 201
        live.until(lambda frame: "contact" in [event["kind"] for event in frame.get("events", [])])
    accepted = jiho.call(there, "PATCH", f"/contacts/{minji.id}", {"state": "accepted"})
    assert accepted.json()["contact"]["user"]["display_name"] == "minji"
    (contact,) = minji.call(here, "GET", "/contacts").json()["contacts"]
    assert (contact["user"]["display_name"], contact["state"]) == ("jiho", "accepted")


def test_a_session_that_is_ended_at_the_one_is_closed_at_the_other(pair: tuple[Server, Server]) -> None:
    here, there = pair
    minji = Person(here, "minji")
    elsewhere = minji.sign_in(there)
    with minji.online(there, token=elsewhere) as live:
        sessions = minji.call(here, "GET", "/sessions").json()["sessions"]
        for session in sessions:
            if not session["current"]:
                assert minji.call(here, "DELETE", f"/sessions/{session['id']}").status_code == 204
        assert live.until_closed()[0] == 4003
    assert minji.call(there, "GET", "/me", token=elsewhere).status_code == 401
    assert minji.call(there, "GET", "/me").status_code == 200


def test_a_changed_profile_is_heard_by_ones_own_devices_everywhere_and_learned_by_those_that_were_away(
    pair: tuple[Server, Server],
) -> None:
    here, there = pair
    minji, jiho = Person(here, "minji"), Person(there, "jiho")
    cursor = minji.call(there, "GET", "/sync").json()["cursor"]
    assert jiho.call(there, "GET", f"/users/{minji.id}").json()["user"]["display_name"] == "minji"
    with minji.online(there) as live:
        minji.call(here, "PATCH", "/me", {"display_name": "민지"})
        live.until(lambda frame: settings(frame) == [{"display_name": "민지"}])
    missed = minji.call(there, "GET", f"/sync?cursor={cursor}").json()
    assert settings(missed) == [{"display_name": "민지"}]
    assert jiho.call(there, "GET", f"/users/{minji.id}").json()["user"]["display_name"] == "민지"


def settings(holder: dict[str, Any]) -> list[dict[str, Any]]:
    return [event["profile"] for event in holder.get("events", []) if event["kind"] == "settings"]


def test_held_requests_hold_no_connection(pair: tuple[Server, Server], postgres: Postgres, url: str) -> None:
    here, there = pair
    minji, jiho = Person(here, "minji"), Person(there, "jiho")
    channel_id = minji.direct(here, jiho)
    cursor = jiho.call(here, "GET", "/sync").json()["cursor"]
    answers: list[int] = []

    def ask(server: Server) -> None:
        answers.append(jiho.call(server, "GET", f"/sync?cursor={cursor}&wait=50").status_code)

    asking = [threading.Thread(target=ask, args=(pair[number % 2],)) for number in range(HELD)]
    for thread in asking:
        thread.start()
    wait_until(lambda: len(read_connections(here)) + len(read_connections(there)) >= HELD)
    wait_until(lambda: all(busy(postgres, url)[1] == 0 for _ in range(10)))
    assert answers == []
    assert busy(postgres, url)[0] <= 16
    assert minji.call(here, "GET", "/me").status_code == 200
    minji.say(here, channel_id, "hello")
    for thread in asking:
        thread.join()
    assert answers == [200] * HELD


def test_a_restart_of_the_database_is_a_few_refusals_and_live_conversations_go_on(
    pair: tuple[Server, Server], postgres: Postgres
) -> None:
    here, there = pair
    minji, jiho = Person(here, "minji"), Person(there, "jiho")
    channel_id = minji.direct(here, jiho)
    with minji.online(here) as mine, jiho.online(there) as theirs:
        postgres.stop()
        try:
            refused = minji.call(here, "GET", "/me")
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
            assert int(refused.headers["Retry-After"]) >= 1
            assert requests.get(f"{there.base_url}/readyz").status_code == 503
            for number in range(5):
                frame = {
                    "type": "send",
                    "id": number,
                    "channel_id": channel_id,
                    "text": f"still here {number}",
                }
                mine.say({**frame, "client_message_id": f"00000000-0000-7000-8000-00000000000{number}"})
                theirs.until_text(f"still here {number}")
        finally:
            postgres.start()
        wait_until(lambda: minji.call(here, "GET", "/me").status_code == 200)
        wait_until(lambda: requests.get(f"{there.base_url}/readyz").status_code == 200)
    assert jiho.call(there, "PATCH", "/me", {"display_name": "again"}).status_code == 200
