"""Channels over REST: who may see, make and change what."""

import pytest

from app.core.ids import UserId
from app.core.rates import TokenBuckets
from tests.accounts.house import SetClock
from tests.rest import HARU, JIHO, MINJI, SORA, Rest


@pytest.fixture
def rest() -> Rest:
    return Rest()


def test_a_pair_has_one_direct_channel_whoever_asks(rest: Rest) -> None:
    first = rest.by(MINJI).post("/channels", {"kind": "direct", "member_ids": [JIHO]})
    again = rest.by(JIHO).post("/channels", {"kind": "direct", "member_ids": [MINJI]})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["channel"]["id"] == again.json["channel"]["id"]
    assert first.json["channel"]["peer"]["id"] == JIHO
    assert again.json["channel"]["peer"]["id"] == MINJI


def test_a_new_group_shows_everything_the_protocol_names(rest: Rest) -> None:
    body = {
        "kind": "group",
        "name": "  점심 모임 ",
        "topic": "오늘은?",
        "member_ids": [JIHO, SORA, JIHO, MINJI],
    }
    answer = rest.by(MINJI).post("/channels", body)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    channel = answer.json["channel"]
    head = channel.pop("head")
    assert (head["seq"], head["count"]) == (1, 0)
    identity = channel.pop("id")
    assert channel == {
        "kind": "group", "name": "점심 모임", "topic": "오늘은?", "role": "owner", "member_count": 3,
        "read_seq": channel["read_seq"], "unread": 0, "mentions": 0, "notification_level": "all",
    }  # fmt: skip
    assert rest.by(SORA).get(f"/channels/{identity}").json["channel"]["role"] == "member"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "direct", "member_ids": []}, "member_ids"),
        ({"kind": "direct", "member_ids": [MINJI]}, "member_ids"),
        ({"kind": "direct", "member_ids": [JIHO, SORA]}, "member_ids"),
        ({"kind": "direct", "member_ids": ["00000000000000ee"]}, "member_ids"),
        ({"kind": "direct", "member_ids": ["nobody"]}, "member_ids"),
        ({"kind": "direct", "member_ids": "nobody"}, "member_ids"),
        ({"kind": "direct"}, "member_ids"),
        ({"kind": "secret", "member_ids": [JIHO]}, "kind"),
        ({"member_ids": [JIHO]}, "kind"),
        ({"kind": "group", "member_ids": []}, "name"),
        ({"kind": "group", "name": " ", "member_ids": []}, "name"),
        ({"kind": "group", "name": "a" * 81, "member_ids": []}, "name"),
        ({"kind": "group", "name": "a", "topic": "b" * 251, "member_ids": []}, "topic"),
        ({"kind": "group", "name": "a", "member_ids": [JIHO, "00000000000000ee"]}, "member_ids"),
    ],
)
def test_what_cannot_become_a_channel_is_named(rest: Rest, body: object, field: str) -> None:
    answer = rest.by(MINJI).post("/channels", body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "invalid"
    assert list(answer.json["fields"]) == [field]


def test_a_group_holds_a_hundred_people_and_not_one_more(rest: Rest) -> None:
    others = [rest.people.add(UserId(f"{number:016x}")) for number in range(0x1000, 0x1000 + 100)]
    too_many = rest.by(MINJI).post("/channels", {"kind": "group", "name": "a", "member_ids": others})
    assert (too_many.status_code, too_many.json["code"]) == (422, "too_many_members")
    full = rest.group(MINJI, *others[:99])
    assert rest.by(MINJI).get(f"/channels/{full}").json["channel"]["member_count"] == 100
    one_more = rest.by(MINJI).post(f"/channels/{full}/members", {"user_id": others[99]})
    assert (one_more.status_code, one_more.json["code"]) == (422, "too_many_members")


def test_channels_come_most_recently_active_first(rest: Rest) -> None:
    older = rest.group(MINJI, JIHO)
    rest.clock.ms += 1000
    newer = rest.direct()
    assert [channel["id"] for channel in rest.by(MINJI).get("/channels").json["channels"]] == [newer, older]
    rest.clock.ms += 1000
    rest.by(JIHO).say(older, "여기요")
    assert [channel["id"] for channel in rest.by(MINJI).get("/channels").json["channels"]] == [older, newer]


@pytest.mark.parametrize(
    "identity", ["0123456789abcdef", "nonsense", "0123456789ABCDEF", "%2e%2e", "0" * 5000]
)
def test_no_such_channel_and_not_being_in_it_look_the_same(rest: Rest, identity: str) -> None:
    foreign = rest.group(JIHO, SORA)
    strange, missing = rest.by(MINJI).get(f"/channels/{foreign}"), rest.by(MINJI).get(f"/channels/{identity}")
    assert (strange.status_code, missing.status_code) == (404, 404)
    assert strange.json == missing.json


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "", None),
        ("patch", "", {"name": "x"}),
        ("delete", "", None),
        ("get", "/members", None),
        ("post", "/members", {"user_id": MINJI}),
        ("patch", f"/members/{JIHO}", {"role": "admin"}),
        ("delete", f"/members/{JIHO}", None),
        ("delete", f"/members/{MINJI}", None),
        ("put", "/read", {"seq": 1}),
        ("put", "/notifications", {"level": "none"}),
        ("post", "/messages", {"client_message_id": "018f0000-0000-7000-8000-000000000001", "text": "x"}),
        ("get", "/messages", None),
        ("get", "/events", None),
        ("patch", "/messages/1", {"client_message_id": "018f0000-0000-7000-8000-000000000001", "text": "x"}),
        ("delete", "/messages/1", None),
    ],
)
def test_a_stranger_finds_no_channel_by_any_call(rest: Rest, method: str, path: str, body: object) -> None:
    foreign = rest.group(JIHO, SORA)
    arguments = () if body is None else (body,)
    answer = getattr(rest.by(MINJI), method)(f"/channels/{foreign}{path}", *arguments)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_nobody_is_served_without_signing_in(rest: Rest) -> None:
    client = rest.app.test_client()
    assert client.get("/api/v1/channels").status_code == 401
    assert client.post("/api/v1/channels", json={}).json["code"] == "unauthenticated"


