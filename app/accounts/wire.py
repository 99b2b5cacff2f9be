"""What goes over the wire about people: requests, answers, and the `user` everybody shows."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from app.store.events import ContactState
from app.store.events import Visibility as Visibility

MAX_IDS = 200  # people asked for at once
MAX_USERS = 100  # people in a page of search results


class User(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person as everybody sees them; `is_admin`, `locale` and `presence` only in one's own."""

    id: str
    username: str
    display_name: str
    avatar_id: str | None
    is_admin: bool | UnsetType = UNSET
    locale: str | UnsetType | None = UNSET
    presence: Visibility | UnsetType = UNSET


class SignUp(msgspec.Struct, frozen=True, kw_only=True):
    """A new account. `invite`: the code of an invitation."""

    username: str
    password: str
    display_name: str
    invite: str | None = None


class LogIn(msgspec.Struct, frozen=True, kw_only=True):
    """`token`: answer with a bearer token too, for programs."""

    username: str
    password: str
    token: bool = False


class ServerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A chat server a client may use."""

    id: str
    url: str
    region: str


class UserAnswer(msgspec.Struct, frozen=True):
    user: User


class LoginAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`servers`: best first."""

    user: User
    servers: list[ServerEntry]
    token: str | UnsetType = UNSET


class UsersAnswer(msgspec.Struct, frozen=True):
    users: list[User]


class ProfileChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is absent stays as it is. `locale`: a BCP 47 tag, or null for the browser's. `presence`: who may see
    whether I am here."""

    display_name: str | UnsetType = UNSET
    locale: str | UnsetType | None = UNSET
    avatar_id: str | UnsetType | None = UNSET
    presence: Visibility | UnsetType = UNSET


class UserQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`ids`: several people, comma-separated. Otherwise a search by `q` in usernames and names (Hangul initials
    match), in the order of usernames, beyond the person `after`."""

    q: str = ""
    ids: str | None = None
    after: str | None = None
    limit: Annotated[int, Meta(ge=1)] = 20


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in. `current`: the one that asks."""

    id: str
    device: str
    ip: str
    created_at: int
    last_seen_at: int
    current: bool


class SessionsAnswer(msgspec.Struct, frozen=True):
    sessions: list[Session]


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Where I stand with somebody, since when. `incoming`: they asked me."""

    user: User
    state: ContactState
    incoming: bool
    since: int


class ContactRequest(msgspec.Struct, frozen=True):
    user_id: str


class ContactChange(msgspec.Struct, frozen=True):
    state: Literal["requested", "accepted", "blocked"]


class ContactAnswer(msgspec.Struct, frozen=True):
    contact: Contact


class ContactsAnswer(msgspec.Struct, frozen=True):
    contacts: list[Contact]
