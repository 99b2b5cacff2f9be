"""Builds every object once and wires them; the only file that knows all of them."""

import secrets
from collections.abc import Sequence, Set
from pathlib import Path
from typing import NoReturn

import flask
import flask_sock
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

from app.accounts.actions import Accounts
from app.accounts.contacts import Contacts
from app.accounts.directory import Directory
from app.accounts.login import install_login
from app.accounts.outbox import Outbox
from app.accounts.passwords import Passwords, argon2id
from app.accounts.routes import accounts_api, contacts_api
from app.accounts.search import People
from app.accounts.sessions import Sessions
from app.accounts.throttle import Throttle
from app.bus.embedded import EmbeddedValkey
from app.bus.leases import Leases
from app.bus.port import Broker
from app.bus.redis_broker import RedisBroker
from app.bus.redis_leases import RedisLeases
from app.channels.actions import Channels
from app.channels.queries import ChannelQueries
from app.channels.routes import channels_api
from app.channels.views import ChannelViews
from app.config import ROLES, CannotServe, Config, Role, read_secret
from app.core.api import PREFIX, Api
from app.core.clock import Clock, SystemClock
from app.core.db import Base, Database, workers_for
from app.core.documents import documents_api
from app.core.engines import engine_options
from app.core.errors import Unavailable
from app.core.ids import UserId
from app.core.loop import EventLoop
from app.core.migrate import migrate
from app.core.origin import require_same_origin
from app.core.pages import add_security_headers, pages
from app.core.problems import install_problems
from app.core.rates import TokenBuckets
from app.core.spacing import Spaced
from app.core.threads import NativeThreads
from app.discovery.commands import Commands
from app.discovery.orders import Obedience, Wish, drain_sentence
from app.discovery.path import OwnPath
from app.discovery.readiness import Readiness
from app.discovery.registry import Entry, Registry
from app.discovery.routes import asked_at, discovery_api, operations_api, ranked_here
from app.discovery.servers import Servers
from app.discovery.tickets import Tickets
from app.housekeeping import Housekeeping
from app.inbox.delivered import Delivered
from app.inbox.hints import Hints
from app.inbox.read_markers import ReadMarkers
from app.inbox.tail import Tail
from app.invites.actions import Invites
from app.invites.routes import invites_api
from app.jobs.claims import Claims
from app.jobs.daily import Daily
from app.jobs.port import Job
from app.jobs.runner import Runner
from app.messages.actions import Messages
from app.messages.queries import History
from app.messages.routes import messages_api
from app.presence.actions import PresenceDesk
from app.presence.routes import presence_api
from app.realtime.admission import Admission
from app.realtime.announcements import Announcements
from app.realtime.asyncapi import asyncapi_document
from app.realtime.catch_up import CatchUp
from app.realtime.departure import Departure
from app.realtime.desk import Desk
from app.realtime.devices import Devices
from app.realtime.doorstep import Doorstep
from app.realtime.ephemera import Ephemera, presence_frame
from app.realtime.farewell import Farewell, Live
from app.realtime.hub import Hub
from app.realtime.pulse import Pulse
from app.realtime.routes import WebSockets, sync_api, websocket_blueprint
from app.realtime.sync import Sync
from app.realtime.upgrade import TAKEN, Upgrade
from app.realtime.websocket import Flusher
from app.store.committer import GroupCommitter
from app.store.lmdb_store import LmdbStore
from app.store.port import Committed

VERSION = "0.1.0"
PAGE_FOLDER = Path(__file__).parent / "static" / "dist"
# Of one person: what they say, edit and delete; whom they call on (conversations, members, contacts).
SENDS_A_SECOND, SEND_BURST = 10, 60
CALLS_A_SECOND, CALL_BURST = 1, 300
HINT_SECONDS = 0.005  # between two hints of a busy process: each costs as much Python as a hundred deliveries
JOBS_TOPIC = b"jobs"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WEB: Set[Role] = frozenset({"web"})
CHAT: Set[Role] = frozenset({"chat"})
EITHER = WEB | CHAT  # a client may send by REST to the chat server it is on


def build_commands(config: Config) -> Commands:
    """An operator's commands to a Maru that runs. Raises CannotServe where there never was one."""
    if not (config.folder / "secrets" / "installation").is_file():
        raise CannotServe(f"There is no Maru in {config.folder}. Set MARU_DATA.")
    installation = read_secret(config.folder, "installation").hex()
    broker = RedisBroker(config.redis_url or EmbeddedValkey(config.folder).url, installation)
    return Commands(broker, Registry(broker, SystemClock()))


