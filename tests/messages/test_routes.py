"""Messages over REST: said once, changed by their authors, read in pages."""

from typing import Any

import pytest

from app.store.drafts import AddMembers
from tests.rest import JIHO, MINJI, SORA, Rest, uuid_of


@pytest.fixture
def rest() -> Rest:
    return Rest()


def seqs(answer: Any) -> list[int]:
    return [event["seq"] for event in answer.json["events"]]


def test_a_message_is_answered_as_the_event_everybody_gets(rest: Rest) -> None:
    direct = rest.direct()
    answer = rest.by(MINJI).say(direct, "안녕 👋", number=1)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert answer.json == {
        "event": {
            "kind": "message", "channel_id": direct, "seq": 2, "at": rest.clock.ms, "author_id": MINJI, "version": 2,
            "client_message_id": uuid_of(1), "count": 1, "text": "안녕 👋",
        }
    }  # fmt: skip
    assert "안녕".encode() in answer.data  # UTF-8, unescaped
    page = rest.by(JIHO).get(f"/channels/{direct}/messages")
    assert page.json["events"][-1] == answer.json["event"]


def test_saying_it_again_gives_the_first_answer(rest: Rest) -> None:
    direct = rest.direct()
    first, again = (rest.by(MINJI).say(direct, "한 번", number=1) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == {**first.json, "duplicate": True}
    assert seqs(rest.by(MINJI).get(f"/channels/{direct}/messages")) == [1, 2]


def test_the_same_id_is_the_same_however_it_is_written(rest: Rest) -> None:
    direct = rest.direct()
    identity = "018F0000-0000-7000-8000-00000000000A"
    forms = [identity, identity.lower(), identity.replace("-", ""), f"{{{identity}}}", f"urn:uuid:{identity}"]
    answers = [
        rest.by(MINJI).post(f"/channels/{direct}/messages", {"client_message_id": form, "text": "x"})
        for form in forms
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200]
    assert answers[-1].json["event"]["client_message_id"] == identity.lower()


def test_the_same_content_is_the_same_however_it_is_composed(rest: Rest) -> None:
    direct = rest.direct()
    composed, decomposed = "가\n각", "\u1100\u1161\r\n\u1100\u1161\u11a8"
    rest.by(MINJI).say(direct, composed, number=1)
    again = rest.by(MINJI).say(direct, decomposed, number=1)
    assert (again.status_code, again.json["event"]["text"]) == (200, composed)


def test_the_same_id_with_other_content_is_a_conflict(rest: Rest) -> None:
    direct = rest.direct()
    rest.by(MINJI).say(direct, "하나", number=1)
    other = rest.by(MINJI).say(direct, "둘", number=1)
    assert (other.status_code, other.json["code"]) == (409, "conflict")
    assert rest.by(JIHO).say(direct, "둘", number=1).status_code == 201  # another person's ids are their own


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "x"}, "client_message_id"),
        ({"client_message_id": "x", "text": "x"}, "client_message_id"),
        ({"client_message_id": "", "text": "x"}, "client_message_id"),
        ({"client_message_id": 7, "text": "x"}, "client_message_id"),
        ({"client_message_id": uuid_of(1)}, "text"),
        ({"client_message_id": uuid_of(1), "text": ""}, "text"),
        ({"client_message_id": uuid_of(1), "text": "a" * 20_001}, "text"),
        ({"client_message_id": uuid_of(1), "text": "\x00"}, "text"),
        ({"client_message_id": uuid_of(1), "text": "x", "reply_to": 0}, "reply_to"),
        ({"client_message_id": uuid_of(1), "text": "x", "reply_to": 2**63}, "reply_to"),
        ({"client_message_id": uuid_of(1), "text": "x", "reply_to": 1}, "reply_to"),  # a join is no message
        ({"client_message_id": uuid_of(1), "text": "x", "reply_to": 99}, "reply_to"),
    ],
)
def test_what_cannot_be_said_is_named(rest: Rest, body: dict[str, Any], field: str) -> None:
    direct = rest.direct()
    answer = rest.by(MINJI).post(f"/channels/{direct}/messages", body)
    assert (answer.status_code, answer.json["code"], list(answer.json["fields"])) == (422, "invalid", [field])
    assert seqs(rest.by(MINJI).get(f"/channels/{direct}/messages")) == [1]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"\xff", 400, "bad_json"),
        (
            b'{"client_message_id":"018f0000-0000-7000-8000-000000000001","text":"\xed\xa0\x80"}',
            400,
            "bad_json",
        ),
        (b"[]", 422, "invalid"),
        (b'{"client_message_id":"018f0000-0000-7000-8000-000000000001","text":"\\ud800"}', 422, "invalid"),
        (b'{"text":' + b"[" * 100_000, 422, "invalid"),
        (b'{"other":' + b"[" * 100_000, 400, "bad_json"),
        (b'"' + b"a" * 262_144 + b'"', 413, "too_big"),
    ],
)
def test_a_bad_body_is_told_what_is_bad(rest: Rest, raw: bytes, status: int, code: str) -> None:
    direct = rest.direct()
    client = rest.app.test_client()
    answer = client.post(
        f"/api/v1/channels/{direct}/messages", data=raw, headers={"Authorization": f"Bearer {MINJI}"}
    )
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_reply_names_its_message(rest: Rest) -> None:
    direct = rest.direct()
    rest.by(MINJI).say(direct, "질문")
    body = {"client_message_id": uuid_of(1), "text": "대답", "reply_to": 2}
    assert rest.by(JIHO).post(f"/channels/{direct}/messages", body).json["event"]["reply_to"] == 2


