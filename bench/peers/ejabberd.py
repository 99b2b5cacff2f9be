"""ejabberd, Debian's package, with its archive on: run as a process of its own from a folder of its own."""

import subprocess
from pathlib import Path

from bench import xmpp
from bench.peer import Unavailable, setup
from tests.serving import free_port

CONFIG = """
hosts: [{host}]
loglevel: error
listen:
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_http
    backlog: 4096
    request_handlers:
      /ws: ejabberd_http_ws
auth_method: internal
auth_password_format: plain
websocket_timeout: 300
modules:
  mod_mam:
    default: always
    db_type: mnesia
  mod_muc:
    host: {rooms}
    max_users: 1000
    default_room_options:
      mam: true
      persistent: true
  mod_stream_mgmt: {{}}
"""
ACCOUNTS = """
application:ensure_all_started(ejabberd),
[ok = ejabberd_auth:try_register(<<"person", (integer_to_binary(N))/binary>>, <<"{host}">>, <<"{password}">>)
 || N <- lists:seq(0, {last})],
init:stop().
"""


class Ejabberd(xmpp.XmppPeer):
    name = "ejabberd"
    title = "ejabberd, archive in Mnesia"
    path = "/ws"
    lacks = (
        "its archive is a table on disk that is not synced before it is acknowledged; a room's order is its own, "
        "a person's devices catch up from the archive by time"
    )

    def prepare(self) -> dict[str, str]:
        setup(["deploy/setup/bench.sh", "ejabberd"])
        asked = ["dpkg-query", "--show", "--showformat", "${Package} ${Version}\n", "ejabberd", "erlang-base"]
        shown = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
        return dict(line.split() for line in shown)

    def populate(self, folder: Path, people: int) -> None:
        names = {"host": xmpp.HOST, "password": xmpp.PASSWORD, "last": people - 1}
        (folder / "populated").mkdir()
        command = erlang(folder / "populated", folder, free_port(), "-eval", ACCOUNTS.format(**names))
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if ran.returncode:
            raise Unavailable(f"accounts could not be made: {(ran.stdout + ran.stderr)[-500:]}")

    def command(self, accounts: Path, folder: Path, port: int) -> list[str]:
        return erlang(accounts, folder, port)


def erlang(database: Path, folder: Path, port: int, *more: str) -> list[str]:
    """What ejabberdctl would run, without a name in the network, on a database and with a configuration of its own."""
    config = folder / "ejabberd.yml"
    config.write_text(CONFIG.format(host=xmpp.HOST, rooms=xmpp.ROOMS, port=port))
    libraries = next(Path("/usr/lib").glob("*/ejabberd-*/ebin")).parents[1]
    environment = {
        "EJABBERD_CONFIG_PATH": config,
        "EJABBERD_LOG_PATH": folder / "ejabberd.log",
        "ERL_LIBS": libraries,
    }
    return [
        "env", *(f"{name}={value}" for name, value in environment.items()),
        "erl", "+K", "true", "+P", "250000", "+Q", "65536", "-noinput", "-mnesia", "dir", f'"{database}"',
        "-s", "ejabberd", *more,
    ]  # fmt: skip


PEER = Ejabberd()
