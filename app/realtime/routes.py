"""Where live connections and catching up are reached: `/ws` and `/sync`."""

from typing import Any

import flask
from flask_sock import Sock

from app.core.api import PREFIX, Access, Api, Caller, require_caller
from app.realtime.connection import Connection
from app.realtime.desk import Desk
from app.realtime.sync import Sync, SyncAnswer, SyncQuery
from app.realtime.upgrade import Upgrade
from app.realtime.websocket import Flusher, WebSocket


def sync_api(sync: Sync) -> Api:
    """Poll and long poll."""
    api = Api("realtime")

    @api.operation("GET", "/sync", query=SyncQuery, answer=SyncAnswer, errors=("superseded", "draining"))
    def catch_up(caller: Caller, query: SyncQuery) -> bytes:
        """What this person has missed since the cursor; held up to `wait` seconds when that is nothing."""
        return sync.answer(caller, query)

    return api


def websocket_blueprint(sock: Sock, desk: Desk, flusher: Flusher, loop: Any) -> flask.Blueprint:
    """The WebSocket. Who may not connect is refused before the 101, as on every other route."""
    blueprint = flask.Blueprint("websocket", __name__, url_prefix=PREFIX)

    @blueprint.before_request
    def require_sign_in() -> None:
        require_caller(Access.SIGNED_IN)

    @sock.route("/ws", bp=blueprint)  # type: ignore[untyped-decorator]  # flask-sock has no types
    def websocket(upgrade: Upgrade) -> None:
        caller = require_caller(Access.SIGNED_IN)
        assert caller is not None
        transport = WebSocket(upgrade.socket, loop, flusher)
        connection = Connection(transport, desk, caller.user_id, caller.session_id)
        desk.pulse.add(connection)
        transport.open(connection, upgrade.early)

    return blueprint
