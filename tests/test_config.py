"""The settings: what they default to, and the one sentence for each that cannot be used."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import Config, ConfigError, read_config, read_secret

EXAMPLE = Path(__file__).parents[1] / ".env.example"


def sentence(**environment: str) -> str:
    """What is said about settings that cannot be used."""
    with pytest.raises(ConfigError) as raised:
        read_config(environment)
    return str(raised.value)


def test_with_nothing_set_it_is_the_server_of_one_machine() -> None:
    assert read_config({}) == Config(folder=Path("instance").absolute())


def test_an_empty_setting_is_as_good_as_none() -> None:
    names = (
        "HOST",
        "PORT",
        "MARU_DATA",
        "MARU_PUBLIC_URL",
        "MARU_SIGNUP",
        "REDIS_URL",
        "MARU_STORE",
        "DATABASE_URL",
    )
    assert read_config(dict.fromkeys(names, "")) == read_config({})


def test_every_setting_of_the_example_is_read_and_none_is_missing_there() -> None:
    said = set(re.findall(r"^#([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    source = (Path(__file__).parents[1] / "app/config.py").read_text()
    assert said == set(re.findall(r'"((?:MARU|[A-Z]+)_[A-Z_]+|PORT|HOST)"', source))


def test_the_values_of_the_example_are_what_leaving_them_out_means() -> None:
    shown = dict(re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))
    assert read_config(shown) == read_config({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "８０"),
        ("MARU_WORKERS", "0"),
        ("MARU_WORKERS", "65"),
        ("MARU_CAPACITY", "0"),
        ("MARU_HANDSHAKES", "-1"),
        ("PORT", "8e3"),
    ],
)
def test_a_number_that_is_none_is_named_with_its_range(name: str, value: str) -> None:
    assert sentence(**{name: value}).startswith(f"{name} must be a whole number from ")
    assert repr(value) in sentence(**{name: value})


def test_a_word_that_is_no_choice_is_named_with_the_choices() -> None:
    assert sentence(MARU_SIGNUP="maybe") == "MARU_SIGNUP must be open, invite or closed, not 'maybe'."
    assert sentence(MARU_RATE_LIMITS="no") == "MARU_RATE_LIMITS must be on or off, not 'no'."


@pytest.mark.parametrize(
    "url",
    ["chat.example.org", "ftp://chat.example.org", "https://", "https://a.example/chat", "https://a.example?x=1",
     "https://me:secret@a.example", "https://[::1", "https://a.example:port", "https://a.example:99999"],
)  # fmt: skip
def test_a_public_url_is_an_origin_and_nothing_more(url: str) -> None:
    assert sentence(MARU_PUBLIC_URL=url).startswith("MARU_PUBLIC_URL must look like https://chat.example.org")


@pytest.mark.parametrize(
    ("url", "origin", "secure"),
    [("https://chat.example.org/", "https://chat.example.org", True),
     ("http://localhost:8000", "http://localhost:8000", False),
     ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", True)],
)  # fmt: skip
def test_the_public_url_decides_the_origin_and_whether_cookies_are_secure(
    url: str, origin: str, secure: bool
) -> None:
    config = read_config({"MARU_PUBLIC_URL": url})
    assert (config.public_origin, config.secure_cookies) == (origin, secure)


@pytest.mark.parametrize(
    "url", ["localhost:6379", "valkey://localhost", "redis://", "unix://", "redis://h:port", "redis://[::1"]
)
def test_a_redis_url_that_cannot_be_one_is_refused_without_repeating_it(url: str) -> None:
    """It may hold a password."""
    assert (
        sentence(REDIS_URL=url) == "REDIS_URL must look like redis://host:6379/0, rediss://… or unix:///path."
    )


@pytest.mark.parametrize("url", ["redis://cache:6379/0", "rediss://:secret@cache", "unix:///run/valkey.sock"])
def test_a_redis_url_is_taken_as_it_is(url: str) -> None:
    assert read_config({"REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize(
    "url", ["mysql://me:secret@db/maru", "postgresql://me:secret@db", "postgresql://me:secret@db/", "sqlite:///", "db"]
)  # fmt: skip
def test_a_database_url_that_cannot_be_one_is_refused_without_repeating_it(url: str) -> None:
    assert sentence(DATABASE_URL=url) == (
        "DATABASE_URL must look like sqlite:///path or postgresql://user:password@host/name."
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_by_psycopg_however_its_url_is_written(scheme: str) -> None:
    config = read_config({"DATABASE_URL": f"{scheme}://me:p%40ss@db:5433/maru?sslmode=require"})
    assert config.sqlalchemy_url == "postgresql+psycopg://me:p%40ss@db:5433/maru?sslmode=require"


def test_a_store_of_another_kind_is_refused_by_name() -> None:
    assert (
        sentence(MARU_STORE="cassandra:db")
        == "MARU_STORE must begin with lmdb: in this version, not 'cassandra:db'."
    )
    assert "MARU_STORE" in sentence(MARU_STORE="lmdb:much")


def test_a_process_plays_all_roles_or_those_that_are_named() -> None:
    assert read_config({"MARU_ROLES": "all"}).roles == {"web", "chat", "worker"}
    assert read_config({"MARU_ROLES": "chat, web"}).roles == {"web", "chat"}
    assert sentence(MARU_ROLES="chat,cook").startswith(
        "MARU_ROLES must be all, or some of web, chat and worker"
    )
    assert sentence(MARU_ROLES="all,chat").startswith("MARU_ROLES must be")
    assert sentence(MARU_ROLES=",").startswith("MARU_ROLES must be")


@pytest.mark.parametrize("setting", ["MARU_SERVER_ID", "MARU_REGION"])
@pytest.mark.parametrize("name", ["A", "a/b", "-a", "a b", "a" * 33, "é"])
def test_a_name_that_cannot_stand_in_a_path_is_refused(setting: str, name: str) -> None:
    assert sentence(**{setting: name}).startswith(f"{setting} must be up to 32 small letters")


@pytest.mark.parametrize(
    ("environment", "address"),
    [({}, ""), ({"MARU_SERVER_ID": "a"}, "/s/a"), ({"MARU_SERVER_ID": "a" * 32}, "/s/" + "a" * 32),
     ({"MARU_SERVER_ID": "a", "MARU_SERVER_URL": "https://chat-2.example.org/"}, "https://chat-2.example.org")],
)  # fmt: skip
def test_a_chat_server_has_a_path_by_its_name_or_an_address_of_its_own(
    environment: dict[str, str], address: str
) -> None:
    assert read_config(environment).own_address == address


def test_proxies_are_trusted_by_address_or_network() -> None:
    config = read_config({"MARU_TRUSTED_PROXIES": "10.1.0.0/16, 2001:db8::7"})
    assert list(map(str, config.trusted_proxies)) == ["10.1.0.0/16", "2001:db8::7/128"]
    assert sentence(MARU_TRUSTED_PROXIES="proxy.internal").startswith(
        "MARU_TRUSTED_PROXIES must be addresses"
    )
    assert sentence(MARU_TRUSTED_PROXIES="10.1.0.1/16").startswith("MARU_TRUSTED_PROXIES must be addresses")


def test_the_store_is_bounded_in_mebibytes() -> None:
    assert read_config({"MARU_STORE": "lmdb:64"}).store_map_bytes == 64 << 20


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        secret = read_secret(tmp_path, "cookies")
    finally:
        os.umask(before)
    assert len(secret) == 32
    assert read_secret(tmp_path, "cookies") == secret
    assert read_secret(tmp_path, "installation") != secret
    assert stat.S_IMODE((tmp_path / "secrets" / "cookies").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_a_secret_that_was_being_written_when_the_power_went_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "cookies.new").write_bytes(b"half")
    assert len(read_secret(tmp_path, "cookies")) == 32


def test_processes_that_start_together_share_one_secret(tmp_path: Path) -> None:
    program = "import sys, pathlib, app.config as c; print(c.read_secret(pathlib.Path(sys.argv[1]), 'cookies').hex())"
    command = [sys.executable, "-c", program, str(tmp_path)]
    started = [
        subprocess.Popen(command, cwd=EXAMPLE.parent, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    said = {process.communicate()[0].strip() for process in started}
    assert said == {read_secret(tmp_path, "cookies").hex()}
