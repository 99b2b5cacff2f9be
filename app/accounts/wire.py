"""How people stand on the wire."""

import msgspec


class User(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person as others see them; `is_admin` and `locale` are told to the person only."""

    id: str
    username: str
    display_name: str
    avatar_id: str | None
    is_admin: bool | None = None
    locale: str | None = None


class ServerEntry(msgspec.Struct, frozen=True):
    """A chat server a client may use; `url` is where its `/api/v1` stands."""

    id: str
    url: str
    region: str
