"""The opening handshake (RFC 6455 4.2.1): what is asked, and whether a WebSocket comes of it."""

from collections.abc import Iterable
from dataclasses import dataclass

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # of RFC 6455 1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
RIGHT = {
    "Host": "maru.test",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}

Header = tuple[str, str]


@dataclass(frozen=True)
class Handshake:
    """One row. `status`: Maru's; a peer agrees if it says 101 where Maru does, and something else or nothing where Maru
    refuses."""

    says: str
    status: int
    headers: tuple[Header, ...]
    line: str = "GET {} HTTP/1.1"
    differs: str = ""

    def __str__(self) -> str:
        return self.says

    def spell(self, path: str, further: Iterable[str]) -> bytes:
        """The octets of the request; `further` headers are lines already."""
        lines = [
            self.line.format(path),
            *(f"{name}: {value}" for name, value in self.headers),
            *further,
            "",
            "",
        ]
        return "\r\n".join(lines).encode("latin-1")


def headers(changed: dict[str, str | None]) -> tuple[Header, ...]:
    """The right ones with some changed, added, or (None) left out."""
    return tuple((name, value) for name, value in {**RIGHT, **changed}.items() if value is not None)


def asked(says: str, status: int, name: str = "", value: str | None = None, differs: str = "") -> Handshake:
    """A row with one header changed."""
    return Handshake(says, status, headers({name: value} if name else {}), differs=differs)


def requested(says: str, status: int, line: str, differs: str = "") -> Handshake:
    """A row with another request line."""
    return Handshake(says, status, headers({}), line, differs)


def twice(says: str, status: int, name: str, value: str) -> Handshake:
    """A row with one header more."""
    return Handshake(says, status, (*headers({}), (name, value)))


REQUEST_LINES = [
    requested("the handshake of the RFC is answered", 101, "GET {} HTTP/1.1"),
    requested("a POST is refused", 405, "POST {} HTTP/1.1"),
    requested("a HEAD is refused", 405, "HEAD {} HTTP/1.1"),
    requested("a PUT is refused", 405, "PUT {} HTTP/1.1"),
    requested("an OPTIONS opens no WebSocket", 200, "OPTIONS {} HTTP/1.1"),
    requested("HTTP/1.0 opens no WebSocket", 426, "GET {} HTTP/1.0"),
    requested("a request without a version of HTTP opens no WebSocket", 426, "GET {}"),
    requested(
        "HTTP/1.2 is answered",
        101,
        "GET {} HTTP/1.2",
        "4.2.1 asks for 1.1 or higher, RFC 9110 2.5 to take a higher minor version for the highest one knows.",
    ),
    requested("a query is passed over", 101, "GET {}?v=1 HTTP/1.1"),
    requested(
        "an address with a fragment is not found",
        400,
        "GET {}#x HTTP/1.1",
        "RFC 6455 3 and RFC 9112 3.2 know no fragment in what is asked for.",
    ),
    requested(
        "an address with the host in it is not found",
        400,
        "GET http://maru.test{} HTTP/1.1",
        "4.2.1 allows it, but only proxies are asked so (RFC 9112 3.2.2), and those ask a server by the path.",
    ),
]

UPGRADES = [
    asked("Upgrade: WebSocket is answered", 101, "Upgrade", "WebSocket"),
    asked("Upgrade: WEBSOCKET is answered", 101, "Upgrade", "WEBSOCKET"),
    asked("Upgrade: h2c, websocket is refused", 426, "Upgrade", "h2c, websocket"),
    asked("Upgrade: websocket/13 is refused", 426, "Upgrade", "websocket/13"),
    asked("Upgrade: h2c is refused", 426, "Upgrade", "h2c"),
    asked("no Upgrade is refused", 426, "Upgrade"),
    twice("a second Upgrade to something else is refused", 426, "Upgrade", "h2c"),
    asked("Connection: upgrade is answered", 101, "Connection", "upgrade"),
    asked("Connection: keep-alive, Upgrade is answered", 101, "Connection", "keep-alive, Upgrade"),
    asked("Connection: Upgrade,keep-alive is answered", 101, "Connection", "Upgrade,keep-alive"),
    asked("Connection with spaces and a tab is answered", 101, "Connection", " keep-alive ,\tUPGRADE "),
    asked("Connection: keep-alive is refused", 426, "Connection", "keep-alive"),
    asked("Connection: Upgraded is refused", 426, "Connection", "Upgraded"),
    asked("no Connection is refused", 426, "Connection"),
    twice("a second Connection line is read with the first", 101, "Connection", "keep-alive"),
]

