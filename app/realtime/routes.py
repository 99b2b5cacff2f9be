"""Where live connections and catching up are reached: `/ws` and `/sync`."""

import sys
from typing import Any, NoReturn

import flask
from flask_sock import Sock

from app.core.api import PREFIX, Access, Api, Caller, require_caller
from app.discovery.routes import asked_at
from app.realtime.admission import Admission
from app.realtime.connection import Connection
from app.realtime.desk import Desk
from app.realtime.doorstep import Doorstep, Holder, LetIn, Stranger
from app.realtime.sync import Sync, SyncAnswer, SyncQuery
from app.realtime.upgrade import Upgrade, UpgradeRequired
from app.realtime.websocket import Flusher, WebSocket
from app.realtime.wire import Close


def sync_api(sync: Sync) -> Api:
    """Poll and long poll."""
    api = Api("realtime")

    @api.operation(
        "GET", "/sync", query=SyncQuery, answer=SyncAnswer, errors=("superseded", "draining", "unavailable")
    )
    def catch_up(caller: Caller, query: SyncQuery) -> bytes:
        """What this person has missed since the cursor; held up to `wait` seconds when that is nothing."""
        return sync.answer(caller, query)

    return api


class WebSockets:
    """What a handshake becomes: the socket leaves the WSGI server and speaks with a connection on the event loop."""

    def __init__(
        self, desk: Desk, flusher: Flusher, loop: Any, admission: Admission, doorstep: Doorstep | None = None
    ) -> None:
        """`doorstep`: for those who come from a page on another host, where this server is on one of its own."""
        self._desk = desk
        self._flusher = flusher
        self._loop = loop
        self._admission = admission
        self._doorstep = doorstep

    def require_welcome(self) -> None:
        """Raises what a handshake is refused with, before anything of it costs much."""
        if flask.request.headers.get("Upgrade", "").lower() != "websocket":
            raise UpgradeRequired
        self._admission.require_handshake()
        if self._visited() is None:
            require_caller(Access.SIGNED_IN)

    def _visited(self) -> Doorstep | None:
        """The doorstep, if this handshake is for it."""
        doorstep = self._doorstep
        return doorstep if doorstep is not None and doorstep.is_for(flask.request.headers) else None

    def open(self, upgrade: Upgrade) -> None:
        """Begin to speak with whoever shook hands."""
        transport = WebSocket(upgrade.socket, self._loop, self._flusher)
        speaker = self._speaker(transport, sys.intern(asked_at()))  # one string for all, and not one for each
        transport.open(speaker, upgrade.early)
        if self._admission.draining:  # since it was let in: finding out who it is may have taken a while
            speaker.close(Close.DRAIN)

    def _speaker(self, transport: WebSocket, origin: str) -> Connection | Stranger:
        if (doorstep := self._visited()) is not None:
            return doorstep.meet(transport, self._let_in(transport, origin), origin)
        caller = require_caller(Access.SIGNED_IN)
        assert caller is not None
        return self._connect(transport, caller, origin)

    def _connect(self, transport: WebSocket, holder: Holder, origin: str) -> Connection:
        connection = Connection(transport, self._desk, holder.user_id, holder.session_id, origin)
        self._desk.pulse.add(connection)
        return connection

    def _let_in(self, transport: WebSocket, origin: str) -> LetIn:
        def let_in(holder: Holder) -> Connection:
            connection = self._connect(transport, holder, origin)
            transport.speak_with(connection)
            return connection

        return let_in


def websocket_blueprint(sock: Sock, websockets: WebSockets) -> flask.Blueprint:
    """The WebSocket. Who may not connect is refused before the 101, as on every other route."""
    blueprint = flask.Blueprint("websocket", __name__, url_prefix=PREFIX)
    blueprint.before_request(websockets.require_welcome)

    @sock.route("/ws", bp=blueprint)  # type: ignore[untyped-decorator]  # flask-sock has no types
    def websocket(upgrade: Upgrade) -> None:
        websockets.open(upgrade)

    @blueprint.get("/ws")
    def plain() -> NoReturn:
        """So that who asks without a handshake is told what is missing: `require_welcome` answers first."""
        raise UpgradeRequired

    return blueprint
