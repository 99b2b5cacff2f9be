"""flask-login: who a request comes from, by cookie or bearer token, and the cookie itself."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

import flask
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.accounts.devices import client_address, device_name
from app.accounts.sessions import UNUSED_DAYS, Origin, Sessions, SignedIn
from app.config import Network
from app.core.ids import UserId

COOKIE = "maru_session"
KNOWN_ACCOUNTS = 8  # accounts one browser is remembered to have signed in to


class CookieSessions(SecureCookieSessionInterface):
    """Keeps the serializer of the cookie, which Flask makes anew for each request: the secret does not change.

    The time in a cookie is not looked at: the database knows how long a session may go unused, and a server whose clock
    is behind would take one of another server for one from the future, and refuse it.
    """

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: flask.Flask) -> URLSafeTimedSerializer | None:
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: flask.Flask, request: flask.Request) -> SecureCookieSession | None:
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        try:
            return SecureCookieSession(serializer.loads(request.cookies.get(self.get_cookie_name(app), "")))
        except BadSignature:
            return SecureCookieSession()


def install_login(
    app: flask.Flask, sessions: Sessions, secret: bytes, secure_cookies: bool, proxies: Sequence[Network] = ()
) -> None:
    """Make `flask_login.current_user` a SignedIn, or anonymous. `proxies` are believed about the address of who asks.

    The cookie is Flask's signed session and holds the session's secret token. flask-login's session protection is off:
    it signs people out when their address or browser version changes, which phones do all day.
    """
    app.secret_key = secret
    app.session_interface = CookieSessions()
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
        SESSION_REFRESH_EACH_REQUEST=False,  # renewed by `renew_cookie`, not with every answer
        PERMANENT_SESSION_LIFETIME=timedelta(days=UNUSED_DAYS),
        TRUSTED_PROXIES=tuple(proxies),
    )
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(lambda token: None if _bearer(flask.request) is not None else sessions.find(token))
    manager.request_loader(lambda request: _find_bearer(sessions, request))
    manager.init_app(app, add_context_processor=False)


def request_origin() -> Origin:
    """Where this request comes from."""
    request = flask.request
    proxies = flask.current_app.config["TRUSTED_PROXIES"]
    address = client_address(request.remote_addr, request.headers.get("X-Forwarded-For", ""), proxies)
    return Origin(device_name(request.user_agent.string), address)


def set_cookie(signed_in: SignedIn) -> None:
    """Sign this browser in, and remember that it signed in to this account."""
    flask.session.permanent = True
    login_user(signed_in)
    flask.session.pop("_id", None)  # for session protection, which is off
    flask.session.setdefault("device", secrets.token_urlsafe(12))
    others = [known for known in flask.session.get("known", []) if known != signed_in.user_id]
    flask.session["known"] = [signed_in.user_id, *others][:KNOWN_ACCOUNTS]


def clear_cookie() -> None:
    """Sign this browser out. What remains says only that it is known, which the throttle asks for."""
    logout_user()


def renew_cookie() -> None:
    """Give the browser's cookie its full time again; the page asks for `/me` whenever it starts."""
    if "_user_id" in flask.session:
        flask.session.modified = True


def known_device(user_id: UserId) -> str | None:
    """This browser's id if it signed in to the account before."""
    device: str | None = flask.session.get("device") if user_id in flask.session.get("known", []) else None
    return device


def _find_bearer(sessions: Sessions, request: flask.Request) -> SignedIn | None:
    """An Authorization header decides alone: a cookie beside it may be another person's."""
    token = _bearer(request)
    return None if token is None else sessions.find(token)


def _bearer(request: flask.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