def _refuse() -> NoReturn:
    raise Unavailable("This server is for something else; ask another one.", retry_after=1)


class Maru:
    """One process of the chat: the Flask application and what lives beside it."""

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        """Opens the stores and starts the embedded Valkey when no other is configured; serves nothing yet."""
        self._config = config
        self._clock = clock or SystemClock()
        self.server_id = f"s-{secrets.token_hex(4)}"
        self.loop = EventLoop()
        self.app = flask.Flask(__name__, static_folder=None)
        migrate(config.sqlalchemy_url, config.folder)
        self.valkey = None if config.redis_url else EmbeddedValkey(config.folder)
        self.store = LmdbStore(config.store_folder, self._clock, map_bytes=config.store_map_bytes)
        self.broker, self.leases = self._make_bus()
        self._build_discovery()
        self._build_live()
        self._build_people()
        self._build_jobs()
        self._build_conversation()
        self._build_web()
        self._build_departure()
        self.housekeeping = Housekeeping(
            loop=self.loop, broker=self.broker, store=self.store, tail=self.tail, pulse=self.pulse,
            presence=self.presence, registry=self.registry, sessions=self.sessions, announcements=self.announcements,
        )  # fmt: skip

    # --- parts, each before those that stand on it -------------------------------------------------------------

    def _make_bus(self) -> tuple[Broker, Leases]:
        installation = read_secret(self._config.folder, "installation").hex()
        if self.valkey is None:
            url = str(self._config.redis_url)
            return RedisBroker(url, installation), RedisLeases(url, installation)
        self.valkey.start()
        url = self.valkey.url
        return RedisBroker(url, installation, self.valkey.ensure_running), RedisLeases(url, installation)

    def _build_discovery(self) -> None:
        """Which servers are alive, and what others are told of this one."""
        own = self._own_entry() if "chat" in self._config.roles else None
        self.registry = Registry(self.broker, self._clock, own, self._load)
        self.servers = Servers(self.registry, self._config.public_origin)

    def _own_entry(self) -> Entry:
        return Entry(
            instance=self.server_id,
            id=self._config.server_id or self.server_id,
            address=self._config.own_address,
            region=self._config.region,
            capacity=self._config.capacity,
        )

    def _load(self) -> tuple[int, int]:
        """Live clients, and how late the loop is in milliseconds."""
        return len(self.pulse) + len(self.sync.held), round(self.loop.lag_ms)

    def _build_live(self) -> None:
        """From a commit to those who hear it here, and to other processes."""
        epoch = self.store.epoch()
        self.tail = Tail(self.store, self.loop.next_turn)
        self.hub = Hub(epoch)
        self.tail.listen(self.hub.deliver)
        spaced = Spaced(self.loop.soon, self.loop.after, self._clock.monotonic, HINT_SECONDS)
        self.hints = Hints(self.broker, self.tail, epoch, spaced)
        self.committer = GroupCommitter(self.store, self._committed)
        self.pulse = Pulse(lambda: self.tail.position)
        self.ephemera = Ephemera(hub=self.hub, broker=self.broker, store=self.store, clock=self._clock)
        self.announcements = Announcements(self.broker, self.hub, self.pulse, self.ephemera)

    def _committed(self, commits: Sequence[Committed]) -> None:
        self.tail.offer(commits)
        self.hints.add(commits)

    def _build_people(self) -> None:
        self.app.config.update(
            SQLALCHEMY_DATABASE_URI=self._config.sqlalchemy_url,
            SQLALCHEMY_ENGINE_OPTIONS=engine_options(self._config.sqlalchemy_url),
        )
        orm = SQLAlchemy(self.app, model_class=Base)
        self.database = Database(self.app, orm, workers_for(self._config.sqlalchemy_url))
        self.sessions = Sessions(self.database, self._clock, self.announcements.session_ended)
        self.directory = Directory(self.database)
        self.announcements.listen(self.sessions, self.directory, self.loop.spawn)
        throttle = Throttle(self._clock, enabled=self._config.rate_limits)
        self.invites = Invites(self.database, self._clock, self._config.signup, self._config.server_name)
        passwords = Passwords(NativeThreads(threads=2, waiting=100), argon2id())
        self.accounts = Accounts(
            self.database, self.sessions, passwords, self.directory, throttle, self._clock,
            self._config.signup, self.invites.use, self.announcements.user_changed, lambda: self._ring("outbox"),
        )  # fmt: skip
        self.tail.listen(self._forget_changed)

    def _forget_changed(self, commits: Sequence[Committed]) -> None:
        """A name at hand is stale once its change was committed, whether or not the broker told us."""
        for commit in commits:
            if commit.kind == "settings":
                self.directory.forget(UserId(commit.channel_id))

    def _build_jobs(self) -> None:
        """What runs in the background, once among all servers that have the role."""
        self.runner: Runner | None = None
        if "worker" not in self._config.roles:
            return
        tidy = Daily(self._clock, [self.sessions.prune, self.invites.prune])
        jobs = [Job("outbox", Outbox(self.database, self.committer).work), Job("tidy", tidy.work)]
        claims = Claims(self.database, self.server_id)
        self.runner = Runner(jobs, claims, self._clock, lambda: self.broker.publish(JOBS_TOPIC, b""))
        self.broker.subscribe(JOBS_TOPIC, self.runner.hear)

    def _ring(self, job: str) -> None:
        """There is work for whichever server does this job. Without the broker it is found within seconds."""
        self.broker.publish(JOBS_TOPIC, job.encode())
        if self.runner is not None:
            self.runner.wake(job)

    def _build_conversation(self) -> None:
        """Channels, messages, and the live side of them."""
        self.delivered = Delivered()
        self.views = ChannelViews(self.directory)
        self.markers = ReadMarkers(self.store, self.committer, self.loop.after, self.ephemera.receipt)
        self.messages = Messages(self.committer, self._rate(SENDS_A_SECOND, SEND_BURST))
        self.devices = Devices()
        self.presence = self._make_presence()
        self.tail.listen(self.presence.taken)
        catch_up = CatchUp(
            store=self.store,
            views=self.views,
            server=self.server_id,
            later=self.loop.next_turn,
            spawn=self.loop.spawn,
        )
        self.desk = Desk(
            epoch=self.store.epoch(), position=lambda: self.tail.position, hub=self.hub, messages=self.messages,
            markers=self.markers, ephemera=self.ephemera, catch_up=catch_up, delivered=self.delivered,
            devices=self.devices, pulse=self.pulse, presence=self.presence,
        )  # fmt: skip
        serves = "chat" in self._config.roles
        self.admission = Admission(self._clock, self._config.handshakes_per_second, serves=serves)
        self.sync = Sync(
            store=self.store, views=self.views, hub=self.hub, devices=self.devices, delivered=self.delivered,
            admission=self.admission, presence=self.presence,
        )  # fmt: skip

    def _rate(self, per_second: float, burst: float) -> TokenBuckets | None:
        return TokenBuckets(per_second, burst, self._clock) if self._config.rate_limits else None

    def _make_presence(self) -> PresenceDesk:
        return PresenceDesk(
            instance=self.server_id, broker=self.broker, leases=self.leases, servers=self.registry, store=self.store,
            visibilities=self.accounts.visibilities, clock=self._clock, later=self.loop.next_turn,
            spawn=self.loop.spawn, frame=presence_frame, lag_ms=lambda: self.loop.lag_ms,
        )  # fmt: skip

    def _build_web(self) -> None:
        """The routes, and what holds for all of them."""
        self.app.wsgi_app = OwnPath(self.app.wsgi_app, self._config.server_id)  # type: ignore[method-assign]
        install_problems(self.app)
        secure, proxies = self._config.secure_cookies, self._config.trusted_proxies
        install_login(self.app, self.sessions, self._secret(), secure, proxies)
        self.app.before_request(self._require_same_origin)
        self.app.after_request(self._add_security_headers)
        self.tickets = Tickets(self.leases, self.sessions.ended)
        for roles, api in self._apis():
            self._serve(roles, api.blueprint)
        flask_sock.Server = Upgrade
        self.flusher = Flusher(self.loop.soon)
        self.doorstep = self._make_doorstep()
        websockets = WebSockets(self.desk, self.flusher, self.loop.native, self.admission, self.doorstep)
        self._serve(CHAT, websocket_blueprint(flask_sock.Sock(), websockets))
        self._serve(WEB, pages(PAGE_FOLDER))

    def _serve(self, roles: Set[Role], blueprint: flask.Blueprint) -> None:
        """Register it; where this process plays none of the roles, every call says so."""
        if not roles & self._config.roles:
            blueprint.before_request(_refuse)
        self.app.register_blueprint(blueprint)

    def _make_doorstep(self) -> Doorstep | None:
        """Only a server on a host of its own is visited by pages of another."""
        url, origin = self._config.server_url, self._config.public_origin
        if url is None or url == origin:
            return None
        return Doorstep(self.tickets.redeem, self.loop.spawn, self.loop.after, origin)

    def _build_departure(self) -> None:
        """How it goes away, when it is asked to."""
        self.farewell = Farewell(
            live=self._live_clients, held=lambda: self.sync.held, elsewhere=self.servers, settle=self.committer.settle,
            handshakes_per_second=self._config.handshakes_per_second, clock=self._clock,
        )  # fmt: skip
        self.departure = Departure(self.readiness, self.registry, self.admission, self.farewell)
        if (own := self.registry.own()) is not None:
            Obedience(self.broker, frozenset({own.id, own.instance}), self._obey)

    def _live_clients(self) -> list[Live]:
        return [*self.pulse.all(), *(self.doorstep.strangers if self.doorstep else ())]

    def _obey(self, wish: Wish) -> tuple[bool, str]:
        if wish == "drain":
            self.loop.spawn(self.departure.go)
            return True, drain_sentence(clients=self._load()[0], others=self.servers.others())
        if self.departure.stay():
            return True, "It takes clients again."
        return False, "It is ending, and cannot take clients again."

    def _apis(self) -> list[tuple[Set[Role], Api]]:
        """With the roles of which a process needs one to answer."""
        self.readiness = Readiness({"store": self.store.check, "database": self._check_database})
        people = People(self.database, self.directory)
        queries = ChannelQueries(self.store, self.views, self.markers, self.delivered)
        calls = self._rate(CALLS_A_SECOND, CALL_BURST)
        channels = Channels(self.committer, self.directory, self._clock, calls)
        contacts = Contacts(self.store, self.committer, self.directory, calls)
        apis: list[tuple[Set[Role], Api]] = [
            (WEB, accounts_api(self.accounts, self.sessions, people, ranked_here(self.servers))),
            (WEB, contacts_api(contacts)),
            (WEB, invites_api(self.invites)),
            (EITHER, channels_api(channels, queries, self.markers)),
            (EITHER, messages_api(self.messages, History(self.store))),
            (EITHER, presence_api(self.presence)),
            (CHAT, sync_api(self.sync)),
            (ROLES, discovery_api(self.servers, self.tickets)),
            (ROLES, operations_api(self.readiness, VERSION)),
        ]
        documents = documents_api([api for _, api in apis], asyncapi_document(VERSION), VERSION)
        return [*apis, (WEB, documents)]

    def _check_database(self) -> str | None:
        self.database.read(lambda session: session.scalar(text("SELECT 1")))
        return None

    def _secret(self) -> bytes:
        return read_secret(self._config.folder, "cookies")

    def _require_same_origin(self) -> None:
        request = flask.request
        to_socket = request.path == f"{PREFIX}/ws"
        if request.method in SAFE_METHODS and not to_socket:
            return
        if to_socket and self.doorstep is not None and self.doorstep.is_for(request.headers):
            return
        own = (f"http://{request.host}", f"https://{request.host}")
        require_same_origin(request.headers, self._config.public_origin, own)

    def _add_security_headers(self, response: flask.Response) -> flask.Response:
        if TAKEN in flask.request.environ:
            return response
        return add_security_headers(response, self.servers.elsewhere(asked_at()))

    # --- its life ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to listen to other processes and to keep house."""
        self.loop.measure_lag()
        self.broker.start()
        self.housekeeping.start()
        if self.runner is not None:
            self.runner.start()

    def stop(self) -> None:
        """End it where no server is in front of it. In a greenlet."""
        self.say_goodbye()
        self.close()

    def say_goodbye(self) -> None:
        """End every live connection and held request, after all they asked for was answered. Waits, for seconds at
        most; at once after `hurry`.

        Requests that are being answered, or still come on links that are open, find everything they need.
        """
        self.departure.final = True
        self.departure.go()
        self.farewell.wait_for_last_frames(lambda: self.flusher.open_sockets)
        self.registry.leave()

    def hurry(self) -> None:
        """Whoever asked to end it has no more patience."""
        self.farewell.hurry()

    def close(self) -> None:
        """Finish what was submitted, and close the stores, once nothing asks them any more. Waits."""
        if self.runner is not None:
            self.runner.stop()
        self.committer.stop()
        self.broker.stop()
        self.loop.stop()
        self.leases.close()
        self.database.close()
        self.housekeeping.close()
        self.store.close()
        if self.valkey is not None:
            self.valkey.stop()
