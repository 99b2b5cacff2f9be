"""A server of people only, inside the test process: real database, real cookies, real argon2 (cheap parameters)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from app.accounts.actions import Accounts
from app.accounts.contacts import Contacts
from app.accounts.directory import Directory
from app.accounts.login import install_login
from app.accounts.outbox import Outbox
from app.accounts.passwords import Passwords
from app.accounts.routes import accounts_api, contacts_api
from app.accounts.search import People
from app.accounts.sessions import Sessions
from app.accounts.throttle import Throttle
from app.accounts.wire import ServerEntry, User
from app.config import Signup
from app.core.db import Base, Database, workers_for
from app.core.engines import engine_options
from app.core.ids import SessionId, UserId
from app.core.migrate import migrate
from app.core.problems import install_problems
from app.core.rates import TokenBuckets
from app.core.threads import NativeThreads
from app.invites.actions import Invites
from app.invites.routes import invites_api
from app.store.drafts import AnyDraft
from app.store.memory_store import MemoryStore
from app.store.port import Outcome

PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class SetClock:
    """Time that only tests move."""

    def __init__(self) -> None:
        self.ms = 1_760_000_000_000

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    def advance(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)


class CommitAtOnce:
    """A committer without a thread: each draft is a batch of its own."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def submit(self, draft: AnyDraft, done: Callable[[Outcome], None]) -> None:
        done(self.commit(draft))

    def commit(self, draft: AnyDraft) -> Outcome:
        return self._store.append([draft])[0]


class House:
    """The parts of `factory.py` that concern people, wired for tests."""

    def __init__(
        self,
        url: str,
        folder: Path,
        signup: Signup = "open",
        hasher: PasswordHasher = CHEAP,
        throttled: bool = False,
    ) -> None:
        self.clock = SetClock()
        self.app = flask.Flask("house")
        migrate(url, folder)
        self.app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
        self.database = Database(self.app, SQLAlchemy(self.app, model_class=Base), workers_for(url))
        self.ended: list[SessionId] = []
        self.announced: list[User] = []
        self.rung: list[str] = []
        self.sessions = Sessions(self.database, self.clock, self.ended.append)
        self.directory = Directory(self.database)
        self.throttle = Throttle(self.clock, throttled)
        self.hashing = NativeThreads(2, 10)
        self.passwords = Passwords(self.hashing, hasher)
        self.invites = Invites(self.database, self.clock, signup, "Maru")
        self.accounts = Accounts(
            self.database, self.sessions, self.passwords, self.directory, self.throttle, self.clock, signup,
            self.invites.use, self.announced.append, lambda: self.rung.append("outbox"),
        )  # fmt: skip
        self.store = MemoryStore(self.clock)
        calls = TokenBuckets(1, 2, self.clock) if throttled else None
        self.outbox = Outbox(self.database, CommitAtOnce(self.store))
        install_problems(self.app)
        install_login(self.app, self.sessions, b"secret of the house" * 2, secure_cookies=False)
        for api in (
            accounts_api(self.accounts, self.sessions, People(self.database, self.directory), _servers),
            contacts_api(Contacts(self.store, CommitAtOnce(self.store), self.directory, calls)),
            invites_api(self.invites),
        ):
            self.app.register_blueprint(api.blueprint)

    def visitor(self, address: str = "203.0.113.7", agent: str = "test/1.0") -> "Browser":
        return Browser(self.app, address, agent)

    def person(self, username: str, display_name: str | None = None, **more: Any) -> "Browser":
        """Somebody new, signed in with a browser of their own."""
        browser = self.visitor()
        browser.sign_up(username, display_name, **more)
        return browser

    def close(self) -> None:
        self.database.close()
        self.hashing.close()
        self.store.close()


class Browser:
    """One cookie jar at one address."""

    def __init__(self, app: flask.Flask, address: str, agent: str) -> None:
        self._client: FlaskClient = app.test_client()
        self._environment = {"REMOTE_ADDR": address, "HTTP_USER_AGENT": agent}
        self.id = UserId("")

    def sign_up(self, username: str, display_name: str | None = None, **more: Any) -> dict[str, Any]:
        body = {"username": username, "password": PASSWORD, "display_name": display_name or username, **more}
        user: dict[str, Any] = self.call("POST", "/auth/signup", body, expect=201)["user"]
        self.id = UserId(user["id"])
        return user

    def log_in(self, username: str, password: str = PASSWORD, *, expect: int = 200, **more: Any) -> Any:
        return self.call(
            "POST", "/auth/login", {"username": username, "password": password, **more}, expect=expect
        )

    def call(
        self, method: str, path: str, body: Any = None, *, expect: int = 200, headers: Any = None
    ) -> Any:
        """The answer's JSON, once its status is the expected one."""
        answer = self.send(method, path, body, headers)
        assert answer.status_code == expect, (answer.status_code, answer.text)
        return answer.get_json(silent=True, force=True)

    def send(self, method: str, path: str, body: Any = None, headers: Any = None) -> Any:
        return self._client.open(
            f"/api/v1{path}", method=method, json=body, headers=headers, environ_overrides=self._environment
        )

    def cookie(self) -> str | None:
        cookie = self._client.get_cookie("maru_session")
        return None if cookie is None else cookie.value

    def set_cookie(self, value: str) -> None:
        self._client.set_cookie("maru_session", value)


def _servers() -> list[ServerEntry]:
    return [ServerEntry(id="s1", url="/s/s1", region="here")]
