"""A chat on Flask-SocketIO as its documentation has it: gevent, Redis as message queue, a room a channel, the event's
return value as acknowledgement. Nothing is stored. Usage: flask_socketio_server.py PORT REDIS_SOCKET SECRET
"""

from gevent import monkey

monkey.patch_all()

import hmac  # noqa: E402
import sys  # noqa: E402
from hashlib import sha256  # noqa: E402
from typing import Any  # noqa: E402

from flask import Flask  # noqa: E402
from flask import session as mine  # noqa: E402
from flask_socketio import SocketIO, emit, join_room  # noqa: E402
from socketio import RedisManager  # noqa: E402

PORT, REDIS, SECRET = int(sys.argv[1]), sys.argv[2], sys.argv[3].encode()
app = Flask(__name__)
app.secret_key = SECRET
socketio = SocketIO(
    app, async_mode="gevent", client_manager=RedisManager(f"unix://{REDIS}"), cors_allowed_origins="*"
)


@socketio.on("connect")
def connect(auth: dict[str, str]) -> bool:
    claim, _, signature = auth["token"].rpartition(":")
    if not hmac.compare_digest(signature, hmac.new(SECRET, claim.encode(), sha256).hexdigest()):
        return False
    mine["channel"] = claim.split(":")[1]
    join_room(mine["channel"])
    emit("live")
    return True


@socketio.on("message")
def say(message: dict[str, Any]) -> str:
    if message["channel"] == mine["channel"]:
        emit("message", message, to=message["channel"])
    return "ok"


socketio.run(app, host="127.0.0.1", port=PORT, log_output=False)
