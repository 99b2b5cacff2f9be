"""Coming in, going out, and who is in charge. Membership is a function of the log."""

from app.core.ids import UserId
from app.store import access, row_values, rows
from app.store.drafts import MAX_MEMBERS, AddMembers, RemoveMember, SetRole
from app.store.events import JoinEvent, LeaveEvent, Role, RoleEvent
from app.store.ledger import Ledger
from app.store.port import Accepted, Committed, Outcome, Rejected, Unchanged
from app.store.row_values import HeadRow, Interval, MemberRow
from app.store.rows import key_of


def enter(ledger: Ledger, head: HeadRow, users: list[bytes]) -> None:
    """Open an interval for each person at the join that was just appended. What was said before is not unread."""
    for user in users:
        member = ledger.member(head.channel, user) or MemberRow()
        member.role = "member"
        member.read_seq, member.read_count = head.seq, head.count
        member.intervals.append(Interval(head.g, head.seq, head.at))
        ledger.save_member(head.channel, user, member)
        ledger.put(rows.PEOPLE, rows.membership_key(user, head.channel), rows.pack_number(0))
    head.member_count += len(users)
    ledger.touch_head(head)


def add(ledger: Ledger, draft: AddMembers) -> Outcome:
    channel, author = key_of(draft.channel_id), key_of(draft.author_id)
    found = access.present_in(ledger, channel, author)
    if found is None:
        return access.NOT_FOUND
    head = found[0]
    if refused := access.refuse_changing_group(head):
        return refused
    asked = dict.fromkeys(map(key_of, draft.user_ids))
    newcomers = [user for user in asked if access.present_in(ledger, channel, user) is None]
    if not newcomers:
        return Unchanged()
    if refused := access.refuse_bringing_in(ledger, author, newcomers):
        return refused
    if head.member_count + len(newcomers) > MAX_MEMBERS:
        return Rejected("too_many_members", f"A group has at most {MAX_MEMBERS} members.")
    seq = head.seq + 1
    event = JoinEvent(
        channel_id=draft.channel_id, seq=seq, at=ledger.time_in(head), author_id=draft.author_id, version=seq,
        client_message_id=draft.client_message_id, user_ids=[rows.user_id_of(user) for user in newcomers],
    )  # fmt: skip
    committed = ledger.append(head, rows.JOIN, event)
    enter(ledger, head, newcomers)
    return Accepted([committed])


def remove(ledger: Ledger, draft: RemoveMember) -> Outcome:
    """Leaving is always possible in a group, a closed one too; putting others out is for those in charge."""
    channel, author, user = key_of(draft.channel_id), key_of(draft.author_id), key_of(draft.user_id)
    found = access.present_in(ledger, channel, author)
    if found is None:
        return access.NOT_FOUND
    head, member = found
    if head.kind != row_values.GROUP:
        return access.NOT_A_GROUP
    if user == author:
        return Accepted([*_hand_over(ledger, head, draft, member), _leave(ledger, head, draft)])
    if head.closed:
        return access.CLOSED
    if member.role == "member":
        return access.ADMINS_ONLY
    other = access.present_in(ledger, channel, user)
    if other is None:
        return Unchanged()
    if member.role != "owner" and other[1].role != "member":
        return access.OWNER_ONLY
    return Accepted([_leave(ledger, head, draft)])


def _hand_over(ledger: Ledger, head: HeadRow, draft: RemoveMember, leaving: MemberRow) -> list[Committed]:
    """When the owner leaves, the longest-serving admin, else member, is owner from then on."""
    if leaving.role != "owner" or head.member_count < 2:
        return []
    author = key_of(draft.author_id)
    others = [(user, member) for user, member in ledger.present_members(head.channel) if user != author]
    heir, member = min(
        others, key=lambda other: (other[1].role != "admin", other[1].intervals[-1].join_g, other[0])
    )
    return [_give_role(ledger, head, draft.author_id, heir, member, "owner")]


def _leave(ledger: Ledger, head: HeadRow, draft: RemoveMember) -> Committed:
    user = key_of(draft.user_id)
    seq = head.seq + 1
    event = LeaveEvent(
        channel_id=draft.channel_id, seq=seq, at=ledger.time_in(head), author_id=draft.author_id, version=seq,
        client_message_id=draft.client_message_id, user_id=draft.user_id,
    )  # fmt: skip
    committed = ledger.append(head, rows.LEAVE, event)
    member = ledger.member(head.channel, user)
    if member is None:
        raise LookupError("a member without a row")
    member.role = "member"
    member.intervals[-1].leave_g, member.intervals[-1].leave_seq = committed.g, seq
    ledger.save_member(head.channel, user, member)
    ledger.put(rows.PEOPLE, rows.membership_key(user, head.channel), rows.pack_number(committed.g))
    head.member_count -= 1
    return committed


def set_role(ledger: Ledger, draft: SetRole) -> Outcome:
    """A group always has one owner: ownership is handed on, never just laid down."""
    channel, author, user = key_of(draft.channel_id), key_of(draft.author_id), key_of(draft.user_id)
    found = access.present_in(ledger, channel, author)
    if found is None:
        return access.NOT_FOUND
    head, own = found
    if refused := access.refuse_changing_group(head):
        return refused
    if own.role != "owner":
        return access.OWNER_ONLY
    target = access.present_in(ledger, channel, user)
    if target is None:
        return Rejected("not_found", "This person is not in the conversation.")
    if target[1].role == draft.role:
        return Unchanged()
    if user == author:
        return Rejected("forbidden", "Make somebody else owner first.")
    events = []
    if draft.role == "owner":
        events.append(_give_role(ledger, head, draft.author_id, author, own, "admin"))
    last = _give_role(ledger, head, draft.author_id, user, target[1], draft.role, draft.client_message_id)
    return Accepted([*events, last])


def _give_role(
    ledger: Ledger, head: HeadRow, author_id: UserId, user: bytes, member: MemberRow, role: Role,
    client_message_id: str | None = None,
) -> Committed:  # fmt: skip
    seq = head.seq + 1
    event = RoleEvent(
        channel_id=head.channel_id, seq=seq, at=ledger.time_in(head), author_id=author_id, version=seq,
        client_message_id=client_message_id, user_id=rows.user_id_of(user), role=role,
    )  # fmt: skip
    member.role = role
    ledger.save_member(head.channel, user, member)
    return ledger.append(head, rows.ROLE, event)
