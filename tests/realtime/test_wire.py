"""Every frame as it stands on the wire; the spliced ones equal the typed ones."""

import json
from contextlib import suppress
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import BadJson, Invalid, MaruError, RateLimited
from app.realtime import wire
from app.realtime.wire import CLOSE_MEANINGS, Close, decode_frame, encode_frame, find_frame_id
from app.store.events import MessageEvent, encode_event

CHANNEL = "0123456789abcdef"
EVENT = MessageEvent(
    channel_id=CHANNEL, seq=1, at=2, author_id=CHANNEL, version=1, count=1, text='"}] 안녕 \\'
)
BODY = encode_event(EVENT)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ({"type": "hello", "cursor": None, "device": "d", "active": True}, wire.Hello(None, "d", True)),
        ({"type": "hello", "cursor": "c", "device": "d", "active": False}, wire.Hello("c", "d", False)),
        ({"type": "hello", "ticket": "t"}, wire.Hello(ticket="t")),
        ({"type": "hello"}, wire.Hello()),
        (
            {"type": "send", "id": 0, "channel_id": "c", "client_message_id": "m", "text": "x"},
            wire.Send(id=0, channel_id="c", client_message_id="m", text="x"),
        ),
        (
            {"type": "send", "id": 2**53 - 1, "channel_id": "c", "client_message_id": "m", "text": "x", "reply_to": 7},
            wire.Send(id=2**53 - 1, channel_id="c", client_message_id="m", text="x", reply_to=7),
        ),
        (
            {"type": "edit", "id": 1, "channel_id": "c", "client_message_id": "m", "target": 3, "text": "x"},
            wire.Edit(id=1, channel_id="c", client_message_id="m", target=3, text="x"),
        ),
        (
            {"type": "delete", "id": 1, "channel_id": "c", "client_message_id": "m", "target": 3},
            wire.Delete(id=1, channel_id="c", client_message_id="m", target=3),
        ),
        ({"type": "delete", "id": 1, "channel_id": "c", "target": 3}, wire.Delete(id=1, channel_id="c", target=3)),
        ({"type": "read", "channel_id": "c", "seq": 5}, wire.Read(channel_id="c", seq=5)),
        ({"type": "read", "id": 4, "channel_id": "c", "seq": 5}, wire.Read(channel_id="c", seq=5, id=4)),
        ({"type": "ack", "cursor": "c"}, wire.Ack(cursor="c")),
        ({"type": "typing", "channel_id": "c"}, wire.Typing(channel_id="c")),
        ({"type": "heartbeat", "active": True}, wire.Heartbeat(True)),
        ({"type": "heartbeat", "active": True, "open": "c"}, wire.Heartbeat(True, "c")),
        ({"type": "heartbeat", "something": "new"}, wire.Heartbeat()),
    ],
)  # fmt: skip
def test_client_frames_are_read(text: dict[str, Any], frame: wire.AnyClientFrame) -> None:
    assert decode_frame(json.dumps(text).encode()) == frame
    reordered = dict(reversed(text.items()))
    assert decode_frame(json.dumps(reordered).encode()) == frame  # `type` first is asked for, not needed


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b'{"type":"shout","id":1}', "type"),
        (b'{"type":"react","id":1}', "type"),
        (b'{"type":7}', "type"),
        (b"{}", "type"),
        (b"[]", "body"),
        (b"7", "body"),
        (b'{"type":"send","id":1,"channel_id":"c","text":"x"}', "client_message_id"),
        (b'{"type":"send","id":-1,"channel_id":"c","client_message_id":"m","text":"x"}', "id"),
        (b'{"type":"send","id":9007199254740992,"channel_id":"c","client_message_id":"m","text":"x"}', "id"),
        (b'{"type":"send","id":true,"channel_id":"c","client_message_id":"m","text":"x"}', "id"),
        (b'{"type":"send","channel_id":"c","client_message_id":"m","text":"x"}', "id"),
        (b'{"type":"send","id":1,"channel_id":null,"client_message_id":"m","text":"x"}', "channel_id"),
        (
            b'{"type":"send","id":1,"channel_id":"c","client_message_id":"m","text":"x","reply_to":0}',
            "reply_to",
        ),
        (b'{"type":"edit","id":1,"channel_id":"c","client_message_id":"m","text":"x","target":0}', "target"),
        (b'{"type":"read","channel_id":"c","seq":9223372036854775808}', "seq"),
        (b'{"type":"read","channel_id":"c","seq":1.5}', "seq"),
        (b'{"type":"hello","device":""}', "device"),
        (b'{"type":"hello","active":"yes"}', "active"),
    ],
)
def test_wrong_content_names_its_field(text: bytes, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode_frame(text)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"nonsense", b'{"type":"send"', b"\x00", b'{"type":"heartbeat"}x', b'{"a":' + b"[" * 99_999],
)
def test_what_is_no_json_is_told_so(text: bytes) -> None:
    with pytest.raises(BadJson):
        decode_frame(text)


