"""A naive message store to compare real ones with: a plain list of events, everything else counted out from it."""

from collections.abc import Iterator

import msgspec

from app.store.drafts import (
    AddMembers,
    AnyDraft,
    MarkRead,
    NewDelete,
    NewDirect,
    NewEdit,
    NewGroup,
    NewMessage,
    RemoveMember,
    SetContact,
)
from app.store.events import (
    AnyEvent,
    ContactEvent,
    DeleteEvent,
    EditEvent,
    JoinEvent,
    LeaveEvent,
    MessageEvent,
    ReadEvent,
    RoleEvent,
    decode_event,
)
from app.store.port import Committed


class Model:
    """`log`: every event as it was when it was committed, with its g."""

    def __init__(self) -> None:
        self.log: list[tuple[int, AnyEvent]] = []
        self.pairs: dict[str, frozenset[str]] = {}
        self.sent: dict[tuple[str, str], AnyDraft] = {}

    def take(self, rows: list[Committed]) -> None:
        self.log += [(row.g, decode_event(row.body)) for row in rows]

    def remember(self, draft: AnyDraft) -> None:
        """An accepted draft: what only it knows."""
        if isinstance(draft, NewDirect):
            self.pairs[draft.channel_id] = frozenset((draft.author_id, draft.peer_id))
        if draft.client_message_id:
            self.sent[draft.client_message_id, draft.author_id] = draft

    # Counting out

    def channel(self, channel: str) -> list[tuple[int, AnyEvent]]:
        return [(g, event) for g, event in self.log if event.channel_id == channel]

    def channels(self) -> list[str]:
        """All conversations, personal channels not among them."""
        return list(dict.fromkeys(e.channel_id for _, e in self.log if isinstance(e, JoinEvent)))

    def stays(self, channel: str, user: str) -> list[tuple[int, int | None]]:
        """`(g of the join, g of the leave or None)`."""
        found: list[tuple[int, int | None]] = []
        for g, event in self.channel(channel):
            if isinstance(event, JoinEvent) and user in event.user_ids:
                found.append((g, None))
            elif isinstance(event, LeaveEvent) and event.user_id == user:
                found[-1] = (found[-1][0], g)
        return found

    def present(self, channel: str, user: str) -> bool:
        stays = self.stays(channel, user)
        return bool(stays) and stays[-1][1] is None

    def members(self, channel: str) -> set[str]:
        everybody = {
            user for _, e in self.channel(channel) if isinstance(e, JoinEvent) for user in e.user_ids
        }
        return {user for user in everybody if self.present(channel, user)}

    def role(self, channel: str, user: str) -> str:
        role = "member"
        for _, event in self.channel(channel):
            if isinstance(event, JoinEvent) and user in event.user_ids:
                first = event.seq == 1 and event.author_id == user and channel not in self.pairs
                role = "owner" if first else "member"
            elif isinstance(event, RoleEvent) and event.user_id == user:
                role = event.role
        return role

    def marker(self, channel: str, user: str) -> int:
        """How far the person has read: by joining, by speaking, by saying so."""
        seqs = [0]
        for _, event in self.log:
            if isinstance(event, ReadEvent) and (event.author_id, event.target_channel_id) == (user, channel):
                seqs.append(event.read_seq)
            if event.channel_id == channel and (
                (isinstance(event, JoinEvent) and user in event.user_ids)
                or (isinstance(event, MessageEvent) and event.author_id == user)
            ):
                seqs.append(event.seq)
        return max(seqs)

    def unread(self, channel: str, user: str) -> int:
        marker = self.marker(channel, user)
        return sum(isinstance(e, MessageEvent) and e.seq > marker for _, e in self.channel(channel))

    def allowed(self, channel: str, user: str) -> Iterator[tuple[int, AnyEvent]]:
        """What of a channel ever reaches a person."""
        stays = [(0, None)] if channel == user else self.stays(channel, user)
        for g, event in self.channel(channel):
            if any(join <= g and (leave is None or g <= leave) for join, leave in stays):
                yield g, event

    def now(self, channel: str) -> list[AnyEvent]:
        """The log of a channel in its present state."""
        rows = {event.seq: event for _, event in self.channel(channel)}
        edited: dict[int, int] = {}
        for seq in sorted(rows):
            change = rows[seq]
            if not isinstance(change, EditEvent | DeleteEvent):
                continue
            message = rows[change.target]
            assert isinstance(message, MessageEvent)
            earlier = rows.get(edited.pop(change.target, 0))
            if isinstance(earlier, EditEvent):
                rows[earlier.seq] = msgspec.structs.replace(earlier, text="", version=seq)
            if isinstance(change, EditEvent):
                edited[change.target] = seq
                rows[change.target] = msgspec.structs.replace(
                    message, text=change.text, edited_at=change.at, version=seq
                )
            else:
                rows[change.target] = msgspec.structs.replace(
                    message, text=None, edited_at=None, deleted=True, version=seq
                )
        return [rows[seq] for seq in sorted(rows)]

    def blocks(self, user: str, other: str) -> bool:
        mine = [
            event.state
            for _, event in self.log
            if isinstance(event, ContactEvent) and (event.channel_id, event.user_id) == (user, other)
        ]
        return bool(mine) and mine[-1] == "blocked"

    # Foretelling

    def foretell(self, draft: AnyDraft) -> str:
        """The answer to a draft: "Accepted", "Duplicate", "Unchanged", "Existing" or the code of a rejection."""
        known = self.sent.get((draft.client_message_id or "", draft.author_id))
        if known is not None:
            same = draft == known or self._content_is_gone(known)
            return "Duplicate" if same else "conflict"
        if isinstance(draft, NewDirect):
            return self._foretell_direct(draft)
        if isinstance(draft, NewGroup):
            blocked = any(self.blocks(user, draft.author_id) for user in draft.member_ids)
            return "forbidden" if blocked else "Accepted"
        if isinstance(draft, SetContact):
            return self._foretell_contact(draft)
        if not self.present(draft.channel_id, draft.author_id):
            return "not_found"
        if isinstance(draft, NewMessage):
            return "forbidden" if self._is_blocked(draft.channel_id) else "Accepted"
        if isinstance(draft, NewEdit | NewDelete):
            return self._foretell_change(draft)
        if isinstance(draft, MarkRead):
            head = len(self.channel(draft.channel_id))
            moves = min(draft.seq, head) > self.marker(draft.channel_id, draft.author_id)
            return "Accepted" if moves else "Unchanged"
        if draft.channel_id in self.pairs:
            return "forbidden"
        if isinstance(draft, AddMembers):
            newcomers = set(draft.user_ids) - self.members(draft.channel_id)
            if any(self.blocks(user, draft.author_id) for user in newcomers):
                return "forbidden"
            return "Accepted" if newcomers else "Unchanged"
        assert isinstance(draft, RemoveMember)
        return self._foretell_removal(draft)

    def _content_is_gone(self, draft: AnyDraft) -> bool:
        """Whether what was said with a draft was edited away or deleted since."""
        for _, event in self.channel(draft.channel_id):
            same = event.client_message_id == draft.client_message_id and event.author_id == draft.author_id
            if same and isinstance(event, MessageEvent):
                return self.now(draft.channel_id)[event.seq - 1].version != event.seq
            if same and isinstance(event, EditEvent):
                return self.now(draft.channel_id)[event.seq - 1].version != event.seq
        return False

    def _is_blocked(self, channel: str) -> bool:
        pair = sorted(self.pairs.get(channel, ()))
        return bool(pair) and (self.blocks(*pair) or self.blocks(*reversed(pair)))

    def _foretell_direct(self, draft: NewDirect) -> str:
        if draft.author_id == draft.peer_id:
            return "invalid"
        if frozenset((draft.author_id, draft.peer_id)) in self.pairs.values():
            return "Existing"
        blocked = self.blocks(draft.author_id, draft.peer_id) or self.blocks(draft.peer_id, draft.author_id)
        return "forbidden" if blocked else "Accepted"

    def _foretell_contact(self, draft: SetContact) -> str:
        if draft.author_id == draft.other_id:
            return "invalid"
        blocks = self.blocks(draft.author_id, draft.other_id)
        return "Accepted" if blocks == (draft.action == "remove") else "Unchanged"

    def _foretell_change(self, draft: NewEdit | NewDelete) -> str:
        rows = self.now(draft.channel_id)
        message = rows[draft.target - 1] if 1 <= draft.target <= len(rows) else None
        if not isinstance(message, MessageEvent):
            return "not_found"
        own = message.author_id == draft.author_id
        if isinstance(draft, NewDelete):
            in_charge = self.role(draft.channel_id, draft.author_id) != "member"
            if not own and not in_charge:
                return "forbidden"
            return "Unchanged" if message.deleted else "Accepted"
        if self._is_blocked(draft.channel_id) or not own:
            return "forbidden"
        if message.deleted:
            return "not_found"
        return "Unchanged" if message.text == draft.text else "Accepted"

    def _foretell_removal(self, draft: RemoveMember) -> str:
        role = self.role(draft.channel_id, draft.author_id)
        if draft.author_id == draft.user_id:
            return "Accepted"
        if role == "member":
            return "forbidden"
        if not self.present(draft.channel_id, draft.user_id):
            return "Unchanged"
        plain = self.role(draft.channel_id, draft.user_id) == "member"
        return "Accepted" if role == "owner" or plain else "forbidden"
