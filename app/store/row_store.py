"""The `MessageStore` over any key-value store: a snapshot for each question, a ledger for each batch."""

import logging
import secrets
from collections.abc import Iterable, Sequence

from app.core.clock import Clock
from app.core.ids import ChannelId, UserId
from app.store import rows
from app.store.catching_up import page_inbox
from app.store.cursor import Position
from app.store.drafts import AnyDraft, CloseChannel, NewDelete, RemoveMember, SetContact
from app.store.high_water import has_lost_commits
from app.store.history import page_history, page_log
from app.store.keyspace import CannotWrite, Keyspace
from app.store.ledger import Known, Ledger
from app.store.port import (
    MAX_INBOX_EVENTS,
    ChannelState,
    Committed,
    Contact,
    Heads,
    HistoryPage,
    InboxPage,
    Member,
    Outcome,
    Rejected,
    Unknown,
)  # fmt: skip
from app.store.reading import Reading
from app.store.rules.apply import Unacceptable, apply, landing_order

log = logging.getLogger(__name__)
_FREEING = (NewDelete, RemoveMember, CloseChannel, SetContact)  # still possible when room is short


class RowMessageStore:
    """Implements the port; see `lmdb_store.py` and `memory_store.py` for the two kinds."""

    def __init__(self, keyspace: Keyspace, clock: Clock) -> None:
        self._keyspace = keyspace
        self._clock = clock
        self._known = Known()
        with keyspace.reading() as snapshot:
            named = snapshot.get(rows.META, rows.EPOCH) is not None
        if not named:
            self._name_history()

    def _name_history(self) -> None:
        """Two processes that open a new store at once agree on the name that came first."""
        with self._keyspace.writing() as txn:
            if txn.get(rows.META, rows.EPOCH) is None:
                txn.put_many(rows.META, [(rows.EPOCH, secrets.token_bytes(rows.EPOCH_BYTES))])

    # Writing

    def append(self, drafts: Sequence[AnyDraft]) -> list[Outcome]:
        try:
            return self._commit(drafts, self._keyspace.room())
        except Unacceptable:
            if len(drafts) == 1:
                return [Rejected("invalid", "This cannot be stored.")]
            return [outcome for draft in drafts for outcome in self.append([draft])]
        except CannotWrite as reason:
            return [Rejected("unavailable", str(reason))] * len(drafts)
        except Exception as cause:  # noqa: BLE001 - whatever a disk does, each draft gets an answer
            return [Unknown("The store did not answer; try again with the same id.", cause)] * len(drafts)

    def _commit(self, drafts: Sequence[AnyDraft], shortage: str | None) -> list[Outcome]:
        outcomes: list[Outcome] = [Rejected("unavailable", shortage or "")] * len(drafts)
        places = [landing_order(draft) for draft in drafts]
        with self._keyspace.writing() as txn:
            known = self._take_known(txn.transaction())
            ledger = Ledger(txn, known, self._clock.now_ms())
            for number in sorted(range(len(drafts)), key=places.__getitem__):
                if shortage is None or isinstance(drafts[number], _FREEING):
                    outcomes[number] = apply(ledger, drafts[number])
            ledger.flush()
        self._give_back(known, ledger)
        return outcomes

    def _take_known(self, transaction: int) -> Known:
        """The rows known from before, if they still hold."""
        known, self._known = self._known, Known()
        if not known.holds_in(transaction):
            known = Known()
        known.after = transaction
        return known

    def _give_back(self, known: Known, ledger: Ledger) -> None:
        """Only when the transaction is on disk, so that what it changed and then gave up is not taken for true."""
        if not ledger.wrote:
            known.after -= 1  # a transaction that wrote nothing is not counted
        self._known = known

    def new_epoch(self) -> str:
        """Begin a new history by name, after a restore: every cursor given out so far is answered with `resync`."""
        epoch = secrets.token_bytes(rows.EPOCH_BYTES)
        with self._keyspace.writing() as txn:
            txn.put_many(rows.META, [(rows.EPOCH, epoch)])
        return epoch.hex()

    def renew_epoch_below(self, noted: Position | None) -> bool:
        """New epoch if this store lacks commits that were noted outside it (the note was read before this call, so it
        cannot merely be fresher), or holds some of which nothing was noted. Returns whether that was so."""
        if not has_lost_commits(self.position(), noted):
            return False
        epoch = self.new_epoch()
        log.warning("the store is not at what was noted (%s): new epoch %s", noted and noted.encode(), epoch)
        return True

    # Reading

    def commits(self, after_g: int, limit: int) -> list[Committed]:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).commits(after_g, limit)

    def head_g(self) -> int:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).head_g()

    def epoch(self) -> str:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).epoch()

    def position(self) -> Position:
        """Epoch and latest commit, of one snapshot."""
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).start()

    def inbox(self, user_id: UserId, position: Position, limit: int = MAX_INBOX_EVENTS) -> InboxPage:
        with self._keyspace.reading() as snapshot:
            return page_inbox(Reading(snapshot), user_id, position, limit)

    def heads(self, user_id: UserId) -> Heads:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).heads(user_id)

    def channel(self, user_id: UserId, channel_id: ChannelId) -> ChannelState:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).state(rows.key_of(user_id), rows.key_of(channel_id))

    def history(
        self, user_id: UserId, channel_id: ChannelId, *, before: int | None = None, after: int | None = None,
        around: int | None = None, limit: int = 50,
    ) -> HistoryPage:  # fmt: skip
        with self._keyspace.reading() as snapshot:
            return page_history(Reading(snapshot), user_id, channel_id, before, after, around, limit)

    def events(self, user_id: UserId, channel_id: ChannelId, after: int, limit: int) -> HistoryPage:
        with self._keyspace.reading() as snapshot:
            return page_log(Reading(snapshot), user_id, channel_id, after, limit)

    def event(self, user_id: UserId, channel_id: ChannelId, seq: int) -> Committed:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).event(user_id, channel_id, seq)

    def members(self, user_id: UserId, channel_id: ChannelId) -> list[Member]:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).members(user_id, channel_id)

    def channel_ids(self, user_id: UserId) -> list[ChannelId]:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).channel_ids(user_id)

    def audience(self, channel_id: ChannelId) -> list[UserId]:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).audience(channel_id)

    def contacts(self, user_id: UserId) -> list[Contact]:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).contacts(user_id)

    def contact(self, user_id: UserId, other_id: UserId) -> Contact | None:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).contact(user_id, other_id)

    def peers(self, user_id: UserId) -> list[UserId]:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).peers(user_id)

    def blocked_by(self, user_id: UserId, others: Iterable[UserId]) -> set[UserId]:
        with self._keyspace.reading() as snapshot:
            return Reading(snapshot).blocked_by(user_id, others)

    # Keeping

    def check(self) -> str | None:
        return self._keyspace.room()

    def maintain(self) -> None:
        self._keyspace.maintain()

    def close(self) -> None:
        self._keyspace.close()
