"""The REST calls on an in-memory store, in this process: the real parts, with time and people set by the test."""

from collections.abc import Callable, Iterable
from typing import Any

import flask
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin
from werkzeug.test import TestResponse

from app.accounts.wire import User
from app.channels.actions import Channels
from app.channels.queries import ChannelQueries
from app.channels.routes import channels_api
from app.channels.views import ChannelViews
from app.core.ids import ChannelId, SessionId, UserId
from app.core.problems import install_problems
from app.core.rates import Rate
from app.inbox.delivered import Delivered
from app.inbox.read_markers import ReadMarkers
from app.messages.actions import Messages
from app.messages.queries import History
from app.messages.routes import messages_api
from app.store.committer import DirectCommitter
from app.store.committing import Done
from app.store.drafts import AnyDraft
from app.store.memory_store import MemoryStore
from app.store.port import Outcome, Unknown

MINJI, JIHO, SORA, HARU = (UserId(f"{number:016x}") for number in (0xA1, 0xB2, 0xC3, 0xD4))


class SetClock:
    """Time as the test sets it."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self.ms = now_ms

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000


class Timers:
    """`later`, which happens when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waiting: list[tuple[float, Callable[[], None]]] = []

    def after(self, seconds: float, function: Callable[[], None]) -> None:
        self.waiting.append((self.now + seconds, function))

    def advance(self, seconds: float) -> None:
        """Let time pass, everything due happening at its own time."""
        until = self.now + seconds
        while due := sorted(
            (entry for entry in self.waiting if entry[0] <= until), key=lambda entry: entry[0]
        ):
            self.waiting.remove(due[0])
            self.now = due[0][0]
            due[0][1]()
        self.now = until


class People:
    """The directory: whoever was added."""

    def __init__(self, ids: Iterable[UserId]) -> None:
        self._users = {
            user_id: User(id=user_id, username=user_id, display_name=user_id, avatar_id=None)
            for user_id in ids
        }

    def add(self, user_id: UserId) -> UserId:
        self._users[user_id] = User(id=user_id, username=user_id, display_name=user_id, avatar_id=None)
        return user_id

    def users(self, user_ids: Iterable[UserId]) -> dict[UserId, User]:
        return {user_id: self._users[user_id] for user_id in user_ids if user_id in self._users}


class Committing:
    """A committer that can be made to fail as a broken disk does, or to keep its answers back."""

    def __init__(self, store: MemoryStore) -> None:
        self._inner = DirectCommitter(store, lambda batch: None)
        self.broken = False
        self.holding = False
        self.held: list[Callable[[], None]] = []
        self.drafts: list[AnyDraft] = []

    def submit(self, draft: AnyDraft, done: Done) -> None:
        self.drafts.append(draft)
        if self.holding:
            self.held.append(lambda: done(self.commit(draft)))
        else:
            done(self.commit(draft))

    def commit(self, draft: AnyDraft) -> Outcome:
        return Unknown("The disk failed.") if self.broken else self._inner.commit(draft)


class SignedIn(UserMixin):
    """The person named by the bearer token."""

    def __init__(self, user_id: UserId) -> None:
        self.user_id = user_id
        self.session_id = SessionId("00000000000000ff")
        self.is_admin = False


class Rest:
    """All of it, built once a test."""

    def __init__(self, rate: Rate | None = None, calls: Rate | None = None) -> None:
        self.clock = SetClock()
        self.timers = Timers()
        self.store = MemoryStore(self.clock)
        self.people = People([MINJI, JIHO, SORA, HARU])
        self.committer = Committing(self.store)
        self.moved: list[tuple[UserId, ChannelId, int]] = []
        self.delivered = Delivered()
        self.markers = ReadMarkers(
            self.store, self.committer, self.timers.after, lambda *moved: self.moved.append(moved)
        )
        views = ChannelViews(self.people)
        queries = ChannelQueries(self.store, views, self.markers, self.delivered)
        self.messages = Messages(self.committer, rate)
        self.apis = [
            channels_api(Channels(self.committer, self.people, self.clock, calls), queries, self.markers),
            messages_api(self.messages, History(self.store)),
        ]
        self.app = flask.Flask(__name__)
        self.app.secret_key = b"only for tests"
        install_problems(self.app)
        manager = LoginManager(self.app)
        manager.request_loader(_bearer)
        for api in self.apis:
            self.app.register_blueprint(api.blueprint)

    def by(self, user_id: UserId) -> "Asking":
        return Asking(self.app.test_client(), user_id)

    def direct(self, user_id: UserId = MINJI, peer_id: UserId = JIHO) -> str:
        """The direct channel of two."""
        answer = self.by(user_id).post("/channels", {"kind": "direct", "member_ids": [peer_id]})
        return str(answer.json["channel"]["id"])

    def group(self, owner_id: UserId = MINJI, *member_ids: UserId, name: str = "마루") -> str:
        """A group's id."""
        body = {"kind": "group", "name": name, "member_ids": list(member_ids)}
        return str(self.by(owner_id).post("/channels", body).json["channel"]["id"])


class Asking:
    """One person's calls."""

    def __init__(self, client: FlaskClient, user_id: UserId) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {user_id}"}

    def get(self, path: str) -> TestResponse:
        return self._client.get(f"/api/v1{path}", headers=self._headers)

    def post(self, path: str, body: Any) -> TestResponse:
        return self._client.post(f"/api/v1{path}", headers=self._headers, json=body)

    def patch(self, path: str, body: Any) -> TestResponse:
        return self._client.patch(f"/api/v1{path}", headers=self._headers, json=body)

    def put(self, path: str, body: Any) -> TestResponse:
        return self._client.put(f"/api/v1{path}", headers=self._headers, json=body)

    def delete(self, path: str) -> TestResponse:
        return self._client.delete(f"/api/v1{path}", headers=self._headers)

    def say(self, channel_id: str, text: str, number: int | None = None) -> TestResponse:
        """Send a message; its `client_message_id` counts up unless given."""
        identity = uuid_of(next(_numbers) if number is None else number)
        return self.post(f"/channels/{channel_id}/messages", {"client_message_id": identity, "text": text})


def uuid_of(number: int) -> str:
    return f"018f0000-0000-7000-8000-{number:012x}"


_numbers = iter(range(1_000_000, 2_000_000))


def _bearer(request: flask.Request) -> SignedIn | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return SignedIn(UserId(token)) if scheme == "Bearer" else None
