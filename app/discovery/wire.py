"""What the calls of discovery and operations answer."""

import msgspec

from app.accounts.wire import ServerEntry


class ServersQuery(msgspec.Struct, frozen=True):
    """`region`: where the client is, in the operator's own names."""

    region: str = ""


class ServersAnswer(msgspec.Struct, frozen=True):
    """Best first. `ticket` is for `hello` on a server of another host, good once and for a minute; null when none of
    them is on another host."""

    servers: list[ServerEntry]
    ticket: str | None = None


class HealthAnswer(msgspec.Struct, frozen=True):
    """The process is up."""

    status: str = "ok"


class ReadyAnswer(msgspec.Struct, frozen=True):
    """Everything that is needed is reachable, and the server is not going away. `checks`: what was looked at."""

    status: str
    checks: list[str]


class VersionAnswer(msgspec.Struct, frozen=True):
    version: str
