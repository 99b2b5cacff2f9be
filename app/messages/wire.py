"""What calls about messages carry, and what they answer."""

from typing import Annotated

import msgspec

from app.channels.wire import MAX_SEQ, Seq
from app.store.events import AnyEvent
from app.store.port import MAX_PAGE, Committed, HistoryPage

Bound = Annotated[int, msgspec.Meta(ge=0, le=MAX_SEQ)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)]


class SendMessage(msgspec.Struct, frozen=True, gc=False):
    """A new message. `client_message_id`: a UUID made by the sender (version 7 please); the same again is safe.
    `text`: 1 to 20,000 characters."""

    client_message_id: str
    text: str
    reply_to: Seq | None = None


class EditMessage(msgspec.Struct, frozen=True, gc=False):
    """New text for a message of one's own."""

    client_message_id: str
    text: str


class HistoryQuery(msgspec.Struct, frozen=True):
    """Where the page lies: one of the three bounds, each exclusive but the middle of `around`; none: the latest."""

    before: Bound | None = None
    after: Bound | None = None
    around: Bound | None = None
    limit: Limit = 50


class LogQuery(msgspec.Struct, frozen=True):
    """The log beyond `after`."""

    after: Bound = 0
    limit: Limit = 50


class EventAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event. `duplicate`: it was committed before, by a request with the same id and content."""

    event: AnyEvent
    duplicate: bool = False


class EventPage(msgspec.Struct, frozen=True):
    """Events oldest first, and whether there are more on either side."""

    events: list[AnyEvent]
    has_before: bool
    has_after: bool


def event_answer(event: Committed, duplicate: bool = False) -> bytes:
    """An EventAnswer's JSON around the event's own."""
    if duplicate:
        return b'{"event":%b,"duplicate":true}' % event.body
    return b'{"event":%b}' % event.body


def event_page(page: HistoryPage) -> bytes:
    """An EventPage's JSON around the events' own."""
    return b'{"events":[%b],"has_before":%b,"has_after":%b}' % (
        b",".join([event.body for event in page.events]),
        b"true" if page.has_before else b"false",
        b"true" if page.has_after else b"false",
    )