@given(st.binary())
def test_no_bytes_raise_anything_but_the_catalogue(text: bytes) -> None:
    with suppress(MaruError):
        decode_frame(text)
    find_frame_id(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (b'{"type":"send","id":5,"text":7}', 5),
        (b'{"id":0}', 0),
        (b'{"id":true}', None),
        (b'{"id":"5"}', None),
        (b'{"id":5.0}', None),
        (b'{"id":-5}', None),
        (b'{"id":9007199254740992}', None),
        (b'{"id":[[[]]]}', None),
        (b'{"id":5', None),
        (b"[5]", None),
        (b'"\\ud800"', None),
        (b'{"other":' + b"[" * 99_999, None),
    ],
)
def test_the_id_of_a_refused_frame_is_found_when_it_has_one(text: bytes, number: int | None) -> None:
    assert find_frame_id(text) == number


@pytest.mark.parametrize("cursor", [None, "0" * 32 + ".1z"])
@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_spliced_events_are_the_typed_frame(count: int, cursor: str | None) -> None:
    typed = encode_frame(wire.Events(events=[EVENT] * count, cursor=cursor))
    assert wire.events_frame([BODY] * count, cursor) == typed


@pytest.mark.parametrize("duplicate", [False, True])
def test_a_spliced_ok_is_the_typed_frame(duplicate: bool) -> None:
    assert wire.ok_frame(7, BODY, duplicate) == encode_frame(wire.Ok(id=7, event=EVENT, duplicate=duplicate))
    assert wire.ok_frame(7) == encode_frame(wire.Ok(id=7))


def test_an_error_frame_says_what_a_problem_document_does() -> None:
    error = RateLimited("Too fast.", fields={"a": "b"}, retry_after=1.5)
    assert json.loads(wire.error_frame(error, 3)) == {
        "type": "error", "id": 3, "code": "rate_limited", "detail": "Too fast.", "fields": {"a": "b"},
        "retry_after": 1.5,
    }  # fmt: skip
    assert json.loads(wire.error_frame(BadJson("No."))) == {
        "type": "error",
        "code": "bad_json",
        "detail": "No.",
    }


def test_a_welcome_says_everything_always() -> None:
    frame = wire.Welcome(
        server="s",
        cursor="c",
        resync=False,
        reset=[],
        heartbeat_seconds=wire.HEARTBEAT_SECONDS,
        limits=wire.Limits(),
    )
    assert json.loads(encode_frame(frame)) == {
        "type": "welcome", "server": "s", "cursor": "c", "resync": False, "reset": [], "heartbeat_seconds": 25,
        "limits": {
            "max_frame_bytes": 262144, "max_text": 20000, "ack_every_events": 50, "ack_every_seconds": 1,
            "typing_every_seconds": 3,
        },
    }  # fmt: skip


def test_every_server_frame_begins_with_its_type() -> None:
    for frame in get_args(wire.AnyServerFrame):
        assert frame.__struct_config__.tag_field == "type"
        assert msgspec.structs.fields(frame) or frame is wire.Live
    assert encode_frame(wire.Live()) == b'{"type":"live"}'
    assert encode_frame(wire.Beat(cursor="c")) == b'{"type":"heartbeat","cursor":"c"}'


def test_close_codes_have_the_names_of_the_protocol() -> None:
    assert {int(code): code.reason for code in Close} == {
        1000: "asked_for", 1001: "drain", 1002: "protocol_error", 1003: "binary", 1007: "bad_utf8", 1008: "policy",
        1009: "too_big", 4001: "unauthenticated", 4003: "revoked", 4008: "slow", 4009: "superseded",
        4029: "rate_limited",
    }  # fmt: skip
    assert set(CLOSE_MEANINGS) == set(Close)
