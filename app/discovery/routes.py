"""Discovery and operations over HTTP."""

from collections.abc import Callable

import flask

from app.accounts.wire import ServerEntry
from app.core.api import Access, Api, Caller
from app.discovery.readiness import Readiness
from app.discovery.servers import Servers, is_elsewhere
from app.discovery.tickets import Tickets
from app.discovery.wire import HealthAnswer, ReadyAnswer, ServersAnswer, ServersQuery, VersionAnswer


def ranked_here(servers: Servers) -> Callable[[], list[ServerEntry]]:
    """The servers for whoever is asking in the present request."""
    return lambda: servers.ranked(asked_at())


def asked_at() -> str:
    """The origin that the present request came to, as its client sees it: a proxy in front may speak TLS.

    Whoever sends that header tells it of the answer to themselves only."""
    request = flask.request
    said = request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip()
    return f"{said if said in ('http', 'https') else request.scheme}://{request.host}"


def discovery_api(servers: Servers, tickets: Tickets) -> Api:
    """Which chat server to use."""
    api = Api("discovery")

    @api.operation("GET", "/servers", query=ServersQuery, answer=ServersAnswer)
    def list_servers(caller: Caller, query: ServersQuery) -> ServersAnswer:
        """The chat servers a client may connect to, best first."""
        found = servers.ranked(asked_at(), query.region)
        elsewhere = any(is_elsewhere(entry.url, servers.origin(asked_at())) for entry in found)
        return ServersAnswer(found, tickets.issue(caller) if elsewhere else None)

    return api


def operations_api(readiness: Readiness, version: str) -> Api:
    """What watches over the process asks for, at the root."""
    api = Api("operations", prefix="")

    @api.operation("GET", "/healthz", answer=HealthAnswer, access=Access.ANYONE)
    def get_health() -> HealthAnswer:
        """Whether the process is up."""
        return HealthAnswer()

    @api.operation(
        "GET", "/readyz", answer=ReadyAnswer, access=Access.ANYONE, errors=("unavailable", "draining")
    )
    def get_readiness() -> ReadyAnswer:
        """Whether people may be sent here: stores reachable, not going away."""
        return ReadyAnswer("ready", readiness.require())

    @api.operation("GET", "/version", answer=VersionAnswer, access=Access.ANYONE)
    def get_version() -> VersionAnswer:
        """Which version of Maru this is."""
        return VersionAnswer(version)

    return api
