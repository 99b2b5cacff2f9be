"""Who may do what, decided inside the commit: each `refuse_…` gives the rejection, or None when it is allowed.

Pure over the rows of the ledger; nothing is written here.
"""

from app.store import row_values
from app.store.ledger import Ledger
from app.store.port import Rejected
from app.store.row_values import HeadRow, MemberRow

NOT_FOUND = Rejected("not_found", "There is no such channel, or you are not in it.")
NO_MESSAGE = Rejected("not_found", "There is no such message.")
CLOSED = Rejected("forbidden", "This conversation is closed.")
BLOCKED = Rejected("forbidden", "You cannot write to this person.")
NOT_A_GROUP = Rejected("forbidden", "This can only be done in a group.")
ADMINS_ONLY = Rejected("forbidden", "Only the owner and admins may do this.")
OWNER_ONLY = Rejected("forbidden", "Only the owner may do this.")


def present_in(ledger: Ledger, channel: bytes, user: bytes) -> tuple[HeadRow, MemberRow] | None:
    """The channel and the person's row in it; None unless they are in it now."""
    head = ledger.head(channel)
    if head is None:
        return None
    member = ledger.member(channel, user)
    return (head, member) if member is not None and member.present else None


def refuse_speaking(head: HeadRow) -> Rejected | None:
    """Nobody speaks in a closed channel, nor to a person of whom either has blocked the other."""
    if head.closed:
        return CLOSED
    return BLOCKED if head.blocks else None


def refuse_changing_group(head: HeadRow) -> Rejected | None:
    if head.kind != row_values.GROUP:
        return NOT_A_GROUP
    return CLOSED if head.closed else None


def refuse_bringing_in(ledger: Ledger, author: bytes, newcomers: list[bytes]) -> Rejected | None:
    """Who has blocked a person is not brought into groups by them."""
    blockers = [user for user in newcomers if ledger.has_blocked(user, author)]
    if not blockers:
        return None
    fields = {user.hex(): "cannot be added by you" for user in blockers}
    return Rejected("forbidden", "Some of these people cannot be added by you.", fields)
