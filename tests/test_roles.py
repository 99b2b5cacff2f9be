"""A process answers what its roles are for, and says so where they are for something else."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from tests.people import Json, Person, wait_until
from tests.serving import Server

PAGES = {"/"}
STATELESS = {"/api/v1/me", "/api/v1/contacts", "/api/v1/openapi.json"}
EITHER = {"/api/v1/channels"}
LIVE = {"/api/v1/sync"}
ANYBODY = {"/api/v1/servers", "/healthz", "/readyz", "/version"}
ANSWERED = {
    "web": PAGES | STATELESS | EITHER | ANYBODY,
    "chat": EITHER | LIVE | ANYBODY,
    "worker": ANYBODY,
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """A process for each role, on one data folder."""
    folder = tmp_path_factory.mktemp("roles")
    settings = {"MARU_DATA": str(folder / "data")}
    servers = {role: Server(folder / role, {**settings, "MARU_ROLES": role}) for role in ANSWERED}
    with ExitStack() as stack:
        for server in servers.values():
            stack.enter_context(server)
        yield servers
    assert not any("Traceback" in server.log for server in servers.values())


@pytest.fixture(scope="module")
def ann(servers: dict[str, Server]) -> Person:
    return Person(servers["web"], "ann")


@pytest.mark.parametrize("path", sorted(set().union(*ANSWERED.values())))
@pytest.mark.parametrize("role", ANSWERED)
def test_each_call_is_answered_by_those_who_are_there_for_it(
    servers: dict[str, Server], ann: Person, role: str, path: str
) -> None:
    headers = {"Authorization": f"Bearer {ann.token}"}
    answer = requests.get(servers[role].base_url + path, headers=headers, timeout=20)
    if path in ANSWERED[role]:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"]


@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_handshake_is_refused_where_nobody_lives(
    servers: dict[str, Server], ann: Person, role: str
) -> None:
    headers = {"Authorization": f"Bearer {ann.token}", "Upgrade": "websocket", "Connection": "Upgrade"}
    answer = requests.get(servers[role].api_url + "/ws", headers=headers, timeout=20)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_what_is_said_at_one_is_heard_at_the_other(servers: dict[str, Server], ann: Person) -> None:
    web, chat = servers["web"], servers["chat"]
    bob = Person(web, "bob")
    channel = ann.direct(web, bob)
    with bob.online(chat) as live:
        ann.say(web, channel, "by the stateless one")
        live.until_text("by the stateless one")
        ann.say(chat, channel, "by the stateful one")
        live.until_text("by the stateful one")


def test_only_chat_servers_are_named_to_clients(servers: dict[str, Server], ann: Person) -> None:
    def named(role: str) -> list[Json]:
        return list(ann.call(servers[role], "GET", "/servers").json()["servers"])

    own = named("chat")
    assert len(own) == 1
    for role in ("web", "worker"):
        wait_until(lambda role=role: [entry["id"] for entry in named(role)] == [own[0]["id"]])


def test_the_worker_tells_devices_of_what_changed_elsewhere(servers: dict[str, Server], ann: Person) -> None:
    with ann.online(servers["chat"]) as live:
        assert ann.call(servers["web"], "PATCH", "/me", {"display_name": "Ann of the hall"}).ok
        frame = live.until(
            lambda frame: any(event["kind"] == "settings" for event in frame.get("events", []))
        )
    assert frame["events"][-1]["profile"]["display_name"] == "Ann of the hall"
