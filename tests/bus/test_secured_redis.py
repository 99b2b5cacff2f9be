"""A Redis with TLS and a password: it carries hints and keeps leases, and what is wrong is said without secrets."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trustme

from tests.bus.secured import PASSWORD, USER, USER_PASSWORD, Secured, secured_redis

ROOT = Path(__file__).parents[2]
QUOTED = quote(PASSWORD, safe="")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("redis")
    trustme.CA().cert_pem.write_to_path(folder / "stranger.pem")
    with secured_redis(folder) as secured:
        yield secured


def tried(secured: Secured, urls: Iterable[str]) -> list[dict[str, Any]]:
    """What became of hints and leases with each URL."""
    stranger = secured.authority.with_name("stranger.pem")
    places = {
        "tls": secured.tls_port,
        "plain": secured.plain_port,
        "ca": secured.authority,
        "stranger": stranger,
    }
    words = [sys.executable, "-m", "tests.bus.patched_program", *(url.format(**places) for url in urls)]
    program = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert program.returncode == 0, program.stderr
    return list(json.loads(program.stdout))


RIGHT = {
    "TLS and a password": f"rediss://:{QUOTED}@localhost:{{tls}}/0?ssl_ca_certs={{ca}}",
    "TLS and a user": f"rediss://{USER}:{USER_PASSWORD}@127.0.0.1:{{tls}}/0?ssl_ca_certs={{ca}}",
    "a password without TLS": f"redis://:{QUOTED}@127.0.0.1:{{plain}}/0",
}


def test_a_password_and_tls_are_taken_from_the_url(secured: Secured) -> None:
    for name, outcome in zip(RIGHT, tried(secured, RIGHT.values()), strict=True):
        assert (outcome["connected"], outcome["heard"], outcome["taken"]) == (True, True, True), name
        assert loud(outcome) == [], name


SECRET = "not-so-secret"
WRONG = {
    "a wrong password": "rediss://:not-so-secret@localhost:{tls}/0?ssl_ca_certs={ca}",
    "no password": "rediss://localhost:{tls}/0?ssl_ca_certs={ca}",
    "a certificate that a stranger vouches for": "rediss://:not-so-secret@localhost:{tls}/0?ssl_ca_certs={stranger}",
    "a certificate that nobody vouches for": "rediss://:not-so-secret@localhost:{tls}/0",
    "a certificate that is not there": "rediss://:not-so-secret@localhost:{tls}/0?ssl_ca_certs=/nowhere/ca.pem",
    "no TLS where there must be": "redis://:not-so-secret@localhost:{tls}/0",
    "TLS where there is none": "rediss://:not-so-secret@localhost:{plain}/0?ssl_ca_certs={ca}",
    "a parameter that does not exist": "rediss://:not-so-secret@localhost:{tls}/0?ssl_ca=/nowhere/ca.pem",
}


def test_what_is_wrong_is_said_once_without_the_secret_and_stops_nothing(secured: Secured) -> None:
    for name, outcome in zip(WRONG, tried(secured, WRONG.values()), strict=True):
        assert (outcome["connected"], outcome["heard"], outcome["taken"]) == (False, False, False), name
        assert len(loud(outcome)) == 1, (name, loud(outcome))
        assert loud(outcome)[0].startswith("WARNING Redis is away ("), name
        assert not any(SECRET in line for line in outcome["said"]), name


def loud(outcome: dict[str, Any]) -> list[str]:
    """What an operator would see."""
    return [line for line in outcome["said"] if not line.startswith("INFO")]
