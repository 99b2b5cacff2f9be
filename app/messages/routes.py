"""Messages over HTTP: parse, call, render. Event JSON is passed on as the store holds it."""

from app.channels.addresses import require_seq
from app.core.api import Api, Caller, Reply
from app.core.errors import NotFound
from app.messages.actions import Messages
from app.messages.queries import History
from app.messages.wire import (
    EditMessage,
    EventAnswer,
    EventPage,
    HistoryQuery,
    LogQuery,
    SendMessage,
    event_answer,
    event_page,
)
from app.store.outcomes import require_done
from app.store.port import Accepted, Duplicate, Outcome, Unchanged


def messages_api(messages: Messages, history: History) -> Api:
    """The calls under `/channels/{id}/messages` and `/events`."""
    api = Api("messages")

    @api.operation(
        "POST",
        "/channels/<channel_id>/messages",
        body=SendMessage,
        answer=EventAnswer,
        status=201,
        also={200: EventAnswer},
        errors=("forbidden", "conflict", "rate_limited"),
    )
    def send_message(caller: Caller, channel_id: str, body: SendMessage) -> Reply:
        """Say something; 200 with the first answer when the same was sent before."""
        return _rendered(messages.commit_send(caller.user_id, channel_id, body), 201)

    @api.operation("GET", "/channels/<channel_id>/messages", query=HistoryQuery, answer=EventPage)
    def page_messages(caller: Caller, channel_id: str, query: HistoryQuery) -> bytes:
        """A page of history: messages in their present state, joins, leaves and changes of the channel."""
        return event_page(history.page(caller.user_id, channel_id, query))

    @api.operation("GET", "/channels/<channel_id>/events", query=LogQuery, answer=EventPage)
    def page_events(caller: Caller, channel_id: str, query: LogQuery) -> bytes:
        """The log, every kind of event, dense: for repairing a gap."""
        return event_page(history.log(caller.user_id, channel_id, query))

    @api.operation(
        "PATCH",
        "/channels/<channel_id>/messages/<seq>",
        body=EditMessage,
        answer=EventAnswer,
        errors=("forbidden", "conflict", "rate_limited"),
    )
    def edit_message(caller: Caller, channel_id: str, seq: str, body: EditMessage) -> Reply:
        """Give one's own message another text: the `edit` event, or the message when it has that text already."""
        return _rendered(messages.commit_edit(caller.user_id, channel_id, require_seq(seq), body), 200)

    @api.operation("DELETE", "/channels/<channel_id>/messages/<seq>", errors=("forbidden", "rate_limited"))
    def delete_message(caller: Caller, channel_id: str, seq: str) -> None:
        """Take back a message of one's own; a group's owner and admins may take back any."""
        require_done(messages.commit_delete(caller.user_id, channel_id, require_seq(seq)))

    return api


def _rendered(outcome: Outcome, status: int) -> Reply:
    """The answer around the outcome's event. Raises what the outcome refuses."""
    done = require_done(outcome)
    if isinstance(done, Accepted):
        return Reply(event_answer(done.event), status)
    if isinstance(done, Duplicate):
        return Reply(event_answer(done.event, duplicate=True), 200)
    if isinstance(done, Unchanged) and done.event is not None:
        return Reply(event_answer(done.event), 200)
    raise NotFound("There is no such message.")
