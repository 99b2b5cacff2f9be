"""Prosody, Debian's package, with its archive on: run as a process of its own from a folder of its own."""

import subprocess
from pathlib import Path

from bench import xmpp
from bench.peer import setup

CONFIG = """
data_path = "{data}"
pidfile = "{data}/prosody.pid"
run_as_root = true
log = {{ error = "{folder}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports, s2s_ports, https_ports, legacy_ssl_ports = {{}}, {{}}, {{}}, {{}}
http_ports = {{ {port} }}
http_interfaces = {{ "127.0.0.1" }}
consider_websocket_secure = true
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
storage = "internal"
archive_expires_after = "never"
network_backend = "epoll"
network_settings = {{ tcp_backlog = 4096 }}
modules_enabled = {{ "saslauth", "disco", "websocket", "smacks", "mam", "http" }}
modules_disabled = {{ "s2s", "offline" }}
VirtualHost "{host}"
  http_host = "127.0.0.1"
Component "{rooms}" "muc"
  modules_enabled = {{ "muc_mam" }}
  muc_log_by_default = true
  muc_log_all_rooms = true
  muc_room_locking = false
"""


class Prosody(xmpp.XmppPeer):
    name = "prosody"
    title = "Prosody, archive in files"
    path = "/xmpp-websocket"
    lacks = (
        "its archive is files that are not synced before it is acknowledged; a room's order is its own, a person's "
        "devices catch up from the archive by time; one process only"
    )

    def prepare(self) -> dict[str, str]:
        setup(["deploy/setup/bench.sh", "prosody"])
        asked = ["dpkg-query", "--show", "--showformat", "${Version}", "prosody"]
        return {"prosody": subprocess.run(asked, capture_output=True, text=True, check=True).stdout}

    def populate(self, folder: Path, people: int) -> None:
        """As its internal storage keeps accounts: a file each."""
        accounts = folder / "populated" / xmpp.HOST / "accounts"
        accounts.mkdir(parents=True)
        for number in range(people):
            (accounts / f"person{number}.dat").write_text(
                f'return {{ ["password"] = "{xmpp.PASSWORD}"; }};\n'
            )

    def command(self, accounts: Path, folder: Path, port: int) -> list[str]:
        config = folder / "prosody.cfg.lua"
        names = {"data": accounts, "folder": folder, "port": port, "host": xmpp.HOST, "rooms": xmpp.ROOMS}
        config.write_text(CONFIG.format(**names))
        return ["prosody", "-F", "--config", str(config)]


PEER = Prosody()
