"""Making and changing channels and who is in them. Content is parsed here; rights are decided inside the commit."""

from collections.abc import Callable, Sequence

from msgspec import UNSET

from app.channels.names import normalise_name, normalise_topic
from app.channels.views import People
from app.channels.wire import CreateDirect, CreateGroup, PatchChannel, PutNotifications
from app.core.clock import Clock
from app.core.errors import Invalid, TooManyMembers
from app.core.ids import ChannelId, UserId, is_id, new_id
from app.core.rates import Rate, require_rate
from app.store.committing import Committer
from app.store.drafts import (
    MAX_MEMBERS,
    AddMembers,
    AnyDraft,
    ChangeChannel,
    CloseChannel,
    NewDirect,
    NewGroup,
    RemoveMember,
    SetNotifications,
    SetRole,
)
from app.store.events import Role
from app.store.outcomes import require_done
from app.store.port import Accepted, Existing, Outcome, Rejected

_ID_DRAWS = 3  # two ids of one millisecond are equal once in four million (ids.py)


class Channels:
    """Create, change, close; bring in, put out, promote. Every call waits for its commit and raises its refusal.

    `rate`: how often one person may do what others hear of; going and putting out is always allowed.
    """

    def __init__(self, committer: Committer, people: People, clock: Clock, rate: Rate | None) -> None:
        self._committer = committer
        self._people = people
        self._clock = clock
        self._rate = rate

    def create(self, author_id: UserId, wanted: CreateDirect | CreateGroup) -> tuple[ChannelId, bool]:
        """The channel's id, and whether it is new: a pair has one direct channel for ever.

        Raises Invalid (nobody, or an unknown person, is named), TooManyMembers, Forbidden (blocked), RateLimited.
        """
        members = self._require_people(author_id, wanted.member_ids, "member_ids")
        if isinstance(wanted, CreateGroup):
            name, topic = normalise_name(wanted.name), normalise_topic(wanted.topic)
            return self._create(
                author_id,
                lambda channel_id: NewGroup(
                    author_id=author_id, channel_id=channel_id, name=name, topic=topic, member_ids=members
                ),
            )
        if len(members) != 1:
            raise Invalid(
                "A direct channel has two people.", fields={"member_ids": "It must name one other person."}
            )
        return self._create(
            author_id,
            lambda channel_id: NewDirect(author_id=author_id, channel_id=channel_id, peer_id=members[0]),
        )

    def change(self, author_id: UserId, channel_id: ChannelId, patch: PatchChannel) -> None:
        """New name or topic. Raises NotFound, Forbidden, Invalid, RateLimited."""
        name = None if patch.name is UNSET else normalise_name(patch.name)
        topic = None if patch.topic is UNSET else normalise_topic(patch.topic)
        require_rate(self._rate, author_id)
        self._commit(ChangeChannel(author_id=author_id, channel_id=channel_id, name=name, topic=topic))

    def close(self, author_id: UserId, channel_id: ChannelId) -> None:
        """Nothing is said in it any more; it can be read and left. Raises NotFound, Forbidden."""
        self._commit(CloseChannel(author_id=author_id, channel_id=channel_id))

    def add_member(self, author_id: UserId, channel_id: ChannelId, user_id: str) -> bool:
        """Whether the person came in now, and was not there already.

        Raises NotFound, Forbidden, Invalid, TooManyMembers, RateLimited.
        """
        if user_id != author_id:
            self._require_people(author_id, [user_id], "user_id")
        require_rate(self._rate, author_id)
        outcome = self._commit(
            AddMembers(author_id=author_id, channel_id=channel_id, user_ids=[UserId(user_id)])
        )
        return isinstance(outcome, Accepted)

    def remove_member(self, author_id: UserId, channel_id: ChannelId, user_id: UserId) -> None:
        """Leave, or put somebody out. Raises NotFound, Forbidden."""
        self._commit(RemoveMember(author_id=author_id, channel_id=channel_id, user_id=user_id))

    def set_role(self, author_id: UserId, channel_id: ChannelId, user_id: UserId, role: Role) -> None:
        """Raises NotFound, Forbidden, RateLimited."""
        require_rate(self._rate, author_id)
        self._commit(SetRole(author_id=author_id, channel_id=channel_id, user_id=user_id, role=role))

    def set_notifications(self, author_id: UserId, channel_id: ChannelId, wanted: PutNotifications) -> None:
        """How the channel notifies its author. Raises NotFound."""
        self._commit(
            SetNotifications(
                author_id=author_id,
                channel_id=channel_id,
                level=wanted.level,
                muted_until=wanted.muted_until,
            )
        )

    def _create(
        self, author_id: UserId, draft_for: Callable[[ChannelId], AnyDraft]
    ) -> tuple[ChannelId, bool]:
        require_rate(self._rate, author_id)
        for _ in range(_ID_DRAWS):
            channel_id = ChannelId(new_id(self._clock.now_ms()))
            outcome = self._committer.commit(draft_for(channel_id))
            if not (isinstance(outcome, Rejected) and outcome.code == "conflict"):
                break
        require_done(outcome)
        if isinstance(outcome, Existing):
            return outcome.channel_id, False
        return channel_id, True

    def _commit(self, draft: AnyDraft) -> Outcome:
        return require_done(self._committer.commit(draft))

    def _require_people(self, author_id: UserId, ids: Sequence[str], field: str) -> list[UserId]:
        """The people named but the author, each once. Raises Invalid for one nobody knows, TooManyMembers."""
        named = [UserId(text) for text in dict.fromkeys(ids) if text != author_id]
        if len(named) >= MAX_MEMBERS:
            raise TooManyMembers(f"A group has at most {MAX_MEMBERS} members.")
        known = self._people.users([user_id for user_id in named if is_id(user_id)])
        if len(known) < len(named):
            raise Invalid("Somebody named here is not known.", fields={field: "No such person."})
        return named
