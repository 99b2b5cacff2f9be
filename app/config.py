"""One frozen Config, read from the environment once."""

import fcntl
import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import SplitResult, urlsplit

import msgspec

Signup = Literal["open", "invite", "closed"]
Role = Literal["web", "chat", "worker"]
Network = IPv4Network | IPv6Network

ROLES: frozenset[Role] = frozenset(get_args(Role))
LOOPBACK = "127.0.0.0/8,::1"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class CannotServe(Exception):
    """Why the process cannot begin; the text is one sentence for the person who started it."""


class ConfigError(CannotServe):
    """A setting that cannot be used."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting. `.env.example` says what leaving one out means."""

    host: str = "127.0.0.1"
    port: int = 8000
    folder: Path = Path("instance")
    public_url: str | None = None
    signup: Signup = "invite"
    workers: int = 1
    roles: frozenset[Role] = ROLES
    server_id: str | None = None
    server_url: str | None = None
    region: str = ""
    capacity: int = 10_000
    handshakes_per_second: int = 200
    trusted_proxies: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1"))
    rate_limits: bool = True
    database_url: str | None = None
    redis_url: str | None = None
    store_map_bytes: int = 1 << 40

    @property
    def public_origin(self) -> str | None:
        """Scheme, host and port people's browsers show; None: whatever `Host` was asked for."""
        if self.public_url is None:
            return None
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def own_address(self) -> str:
        """Where clients reach this very chat server: a whole URL for one on a host of its own, a path of the public
        origin for one with a name, "" for one that is reached there like all the others."""
        return self.server_url or (f"/s/{self.server_id}" if self.server_id else "")

    @property
    def server_name(self) -> str:
        """What people call this server: the host they type, where one is configured."""
        return (self.public_url and urlsplit(self.public_url).hostname) or "Maru"

    @property
    def secure_cookies(self) -> bool:
        return self.public_url is not None and self.public_url.startswith("https:")

    @property
    def sqlalchemy_url(self) -> str:
        """SQLAlchemy's URL; PostgreSQL always by psycopg, however its URL is written."""
        if self.database_url is None:
            return f"sqlite:///{(self.folder / 'maru.db').absolute()}"
        scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in _POSTGRESQL else self.database_url

    @property
    def store_folder(self) -> Path:
        return self.folder / "store"


def read_config(environment: Mapping[str, str] | None = None) -> Config:
    """The settings of the environment. Raises ConfigError with a sentence that names the setting."""
    env = os.environ if environment is None else environment
    return Config(
        host=env.get("HOST") or "127.0.0.1",
        port=_number(env, "PORT", 8000, 0, 65_535),
        folder=Path(env.get("MARU_DATA") or "instance").absolute(),
        public_url=_origin(env, "MARU_PUBLIC_URL"),
        signup=_signup(env.get("MARU_SIGNUP") or "invite"),
        workers=_number(env, "MARU_WORKERS", 1, 1, 64),
        roles=_roles(env.get("MARU_ROLES") or "all"),
        server_id=_name(env, "MARU_SERVER_ID") or None,
        server_url=_origin(env, "MARU_SERVER_URL"),
        region=_name(env, "MARU_REGION"),
        capacity=_number(env, "MARU_CAPACITY", 10_000, 1, 1_000_000),
        handshakes_per_second=_number(env, "MARU_HANDSHAKES", 200, 1, 100_000),
        trusted_proxies=_networks(env.get("MARU_TRUSTED_PROXIES") or LOOPBACK),
        rate_limits=_switch(env, "MARU_RATE_LIMITS"),
        database_url=_database_url(env.get("DATABASE_URL")),
        redis_url=_redis_url(env.get("REDIS_URL")),
        store_map_bytes=_map_bytes(env),
    )