def test_an_author_changes_the_text_and_nobody_else_does(rest: Rest) -> None:
    direct = rest.direct()
    rest.by(MINJI).say(direct, "오타")
    change = {"client_message_id": uuid_of(1), "text": "바름"}
    assert rest.by(JIHO).patch(f"/channels/{direct}/messages/2", change).json["code"] == "forbidden"
    edit = rest.by(MINJI).patch(f"/channels/{direct}/messages/2", change)
    assert (edit.status_code, edit.json["event"]["kind"], edit.json["event"]["target"]) == (200, "edit", 2)
    again = rest.by(MINJI).patch(f"/channels/{direct}/messages/2", change)
    assert again.json == {**edit.json, "duplicate": True}
    row = rest.by(JIHO).get(f"/channels/{direct}/messages").json["events"][-1]
    assert (row["seq"], row["text"], row["version"], row["count"]) == (2, "바름", 3, 1)


def test_repeating_a_change_that_holds_changes_nothing(rest: Rest) -> None:
    direct = rest.direct()
    rest.by(MINJI).say(direct, "같음")
    same = rest.by(MINJI).patch(
        f"/channels/{direct}/messages/2", {"client_message_id": uuid_of(1), "text": "같음"}
    )
    assert (same.status_code, same.json["event"]["seq"]) == (200, 2)
    assert rest.by(MINJI).delete(f"/channels/{direct}/messages/2").status_code == 204
    assert rest.by(MINJI).delete(f"/channels/{direct}/messages/2").status_code == 204
    assert seqs(rest.by(MINJI).get(f"/channels/{direct}/events")) == [1, 2, 3]


def test_a_deleted_message_is_in_no_answer(rest: Rest) -> None:
    direct = rest.direct()
    rest.by(MINJI).say(direct, "비밀 하나")
    rest.by(MINJI).patch(
        f"/channels/{direct}/messages/2", {"client_message_id": uuid_of(1), "text": "비밀 둘"}
    )
    rest.by(MINJI).delete(f"/channels/{direct}/messages/2")
    for path in ("messages", "events"):
        answer = rest.by(JIHO).get(f"/channels/{direct}/{path}")
        assert "비밀".encode() not in answer.data
        assert answer.json["events"][1]["deleted"] is True
    late = rest.by(MINJI).patch(
        f"/channels/{direct}/messages/2", {"client_message_id": uuid_of(2), "text": "다시"}
    )
    assert late.status_code in (403, 404, 409)


def test_admins_delete_what_others_said_and_members_do_not(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO, SORA)
    rest.by(JIHO).say(group, "하나")
    assert rest.by(SORA).delete(f"/channels/{group}/messages/2").json["code"] == "forbidden"
    assert rest.by(MINJI).delete(f"/channels/{group}/messages/2").status_code == 204


@pytest.mark.parametrize("seq", ["0", "-1", "99", "x", "²", "1" * 5000, str(2**63), "1.0", "+2"])
def test_a_message_that_cannot_be_is_not_found(rest: Rest, seq: str) -> None:
    direct = rest.direct()
    rest.by(MINJI).say(direct, "하나")
    assert rest.by(MINJI).delete(f"/channels/{direct}/messages/{seq}").status_code == 404
    change = {"client_message_id": uuid_of(1), "text": "x"}
    assert rest.by(MINJI).patch(f"/channels/{direct}/messages/{seq}", change).status_code == 404


