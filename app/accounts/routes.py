"""HTTP: people and sessions. Parses and renders; decides nothing."""

from collections.abc import Callable

import flask
import msgspec

from app.accounts import wire
from app.accounts.actions import Accounts, Entrance
from app.accounts.contacts import Contacts
from app.accounts.login import clear_cookie, known_device, renew_cookie, request_origin, set_cookie
from app.accounts.search import People
from app.accounts.sessions import Sessions
from app.core.api import Access, Api, Caller, Reply
from app.core.errors import Unauthenticated, Unavailable
from app.core.ids import SessionId, UserId
from app.core.problems import problem_of, render_problem


def accounts_api(
    accounts: Accounts, sessions: Sessions, people: People, servers: Callable[[], list[wire.ServerEntry]]
) -> Api:
    """Signing up, in and out; one's profile and sessions; finding people. `servers`: where a client may connect."""
    api = Api("people")
    _greet_the_first(api, accounts)
    _declare_entrance(api, accounts, sessions, servers)
    _declare_profile(api, accounts)
    _declare_sessions(api, sessions)
    _declare_people(api, people)
    return api


def contacts_api(contacts: Contacts) -> Api:
    """Friends, requests and blocks."""
    api = Api("contacts")
    _declare_contacts(api, contacts)
    return api


def _greet_the_first(api: Api, accounts: Accounts) -> None:
    """Whoever is told to sign in is told, too, when nobody has an account yet: the page asks who is signed in as it
    opens, and needs no further request to offer the owner's account."""

    def refuse(error: Unauthenticated) -> flask.Response:
        try:
            ownerless = accounts.are_ownerless()
        except Unavailable:
            ownerless = False  # nobody can say
        return render_problem(problem_of(error, ownerless))

    api.blueprint.register_error_handler(Unauthenticated, refuse)


def _declare_entrance(
    api: Api, accounts: Accounts, sessions: Sessions, servers: Callable[[], list[wire.ServerEntry]]
) -> None:
    @api.operation(
        "POST", "/auth/signup", body=wire.SignUp, answer=wire.UserAnswer, access=Access.ANYONE, status=201,
        errors=("forbidden", "conflict", "rate_limited", "unavailable"),
    )  # fmt: skip
    def sign_up(body: wire.SignUp) -> wire.UserAnswer:
        """Make an account and sign in. The first account becomes the owner's."""
        return wire.UserAnswer(_come_in(accounts.sign_up(body, request_origin())))

    @api.operation(
        "POST", "/auth/login", body=wire.LogIn, answer=wire.LoginAnswer, access=Access.ANYONE,
        errors=("unauthenticated", "forbidden", "rate_limited", "unavailable"),
    )  # fmt: skip
    def log_in(body: wire.LogIn) -> wire.LoginAnswer:
        """Sign in: a session cookie, and a bearer token for programs that ask for one."""
        entrance = accounts.sign_in(body, request_origin(), known_device)
        token = entrance.signed_in.token if body.token else msgspec.UNSET
        return wire.LoginAnswer(user=_come_in(entrance), servers=servers(), token=token)

    @api.operation("POST", "/auth/logout")
    def log_out(caller: Caller) -> None:
        """End the session that asks."""
        sessions.end(caller.user_id, caller.session_id)
        clear_cookie()


def _declare_profile(api: Api, accounts: Accounts) -> None:
    @api.operation("GET", "/me", answer=wire.UserAnswer)
    def get_me(caller: Caller) -> wire.UserAnswer:
        """My own profile and settings."""
        renew_cookie()
        return wire.UserAnswer(accounts.own(caller.user_id))

    @api.operation("PATCH", "/me", body=wire.ProfileChange, answer=wire.UserAnswer)
    def change_me(caller: Caller, body: wire.ProfileChange) -> wire.UserAnswer:
        """Change my profile; what is absent stays."""
        return wire.UserAnswer(accounts.change_profile(caller.user_id, body))


def _declare_sessions(api: Api, sessions: Sessions) -> None:
    @api.operation("GET", "/sessions", answer=wire.SessionsAnswer)
    def get_sessions(caller: Caller) -> wire.SessionsAnswer:
        """Where I am signed in, latest use first."""
        return wire.SessionsAnswer(sessions.of(caller.user_id, caller.session_id))

    @api.operation("DELETE", "/sessions/<session_id>", errors=("not_found",))
    def end_session(caller: Caller, session_id: str) -> None:
        """End one of my sessions; its live connections are closed."""
        sessions.end(caller.user_id, SessionId(session_id))


def _declare_people(api: Api, people: People) -> None:
    @api.operation("GET", "/users", query=wire.UserQuery, answer=wire.UsersAnswer)
    def get_users(query: wire.UserQuery) -> wire.UsersAnswer:
        """Search people by name, or ask for several by id."""
        return wire.UsersAnswer(people.find(query))

    @api.operation("GET", "/users/<user_id>", answer=wire.UserAnswer, errors=("not_found",))
    def get_user(user_id: str) -> wire.UserAnswer:
        """One person."""
        return wire.UserAnswer(people.one(UserId(user_id)))


def _declare_contacts(api: Api, contacts: Contacts) -> None:
    @api.operation("GET", "/contacts", answer=wire.ContactsAnswer)
    def get_contacts(caller: Caller) -> wire.ContactsAnswer:
        """My contacts, those who asked to be, and those I blocked."""
        return wire.ContactsAnswer(contacts.of(caller.user_id))

    @api.operation(
        "POST", "/contacts", body=wire.ContactRequest, answer=wire.ContactAnswer, status=201,
        also={200: wire.ContactAnswer}, errors=("not_found", "rate_limited", "unavailable"),
    )  # fmt: skip
    def request_contact(caller: Caller, body: wire.ContactRequest) -> Reply:
        """Ask somebody to be my contact; 200 when I had asked already. Accepts when they had asked me."""
        contact, changed = contacts.request(caller.user_id, UserId(body.user_id))
        return Reply(wire.ContactAnswer(contact), 201 if changed else 200)

    @api.operation(
        "PATCH", "/contacts/<user_id>", body=wire.ContactChange, answer=wire.ContactAnswer,
        errors=("not_found", "rate_limited", "unavailable"),
    )  # fmt: skip
    def change_contact(caller: Caller, user_id: str, body: wire.ContactChange) -> wire.ContactAnswer:
        """Accept a request, or block somebody."""
        return wire.ContactAnswer(contacts.change(caller.user_id, UserId(user_id), body.state))

    @api.operation("DELETE", "/contacts/<user_id>", errors=("not_found", "unavailable"))
    def remove_contact(caller: Caller, user_id: str) -> None:
        """Be no contacts any more; decline or take back a request; block no more."""
        contacts.remove(caller.user_id, UserId(user_id))


def _come_in(entrance: Entrance) -> wire.User:
    set_cookie(entrance.signed_in)
    return entrance.user