KEYS = [
    asked("no key is refused", 400, "Sec-WebSocket-Key"),
    asked("an empty key is refused", 400, "Sec-WebSocket-Key", ""),
    asked("a short key is refused", 400, "Sec-WebSocket-Key", "c2hvcnQ="),
    asked("a key of 15 bytes is refused", 400, "Sec-WebSocket-Key", "A" * 20),
    asked("a key of 17 bytes is refused", 400, "Sec-WebSocket-Key", "A" * 23 + "="),
    asked("a key of 18 bytes is refused", 400, "Sec-WebSocket-Key", "A" * 24),
    asked("a key without its padding is refused", 400, "Sec-WebSocket-Key", "A" * 22),
    asked("a key that is no base64 is refused", 400, "Sec-WebSocket-Key", "!" * 24),
    asked("a key in the base64 of addresses is refused", 400, "Sec-WebSocket-Key", "-_" * 11 + "=="),
    asked("a key that is not ASCII is refused", 400, "Sec-WebSocket-Key", "\u00e9" * 24),
    asked("a key among spaces is answered", 101, "Sec-WebSocket-Key", f"  {KEY}  "),
    twice("two keys are refused", 400, "Sec-WebSocket-Key", KEY),
]

VERSIONS = [
    asked("no version is refused", 426, "Sec-WebSocket-Version"),
    *(
        asked(f"version {version} is refused", 426, "Sec-WebSocket-Version", version)
        for version in ("0", "7", "8", "14", "013", "13.0", "13, 8", "thirteen")
    ),
    asked("version 13 among spaces is answered", 101, "Sec-WebSocket-Version", " 13 "),
    twice("two versions are refused", 426, "Sec-WebSocket-Version", "13"),
]

DEFLATE = "permessage-deflate; client_max_window_bits"
OFFERS = [
    asked("an offer of compression is declined", 101, "Sec-WebSocket-Extensions", DEFLATE),
    asked("offers of unknown extensions are declined", 101, "Sec-WebSocket-Extensions", "x-a; b=1, x-c"),
    asked("an empty offer of extensions is passed over", 101, "Sec-WebSocket-Extensions", ""),
    asked(
        "an offer of extensions with a bad spelling is passed over",
        101,
        "Sec-WebSocket-Extensions",
        "x-a; =;;",
    ),
    asked("an offer of a subprotocol is declined", 101, "Sec-WebSocket-Protocol", "chat"),
    asked("offers of subprotocols are declined", 101, "Sec-WebSocket-Protocol", "chat, superchat"),
    asked(
        "an offer of subprotocols with a bad spelling is passed over",
        101,
        "Sec-WebSocket-Protocol",
        "chat,,@",
        "There are no subprotocols here, so the header is not read (4.2.2: the server may decline all).",
    ),
]

HEADERS = [
    Handshake(
        "header names in lower case are read",
        101,
        tuple((name.lower(), value) for name, value in RIGHT.items()),
    ),
    Handshake(
        "header names in upper case are read",
        101,
        tuple((name.upper(), value) for name, value in RIGHT.items()),
    ),
    Handshake(
        "ninety more headers are passed over", 101, (*headers({}), *((f"X-{n}", "y") for n in range(90)))
    ),
    asked("a long header is passed over", 101, "X-Long", "x" * 7_000),
    asked("an endless header is refused", 400, "X-Long", "x" * 200_000),
    asked("a body of no bytes is none", 101, "Content-Length", "0"),
    asked("a body that is announced is not waited for", 101, "Content-Length", "5"),
]

HANDSHAKES = REQUEST_LINES + UPGRADES + KEYS + VERSIONS + OFFERS + HEADERS