def test_pages_lie_before_after_and_around(rest: Rest) -> None:
    direct = rest.direct()
    for number in range(10):
        rest.by(MINJI).say(direct, str(number))
    page = f"/channels/{direct}/messages"
    latest = rest.by(JIHO).get(f"{page}?limit=3")
    assert (seqs(latest), latest.json["has_before"], latest.json["has_after"]) == ([9, 10, 11], True, False)
    before = rest.by(JIHO).get(f"{page}?limit=3&before=9")
    assert (seqs(before), before.json["has_before"], before.json["has_after"]) == ([6, 7, 8], True, True)
    after = rest.by(JIHO).get(f"{page}?limit=3&after=8")
    assert seqs(after) == [9, 10, 11]
    around = rest.by(JIHO).get(f"{page}?limit=3&around=5")
    assert seqs(around) == [4, 5, 6]
    assert seqs(rest.by(JIHO).get(f"{page}?after=0&limit=2")) == [1, 2]
    assert seqs(rest.by(JIHO).get(f"{page}?before=1")) == []
    assert seqs(rest.by(JIHO).get(f"{page}?after=11")) == []
    assert seqs(rest.by(JIHO).get(f"{page}?before={2**63 - 1}&limit=1")) == [11]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=0", ["limit"]),
        ("limit=201", ["limit"]),
        ("limit=x", ["limit"]),
        ("before=-1", ["before"]),
        (f"after={2**63}", ["after"]),
        ("around=1.5", ["around"]),
        ("before=1&after=2", ["before", "after"]),
        ("before=" + "9" * 5000, ["before"]),
    ],
)
def test_a_page_that_cannot_be_is_refused(rest: Rest, query: str, fields: list[str]) -> None:
    answer = rest.by(MINJI).get(f"/channels/{rest.direct()}/messages?{query}")
    assert (answer.status_code, list(answer.json["fields"])) == (422, fields)


def test_a_page_holds_at_most_two_hundred(rest: Rest) -> None:
    direct = rest.direct()
    for number in range(200):
        rest.by(MINJI).say(direct, str(number))
    assert len(seqs(rest.by(MINJI).get(f"/channels/{direct}/messages?limit=200"))) == 200
    assert len(seqs(rest.by(MINJI).get(f"/channels/{direct}/messages"))) == 50


def test_the_log_is_dense_and_holds_every_kind(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    rest.by(MINJI).say(group, "하나")
    rest.by(MINJI).patch(f"/channels/{group}/messages/2", {"client_message_id": uuid_of(1), "text": "둘"})
    rest.by(MINJI).patch(f"/channels/{group}/members/{JIHO}", {"role": "admin"})
    rest.by(MINJI).patch(f"/channels/{group}", {"topic": "t"})
    rest.by(MINJI).delete(f"/channels/{group}/messages/2")
    log = rest.by(JIHO).get(f"/channels/{group}/events").json["events"]
    assert [event["kind"] for event in log] == ["join", "message", "edit", "role", "channel", "delete"]
    assert [event["seq"] for event in log] == [1, 2, 3, 4, 5, 6]
    middle = rest.by(JIHO).get(f"/channels/{group}/events?after=2&limit=2")
    assert (seqs(middle), middle.json["has_before"], middle.json["has_after"]) == ([3, 4], True, True)
    history = rest.by(JIHO).get(f"/channels/{group}/messages").json["events"]
    assert [event["kind"] for event in history] == ["join", "message", "channel"]


def test_who_comes_later_reads_all_of_it_and_who_left_nothing(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    rest.by(MINJI).say(group, "먼저")
    rest.store.append([AddMembers(author_id=MINJI, channel_id=group, user_ids=[SORA])])
    assert seqs(rest.by(SORA).get(f"/channels/{group}/messages")) == [1, 2, 3]
    rest.by(SORA).delete(f"/channels/{group}/members/{SORA}")
    assert rest.by(SORA).get(f"/channels/{group}/messages").status_code == 404
    assert rest.by(SORA).say(group, "나도").status_code == 404


def test_a_retry_after_leaving_still_gets_its_first_answer(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    first = rest.by(JIHO).say(group, "안녕", number=1)
    rest.by(JIHO).delete(f"/channels/{group}/members/{JIHO}")
    again = rest.by(JIHO).say(group, "안녕", number=1)
    assert (again.status_code, again.json["event"]) == (200, first.json["event"])


def test_a_broken_disk_is_a_503_and_the_same_id_works_later(rest: Rest) -> None:
    direct = rest.direct()
    rest.committer.broken = True
    failed = rest.by(MINJI).say(direct, "하나", number=1)
    assert (failed.status_code, failed.headers["Retry-After"]) == (503, "1")
    rest.committer.broken = False
    assert rest.by(MINJI).say(direct, "하나", number=1).status_code == 201
