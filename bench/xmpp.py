"""XMPP over WebSocket (RFC 7395), as the load generator speaks it to any server of it.

A group is a room (XEP-0045), and hearing one's own message from the room is its acknowledgement. Between two people a
request of stream management follows each message (XEP-0198); the server answers it after it has archived and routed
what came before.
"""

import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from bench.peer import Kind, Peer, Seat, Target, running
from tests.serving import free_port

HOST = "localhost"
PASSWORD = "secret"
ROOMS = f"conference.{HOST}"
OPEN = f"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{HOST}' version='1.0'/>"
SIGN_IN = f"""
header Sec-WebSocket-Protocol: xmpp
say {OPEN}
await features
say <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{{token}}</auth>
await <success
say {OPEN}
await features
say <iq xmlns='jabber:client' type='set' id='bound'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>
await bound
say <presence xmlns='jabber:client'/>
await <presence
failed <failure
heard <message
"""
IN_A_ROOM = f"""
say <presence xmlns='jabber:client' to='everybody@{ROOMS}/{{user}}'><x xmlns='http://jabber.org/protocol/muc'>\
<history maxstanzas='0'/></x></presence>
await <subject
message <message xmlns='jabber:client' to='everybody@{ROOMS}' type='groupchat' id='{{uuid}}'>\
<body>{{text}}</body></message>
acked_by_hearing
"""
BETWEEN_TWO = f"""
speakers say <enable xmlns='urn:xmpp:sm:3'/>
speakers await <enabled
message <message xmlns='jabber:client' to='{{channel}}@{HOST}' type='chat' id='{{uuid}}'>\
<body>{{text}}</body></message>
follow <r xmlns='urn:xmpp:sm:3'/>
acked <a
reply <r => <a xmlns='urn:xmpp:sm:3' h='0'/>
"""


class XmppPeer(Peer):
    """A server whose accounts `person0`, `person1`, … of PASSWORD are kept in the folder `populated`. `path`: of its
    WebSocket."""

    path: ClassVar[str]

    def command(self, accounts: Path, folder: Path, port: int) -> list[str]:
        """Run it on these accounts; what else it writes goes into the folder."""
        raise NotImplementedError

    @contextmanager
    def serve(self, folder: Path) -> Iterator[Target]:
        """On a copy of the accounts, so that each round begins with the same."""
        port, served = free_port(), folder / "served"
        shutil.rmtree(served, ignore_errors=True)
        shutil.copytree(folder / "populated", served)
        with running(self.command(served, folder, port), port, folder) as process:
            yield Target(port, (process.pid,))

    def dialect(self, kind: Kind) -> str:
        return f"path {self.path}\n{SIGN_IN}{IN_A_ROOM if kind == 'group' else BETWEEN_TWO}"

    def seat(self, folder: Path, number: int, kind: Kind) -> Seat:
        """Neighbours talk to each other."""
        user = f"person{number}"
        token = b64encode(f"\0{user}\0{PASSWORD}".encode()).decode()
        return Seat(user, token, "everybody" if kind == "group" else f"person{number ^ 1}")
