"""What calls about messages carry, and what they answer."""

import msgspec

from app.channels.wire import Seq
from app.store.events import AnyEvent


class SendMessage(msgspec.Struct, frozen=True, gc=False):
    """A new message. `client_message_id`: a UUID made by the sender (version 7 please); the same again is safe."""

    client_message_id: str
    text: str
    reply_to: Seq | None = None


class EditMessage(msgspec.Struct, frozen=True, gc=False):
    """New text for a message of one's own."""

    client_message_id: str
    text: str


class EventAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event. `duplicate`: it was committed before, by a request with the same id and content."""

    event: AnyEvent
    duplicate: bool = False


class EventPage(msgspec.Struct, frozen=True):
    """Events oldest first, and whether there are more on either side."""

    events: list[AnyEvent]
    has_before: bool
    has_after: bool