def read_secret(folder: Path, name: str) -> bytes:
    """A random secret of 32 bytes that lives in the data folder; made once, readable by its owner only.

    Processes that start together make one, not two, and none of them sees half of it.
    """
    folder = folder / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    turn = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        path = folder / name
        if not path.exists():
            _write_secret(path)
        return path.read_bytes()
    finally:
        fcntl.flock(turn, fcntl.LOCK_UN)  # gevent's `os.close` closes later, when its loop runs
        os.close(turn)


def _write_secret(path: Path) -> None:
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _number(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ConfigError(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)


def _switch(env: Mapping[str, str], name: str) -> bool:
    text = (env.get(name) or "on").lower()
    if text not in ("on", "off"):
        raise ConfigError(f"{name} must be on or off, not {text!r}.")
    return text == "on"


def _signup(text: str) -> Signup:
    for choice in get_args(Signup):
        if text == choice:
            return choice  # type: ignore[no-any-return]  # get_args is untyped
    raise ConfigError(f"MARU_SIGNUP must be open, invite or closed, not {text!r}.")


def _roles(text: str) -> frozenset[Role]:
    """`all`, or some of the roles with commas between."""
    named = {word.strip() for word in text.split(",")}
    if named == {"all"}:
        return ROLES
    if not named <= ROLES:
        raise ConfigError(
            f"MARU_ROLES must be all, or some of web, chat and worker with commas, not {text!r}."
        )
    return frozenset(role for role in ROLES if role in named)


def _name(env: Mapping[str, str], setting: str) -> str:
    """A short name that can stand in a path; "" when it is not given."""
    text = env.get(setting) or ""
    if text and not _NAME.fullmatch(text):
        raise ConfigError(f"{setting} must be up to 32 small letters, digits and hyphens, not {text!r}.")
    return text


def _origin(env: Mapping[str, str], setting: str) -> str | None:
    """A URL of a scheme and a host, and nothing more."""
    text = env.get(setting)
    if not text:
        return None
    parts = _url(text)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
        or (parts.path.strip("/"), parts.query, parts.fragment) != ("", "", "")
    ):
        raise ConfigError(f"{setting} must look like https://chat.example.org, not {text!r}.")
    return text.rstrip("/")


def _networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks with commas between."""
    try:
        return tuple(ip_network(word.strip()) for word in text.split(","))
    except ValueError:
        raise ConfigError(
            f"MARU_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, with commas, not {text!r}."
        ) from None


def _redis_url(text: str | None) -> str | None:
    """Not repeated in the sentence: it may hold a password."""
    if not text:
        return None
    parts = _url(text)
    if parts is None or not (
        parts.path if parts.scheme == "unix" else parts.scheme in ("redis", "rediss") and parts.hostname
    ):
        raise ConfigError("REDIS_URL must look like redis://host:6379/0, rediss://… or unix:///path.")
    return text


def _url(text: str) -> SplitResult | None:
    """The parts of a URL; None when its host or port cannot be one."""
    try:
        parts = urlsplit(text)
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


def _database_url(text: str | None) -> str | None:
    """Not repeated in the sentence: it may hold a password."""
    if not text:
        return None
    parts = _url(text)
    is_sqlite = text.startswith("sqlite:///") and len(text) > len("sqlite:///")
    if not is_sqlite and (parts is None or parts.scheme not in _POSTGRESQL or not parts.path.strip("/")):
        raise ConfigError(
            "DATABASE_URL must look like sqlite:///path or postgresql://user:password@host/name."
        )
    return text


def _map_bytes(env: Mapping[str, str]) -> int:
    """`MARU_STORE=lmdb:` takes its largest size after the colon in MiB; mostly for tests of a full store."""
    text = env.get("MARU_STORE") or "lmdb:"
    if not text.startswith("lmdb:"):
        raise ConfigError(f"MARU_STORE must begin with lmdb: in this version, not {text!r}.")
    size = text.removeprefix("lmdb:")
    return _number({"MARU_STORE": size}, "MARU_STORE", 1 << 20, 16, 1 << 24) << 20
