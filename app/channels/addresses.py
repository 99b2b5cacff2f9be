"""Ids and positions as they come in addresses: what cannot be one names nothing that exists."""

from app.channels.wire import MAX_SEQ
from app.core.errors import NotFound
from app.core.ids import ChannelId, UserId, is_id
from app.store.access import NOT_FOUND

_MAX_SEQ_DIGITS = len(str(MAX_SEQ))


def require_channel_id(text: str) -> ChannelId:
    """The channel id of a text. Raises NotFound."""
    if not is_id(text):
        raise NotFound(NOT_FOUND.detail)
    return ChannelId(text)


def require_user_id(text: str) -> UserId:
    """The person's id of a text. Raises NotFound."""
    if not is_id(text):
        raise NotFound("There is no such person.")
    return UserId(text)


def require_seq(text: str) -> int:
    """The position a part of an address names. Raises NotFound.

    The digits are counted first: `int` of some thousand raises, and takes its time.
    """
    if text.isascii() and text.isdigit() and len(text) <= _MAX_SEQ_DIGITS and 1 <= int(text) <= MAX_SEQ:
        return int(text)
    raise NotFound("There is no such message.")
