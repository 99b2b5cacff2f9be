"""The REST calls: accounts, channels, messages, `/sync`. Every answer is checked against the documents."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, cast
from weakref import WeakSet

import aiohttp

from tests.client.validation import PREFIX, Checks, Documents, Unchecked
from tests.client.wire import Channel, Event, Json, Problem, Unreachable, Violation, decode, encode

TIMEOUT_SECONDS = 15.0
CLOSE_SECONDS = 5.0
SHARED_FRAMES = 256


@dataclass(frozen=True)
class Reply:
    """An HTTP answer as it came. `kind` is the content type, `cookies` those that it sets."""

    status: int
    kind: str
    retry_after: str | None
    cookies: Mapping[str, str]
    content: bytes


class Server:
    """One server's address with kept-alive connections, shared by all people who use it from here."""

    def __init__(
        self,
        base_url: str,
        checks: Checks | None = None,
        http: aiohttp.ClientSession | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`trust`: whose certificates are believed; None: those that the system believes."""
        self.base_url = base_url.rstrip("/")
        self.checks = checks or Unchecked()
        self.trust = trust
        self._frames: dict[bytes, Json] = {}
        self._siblings: dict[str, Server] = {}
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._http = http or aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=30, ssl=trust or True, socket_factory=self._open
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    @property
    def ws_url(self) -> str:
        return "ws" + self.base_url.removeprefix("http") + PREFIX + "/ws"

    def _open(self, address: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, *_ = address
        opened = socket.socket(family, kind, protocol)
        opened.setblocking(False)
        self._sockets.add(opened)
        return opened

    async def close(self) -> None:
        """End all connections; those in TLS would else wait for the other side to end them too."""
        await self._http.close()
        async with asyncio.timeout(CLOSE_SECONDS):
            while left := [one for one in self._sockets if one.fileno() >= 0]:
                for one in left:
                    with suppress(OSError):
                        one.shutdown(socket.SHUT_RDWR)
                await asyncio.sleep(0.001)

    def parse_frame(self, raw: bytes) -> Json:
        """A checked frame. The same bytes go to many people: they are parsed once and share the result."""
        frame = self._frames.get(raw)
        if frame is None:
            frame = decode(raw)
            self.checks.heard(frame)
            if len(self._frames) >= SHARED_FRAMES:
                self._frames.clear()
            self._frames[raw] = frame
        return frame

    async def learn(self) -> Documents:
        """Fetch and compile the server's documents; from now on everything is checked against them."""
        guest = Rest(self)
        documents = Documents(
            await guest.call("GET", "/openapi.json"), await guest.call("GET", "/asyncapi.json")
        )
        self.checks = documents
        return documents

    def at(self, base_url: str) -> "Server":
        """The same server behind another address (a proxy), with the same documents."""
        return Server(base_url, self.checks, trust=self.trust)

    def sibling(self, base_url: str) -> "Server":
        """Another server beside this one; the same each time, and its connections are closed with this one's."""
        if base_url not in self._siblings:
            self._siblings[base_url] = Server(base_url, self.checks, self._http, self.trust)
        return self._siblings[base_url]

    async def request(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, query: Json, timeout: float
    ) -> Reply:
        """Ask once, redirects not followed. Raises Unreachable."""
        try:
            async with self._http.request(
                method,
                self.base_url + path,
                data=body,
                params={name: str(value) for name, value in query.items() if value is not None},
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=timeout),
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
                retry_after = answer.headers.get("Retry-After")
                cookies = _cookies(answer.headers.getall("Set-Cookie", []))
                return Reply(answer.status, answer.content_type, retry_after, cookies, content)
        except (aiohttp.ClientError, TimeoutError, ConnectionError, asyncio.IncompleteReadError) as error:
            raise Unreachable(f"{method} {path}: {error!r}") from error


class Rest:
    """One person's session by bearer token, as programs have it, or by cookie, as browsers do; without, a guest."""

    def __init__(self, server: Server, headers: Mapping[str, str] | None = None) -> None:
        self.server = server
        self.headers = dict(headers or {})

    async def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        **query: str | int | bool | None,
    ) -> Any:
        """Call below the API's prefix and return the JSON of the answer, None for 204.

        Raises Problem for a refusal, Unreachable when nobody can say what became of it.
        """
        return (await self.exchange(method, path, body, timeout=timeout, **query))[1]

    async def exchange(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        **query: str | int | bool | None,
    ) -> tuple[Reply, Any]:
        """The same, with the reply itself."""
        path = PREFIX + path
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
            self.server.checks.request(method, path, body)
        raw = None if body is None else encode(body)
        reply = await self.server.request(method, path, headers, raw, query, timeout)
        if (reply.content or reply.status >= 400) and not reply.kind.endswith("json"):
            raise _foreign(reply, method, path)
        answer = decode(reply.content) if reply.content else None
        self.server.checks.answer(method, path, reply.status, reply.kind, answer)
        if reply.status >= 400:
            raise problem(reply.status, answer or {}, reply.retry_after)
        return reply, answer

    # Accounts

    async def sign_up(
        self, username: str, password: str, display_name: str, invite: str | None = None
    ) -> tuple["Rest", Json]:
        """Make an account; returns the session that comes with it, by cookie, and the user."""
        body: Json = {"username": username, "password": password, "display_name": display_name}
        if invite is not None:
            body["invite"] = invite
        reply, answer = await self.exchange("POST", "/auth/signup", body)
        return self._with_cookies(reply), answer["user"]

    def _with_cookies(self, reply: Reply) -> "Rest":
        pairs = "; ".join(f"{name}={value}" for name, value in reply.cookies.items())
        return Rest(self.server, {"Cookie": pairs})

    async def sign_in(self, username: str, password: str) -> tuple["Rest", Json]:
        """A session of its own by token, and the user."""
        body = {"username": username, "password": password, "token": True}
        answer = await self.call("POST", "/auth/login", body)
        return Rest(self.server, {"Authorization": f"Bearer {answer['token']}"}), answer["user"]

    async def sign_out(self) -> None:
        await self.call("POST", "/auth/logout")

    # Channels

    async def direct(self, user_id: str) -> Channel:
        return await self._channel("POST", "/channels", {"kind": "direct", "member_ids": [user_id]})

    async def group(self, name: str, member_ids: list[str]) -> Channel:
        body = {"kind": "group", "name": name, "member_ids": member_ids}
        return await self._channel("POST", "/channels", body)

    async def channel(self, channel_id: str) -> Channel:
        return await self._channel("GET", f"/channels/{channel_id}")

    async def _channel(self, method: str, path: str, body: Json | None = None) -> Channel:
        return cast(Channel, (await self.call(method, path, body))["channel"])

    async def channels(self) -> list[Channel]:
        return cast(list[Channel], (await self.call("GET", "/channels"))["channels"])

    async def members(self, channel_id: str) -> list[Json]:
        return cast(list[Json], (await self.call("GET", f"/channels/{channel_id}/members"))["members"])

    async def add_member(self, channel_id: str, user_id: str) -> None:
        await self.call("POST", f"/channels/{channel_id}/members", {"user_id": user_id})

    async def remove_member(self, channel_id: str, user_id: str) -> None:
        await self.call("DELETE", f"/channels/{channel_id}/members/{user_id}")

    async def mark_read(self, channel_id: str, seq: int) -> None:
        await self.call("PUT", f"/channels/{channel_id}/read", {"seq": seq})

    # Messages

    async def send(
        self, channel_id: str, client_message_id: str, text: str, reply_to: int | None = None
    ) -> tuple[Event, bool]:
        """Return the event and whether it is the answer to an earlier attempt."""
        body: Json = {"client_message_id": client_message_id, "text": text}
        if reply_to is not None:
            body["reply_to"] = reply_to
        reply, answer = await self.exchange("POST", f"/channels/{channel_id}/messages", body)
        duplicate = answer.get("duplicate", False)
        if duplicate is not (reply.status == 200):
            raise Violation(f"201 is new and 200 is a duplicate, this is {reply.status}: {answer}")
        return answer["event"], duplicate

    async def edit(self, channel_id: str, target: int, client_message_id: str, text: str) -> Event:
        body = {"client_message_id": client_message_id, "text": text}
        answer = await self.call("PATCH", f"/channels/{channel_id}/messages/{target}", body)
        return cast(Event, answer["event"])

    async def delete(self, channel_id: str, target: int) -> None:
        await self.call("DELETE", f"/channels/{channel_id}/messages/{target}")

    async def page(self, channel_id: str, **bounds: int) -> Json:
        """A page of history: `events`, `has_before`, `has_after`."""
        path = f"/channels/{channel_id}/messages"
        return cast(Json, await self.call("GET", path, None, timeout=TIMEOUT_SECONDS, **bounds))

    async def events(self, channel_id: str, after: int, limit: int = 200) -> Json:
        """A page of the log."""
        return cast(Json, await self.call("GET", f"/channels/{channel_id}/events", after=after, limit=limit))

    async def log(self, channel_id: str) -> list[Event]:
        """The whole log, page by page."""
        found: list[Event] = []
        while True:
            answer = await self.events(channel_id, found[-1]["seq"] if found else 0)
            found += answer["events"]
            if not answer["has_after"]:
                return found

    # Discovery

    async def servers(self, region: str = "") -> Json:
        """`servers`, best first, and a `ticket` if one of them is on another host."""
        return cast(Json, await self.call("GET", "/servers", region=region))

    # Catching up

    async def sync(
        self, cursor: str | None, wait: int = 0, device: str | None = None, active: bool = True
    ) -> Json:
        return cast(
            Json,
            await self.call(
                "GET",
                "/sync",
                timeout=TIMEOUT_SECONDS + wait,
                cursor=cursor,
                wait=wait,
                device=device,
                active="true" if active else "false",
            ),
        )


def problem(status: int, answer: Json, retry_after: str | None = None) -> Problem:
    """The refusal that a problem document states. Its parts must agree with the HTTP around it."""
    said = answer.get("retry_after")
    if answer["status"] != status or (said is not None) is not (retry_after is not None):
        raise Violation(f"a problem that contradicts its headers: {status} {retry_after} {answer}")
    return Problem(status, answer["code"], answer["detail"], said, answer.get("fields"))


def _cookies(headers: list[str]) -> dict[str, str]:
    """Names and values of Set-Cookie headers."""
    found: SimpleCookie = SimpleCookie()
    for header in headers:
        found.load(header)
    return {name: morsel.value for name, morsel in found.items()}


def _foreign(reply: Reply, method: str, path: str) -> Exception:
    """What somebody on the way answered (a proxy's 502), or the server if it answers anything but JSON."""
    if reply.status in (400, 502, 503, 504):
        return Unreachable(f"{method} {path}: {reply.status} by somebody else")
    return Violation(f"{method} {path}: {reply.status} and no JSON: {reply.content[:200]!r}")
