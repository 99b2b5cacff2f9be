"""Every event a channel's log can hold, as it stands on the wire and in the journal.

A journal row is the JSON of one of these: reading a page is copying bytes. `(channel_id, seq)` is an
event's identity; `version` is the seq of the last event that changed its row.
"""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

Role = Literal["owner", "admin", "member"]
NotificationLevel = Literal["all", "mentions", "none"]
ContactState = Literal["requested", "accepted", "blocked", "none"]
Visibility = Literal["everyone", "contacts", "nobody"]
"""Who may see whether somebody is here. Everyone: all who share a channel with them, and their contacts."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", gc=False):
    """What all events share. Times are milliseconds since 1970."""

    channel_id: str
    seq: int
    at: int
    author_id: str
    version: int
    client_message_id: str | None = None


class MessageEvent(Event, frozen=True, kw_only=True, tag="message"):
    """What a person wrote, in its present state. A deleted one has no text."""

    count: int
    """How many messages the channel held with this one; deleted ones count on."""
    text: str | None = None
    reply_to: int | None = None
    edited_at: int | None = None
    deleted: bool = False


class EditEvent(Event, frozen=True, kw_only=True, tag="edit"):
    """New text of message `target`; empty once edited again or deleted."""

    target: int
    text: str


class DeleteEvent(Event, frozen=True, kw_only=True, tag="delete"):
    target: int


class JoinEvent(Event, frozen=True, kw_only=True, tag="join"):
    user_ids: list[str]


class LeaveEvent(Event, frozen=True, kw_only=True, tag="leave"):
    user_id: str


class RoleEvent(Event, frozen=True, kw_only=True, tag="role"):
    user_id: str
    role: Role


class ChannelEvent(Event, frozen=True, kw_only=True, tag="channel"):
    """What changed of the channel itself; an empty topic or avatar means it was taken away."""

    name: str | None = None
    topic: str | None = None
    avatar_id: str | None = None
    closed: bool = False


class ReadEvent(Event, frozen=True, kw_only=True, tag="read"):
    """Personal channel only: how far the person has read elsewhere. The latest wins."""

    target_channel_id: str
    read_seq: int


class ContactEvent(Event, frozen=True, kw_only=True, tag="contact"):
    """Personal channel only: where a contact stands. `none`: no longer a contact."""

    user_id: str
    state: ContactState
    incoming: bool = False
    """With `requested`: the other person asked."""


class ProfileChanged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a person changed of their profile, as it is now; what is absent stayed. null: nothing is chosen any more."""

    display_name: str | UnsetType = UNSET
    locale: str | UnsetType | None = UNSET
    avatar_id: str | UnsetType | None = UNSET
    presence: Visibility | UnsetType = UNSET


class SettingsEvent(Event, frozen=True, kw_only=True, tag="settings"):
    """Personal channel only: how a channel notifies this person, or what they changed of their `profile`. The latest
    wins."""

    target_channel_id: str | None = None
    notification_level: NotificationLevel | None = None
    muted_until: int | None = None
    profile: ProfileChanged | None = None


AnyEvent = (
    MessageEvent
    | EditEvent
    | DeleteEvent
    | JoinEvent
    | LeaveEvent
    | RoleEvent
    | ChannelEvent
    | ReadEvent
    | ContactEvent
    | SettingsEvent
)

_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_encoder = msgspec.json.Encoder()


def decode_event(body: bytes) -> AnyEvent:
    """The event of a journal row's JSON. Raises msgspec.ValidationError for a foreign one."""
    return _decoder.decode(body)


def encode_event(event: AnyEvent) -> bytes:
    """The event's JSON, UTF-8, unescaped."""
    return _encoder.encode(event)