def test_owner_and_admins_rename_and_members_do_not(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO, SORA)
    assert rest.by(JIHO).patch(f"/channels/{group}", {"name": "새 이름"}).json["code"] == "forbidden"
    rest.by(MINJI).patch(f"/channels/{group}/members/{JIHO}", {"role": "admin"})
    renamed = rest.by(JIHO).patch(f"/channels/{group}", {"name": "새 이름", "topic": "t"})
    assert (renamed.status_code, renamed.json["channel"]["name"], renamed.json["channel"]["topic"]) == (
        200,
        "새 이름",
        "t",
    )
    cleared = rest.by(JIHO).patch(f"/channels/{group}", {"topic": ""})
    assert (cleared.json["channel"]["name"], cleared.json["channel"]["topic"]) == ("새 이름", "")


def test_a_change_of_nothing_changes_nothing(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    before = rest.by(MINJI).get(f"/channels/{group}").json
    assert rest.by(MINJI).patch(f"/channels/{group}", {}).json == before
    assert rest.by(MINJI).patch(f"/channels/{group}", {"name": "마루"}).json == before


def test_a_closed_channel_is_read_and_left_but_not_written(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    rest.by(JIHO).say(group, "마지막")
    assert rest.by(JIHO).delete(f"/channels/{group}").status_code == 403
    assert rest.by(MINJI).delete(f"/channels/{group}").status_code == 204
    assert rest.by(JIHO).get(f"/channels/{group}").json["channel"]["closed"] is True
    assert rest.by(JIHO).say(group, "아직?").json["code"] == "forbidden"
    assert rest.by(JIHO).get(f"/channels/{group}/messages").status_code == 200
    assert rest.by(JIHO).delete(f"/channels/{group}/members/{JIHO}").status_code == 204


def test_members_are_listed_with_what_they_have_read(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    rest.by(MINJI).say(group, "하나")
    members = {
        member["user"]["id"]: member
        for member in rest.by(JIHO).get(f"/channels/{group}/members").json["members"]
    }
    assert {identity: member["role"] for identity, member in members.items()} == {
        MINJI: "owner",
        JIHO: "member",
    }
    assert members[MINJI]["read_seq"] == 2  # sending moves one's own marker
    assert members[JIHO]["read_seq"] < 2
    assert members[JIHO]["joined_at"] == rest.clock.ms


def test_a_member_comes_in_once(rest: Rest) -> None:
    group = rest.group(MINJI)
    came, was_in = (rest.by(MINJI).post(f"/channels/{group}/members", {"user_id": JIHO}) for _ in range(2))
    assert (came.status_code, was_in.status_code) == (201, 200)
    assert came.json["member"]["user"]["id"] == JIHO
    assert came.json == was_in.json
    assert rest.by(MINJI).post(f"/channels/{group}/members", {"user_id": MINJI}).status_code == 200


@pytest.mark.parametrize("user_id", ["00000000000000ee", "nobody", ""])
def test_nobody_unknown_comes_in(rest: Rest, user_id: str) -> None:
    group = rest.group(MINJI)
    answer = rest.by(MINJI).post(f"/channels/{group}/members", {"user_id": user_id})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["user_id"])


def test_a_direct_channel_takes_no_third_person_and_cannot_be_left(rest: Rest) -> None:
    direct = rest.direct()
    assert rest.by(MINJI).post(f"/channels/{direct}/members", {"user_id": SORA}).json["code"] == "forbidden"
    assert rest.by(MINJI).delete(f"/channels/{direct}/members/{MINJI}").json["code"] == "forbidden"


def test_leaving_is_deleting_oneself_and_the_channel_is_gone_for_them(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    assert rest.by(JIHO).delete(f"/channels/{group}/members/{JIHO}").status_code == 204
    assert rest.by(JIHO).get(f"/channels/{group}").status_code == 404
    assert rest.by(JIHO).get("/channels").json == {"channels": []}
    assert rest.by(MINJI).get(f"/channels/{group}").json["channel"]["member_count"] == 1


def test_admins_put_members_out_and_members_nobody(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO, SORA, HARU)
    assert rest.by(JIHO).delete(f"/channels/{group}/members/{SORA}").json["code"] == "forbidden"
    promoted = rest.by(MINJI).patch(f"/channels/{group}/members/{JIHO}", {"role": "admin"})
    assert promoted.json["member"]["role"] == "admin"
    assert rest.by(JIHO).delete(f"/channels/{group}/members/{SORA}").status_code == 204
    assert rest.by(JIHO).delete(f"/channels/{group}/members/{MINJI}").json["code"] == "forbidden"


def test_only_the_owner_gives_roles_and_can_hand_the_group_over(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    assert rest.by(JIHO).patch(f"/channels/{group}/members/{JIHO}", {"role": "owner"}).status_code == 403
    handed = rest.by(MINJI).patch(f"/channels/{group}/members/{JIHO}", {"role": "owner"})
    assert (handed.status_code, handed.json["member"]["role"]) == (200, "owner")
    assert rest.by(MINJI).get(f"/channels/{group}").json["channel"]["role"] == "admin"
    unknown = rest.by(JIHO).patch(f"/channels/{group}/members/{MINJI}", {"role": "king"})
    assert (unknown.status_code, list(unknown.json["fields"])) == (422, ["role"])
    assert rest.by(JIHO).patch(f"/channels/{group}/members/nobody", {"role": "admin"}).status_code == 404


def test_notifications_are_ones_own(rest: Rest) -> None:
    group = rest.group(MINJI, JIHO)
    quiet = rest.by(JIHO).put(
        f"/channels/{group}/notifications", {"level": "none", "muted_until": 1_800_000_000_000}
    )
    assert quiet.status_code == 200
    assert quiet.json["channel"]["notification_level"] == "none"
    assert quiet.json["channel"]["muted_until"] == 1_800_000_000_000
    assert rest.by(MINJI).get(f"/channels/{group}").json["channel"]["notification_level"] == "all"
    loud = rest.by(JIHO).put(f"/channels/{group}/notifications", {"level": "mentions", "muted_until": None})
    assert "muted_until" not in loud.json["channel"]
    assert rest.by(JIHO).put(f"/channels/{group}/notifications", {"level": "some"}).status_code == 422


def test_a_broken_disk_is_a_503_that_says_to_come_back(rest: Rest) -> None:
    rest.committer.broken = True
    answer = rest.by(MINJI).post("/channels", {"kind": "direct", "member_ids": [JIHO]})
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_what_reached_a_device_shows_as_delivered(rest: Rest) -> None:
    group, other = rest.group(MINJI, JIHO), rest.direct()
    for number in range(5):
        rest.by(MINJI).say(group, str(number))
        rest.by(MINJI).say(other, str(number))

    def delivered() -> int:
        members = rest.by(MINJI).get(f"/channels/{group}/members").json["members"]
        return next(member["delivered_seq"] for member in members if member["user"]["id"] == JIHO)

    read = rest.store.channel(JIHO, group).read_seq
    g_of = {commit.seq: commit.g for commit in rest.store.commits(0, 100) if commit.channel_id == group}
    assert delivered() == read  # nothing was heard of a device yet
    for seq in range(2, 7):
        rest.delivered.note(JIHO, g_of[seq])
        assert delivered() == seq
        rest.delivered.note(JIHO, g_of[seq] + 1)  # the other channel's message moves nothing here
        assert delivered() == seq
    rest.by(MINJI).say(group, "새로")
    assert delivered() == 6


def test_who_calls_on_others_too_fast_is_told_when_to_come_back_and_may_still_put_out_and_leave() -> None:
    clock = SetClock()
    rest = Rest(calls=TokenBuckets(rate_per_second=2, burst=3, clock=clock))
    group = rest.group(MINJI)
    members = f"/channels/{group}/members"
    assert rest.by(MINJI).post(members, {"user_id": JIHO}).status_code == 201
    assert rest.by(MINJI).patch(f"/channels/{group}", {"name": "저녁"}).status_code == 200
    for refused in (
        rest.by(MINJI).post("/channels", {"kind": "group", "name": "하나 더", "member_ids": []}),
        rest.by(MINJI).post("/channels", {"kind": "direct", "member_ids": [SORA]}),
        rest.by(MINJI).post(members, {"user_id": SORA}),
        rest.by(MINJI).patch(f"/channels/{group}", {"name": "아침"}),
        rest.by(MINJI).patch(f"{members}/{JIHO}", {"role": "admin"}),
    ):
        assert (refused.status_code, refused.json["code"], refused.json["retry_after"]) == (
            429,
            "rate_limited",
            0.5,
        )
    assert rest.by(SORA).post("/channels", {"kind": "direct", "member_ids": [MINJI]}).status_code == 201
    assert rest.by(MINJI).delete(f"{members}/{JIHO}").status_code == 204
    clock.ms += 500
    assert rest.by(MINJI).post(members, {"user_id": SORA}).status_code == 201
    assert rest.by(MINJI).delete(f"{members}/{MINJI}").status_code == 204
