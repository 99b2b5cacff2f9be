"""Sending as sockets do: the same checks, the outcome by a callback."""

import pytest

from app.core.errors import Invalid, NotFound, RateLimited
from app.core.rates import TokenBuckets
from app.messages.actions import canonical_uuid
from app.messages.wire import EditMessage, SendMessage
from app.realtime.wire import Send
from app.store.port import Accepted, Duplicate, Outcome, Unchanged
from tests.rest import JIHO, MINJI, Rest, SetClock, uuid_of


def test_a_socket_frame_and_a_request_body_are_the_same_message() -> None:
    rest = Rest()
    direct, outcomes = rest.direct(), list[Outcome]()
    rest.messages.send(MINJI, direct, SendMessage(uuid_of(1), "하나"), outcomes.append)
    frame = Send(id=1, channel_id=direct, client_message_id=uuid_of(1), text="하나")
    rest.messages.send(MINJI, direct, frame, outcomes.append)
    assert [type(outcome) for outcome in outcomes] == [Accepted, Duplicate]


def test_edits_and_deletes_are_answered_by_callback_too() -> None:
    rest = Rest()
    direct, outcomes = rest.direct(), list[Outcome]()
    rest.by(MINJI).say(direct, "하나")
    rest.messages.edit(MINJI, direct, 2, EditMessage(uuid_of(1), "둘"), outcomes.append)
    rest.messages.delete(MINJI, direct, 2, uuid_of(2), outcomes.append)
    rest.messages.delete(MINJI, direct, 2, None, outcomes.append)
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted, Unchanged]


def test_bad_content_raises_before_anything_is_queued() -> None:
    rest = Rest()
    direct, outcomes = rest.direct(), list[Outcome]()
    for channel_id, message, error in (
        (direct, SendMessage("x", "하나"), Invalid),
        (direct, SendMessage(uuid_of(1), ""), Invalid),
        ("x", SendMessage(uuid_of(1), "하나"), NotFound),
    ):
        with pytest.raises(error):
            rest.messages.send(JIHO, channel_id, message, outcomes.append)
    with pytest.raises(Invalid):
        rest.messages.delete(JIHO, direct, 1, "", outcomes.append)
    assert not outcomes
    assert not rest.committer.drafts


def test_who_sends_too_fast_is_told_when_to_come_back() -> None:
    clock = SetClock()
    rest = Rest(TokenBuckets(rate_per_second=2, burst=3, clock=clock))
    direct = rest.direct()
    answers = [rest.by(MINJI).say(direct, "x") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert answers[-1].json["retry_after"] == 0.5
    assert answers[-1].headers["Retry-After"] == "1"
    assert rest.by(JIHO).say(direct, "x").status_code == 201
    clock.ms += 500
    outcomes = list[Outcome]()
    rest.messages.send(MINJI, direct, SendMessage(uuid_of(1), "하나"), outcomes.append)
    with pytest.raises(RateLimited):
        rest.messages.delete(MINJI, direct, 2, None, outcomes.append)


@pytest.mark.parametrize(
    "text",
    ["", "x", uuid_of(1)[:-1], uuid_of(1) + "\n", uuid_of(1).replace("8", "g"), "1-" + "0" * 31, "٠" * 32],
)
def test_what_is_no_uuid_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        canonical_uuid(text)
    assert list(refused.value.fields) == ["client_message_id"]
