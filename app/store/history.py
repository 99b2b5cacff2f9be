"""Pages of one channel: its history as people see it, and its raw log. Rows are copied, never decoded."""

from itertools import islice

from app.core.ids import ChannelId, UserId
from app.store import rows
from app.store.port import MAX_PAGE, HistoryPage
from app.store.reading import Reading


def page_history(
    reading: Reading, user_id: UserId, channel_id: ChannelId, before: int | None, after: int | None,
    around: int | None, limit: int,
) -> HistoryPage:  # fmt: skip
    """See `MessageStore.history`."""
    channel = rows.key_of(channel_id)
    head, _ = reading.require_member(rows.key_of(user_id), channel)
    limit = min(max(limit, 1), MAX_PAGE)
    if around is not None:
        return _page_around(reading, channel, head.seq, around, limit)
    if after is not None:
        later = _shown(reading, channel, after + 1, head.seq, limit + 1)
        before_too = bool(_shown(reading, channel, 1, min(after, head.seq), 1, backwards=True))
        return _page(reading, later[:limit], before_too, len(later) > limit)
    newest = head.seq if before is None else min(before - 1, head.seq)
    earlier = _shown(reading, channel, 1, newest, limit + 1, backwards=True)
    after_too = bool(_shown(reading, channel, newest + 1, head.seq, 1))
    return _page(reading, earlier[:limit][::-1], len(earlier) > limit, after_too)


def _page_around(reading: Reading, channel: bytes, head_seq: int, around: int, limit: int) -> HistoryPage:
    """The event itself with the later half; an end of the history gives its share to the other side."""
    earlier = _shown(reading, channel, 1, min(around - 1, head_seq), limit + 1, backwards=True)
    later = _shown(reading, channel, around, head_seq, limit + 1)
    take_later = min(len(later), max(limit - limit // 2, limit - len(earlier)))
    take_earlier = min(len(earlier), limit - take_later)
    page = earlier[:take_earlier][::-1] + later[:take_later]
    return _page(reading, page, len(earlier) > take_earlier, len(later) > take_later)


def _shown(
    reading: Reading, channel: bytes, first: int, last: int, limit: int, backwards: bool = False
) -> list[int]:
    """`g` of at most `limit` events from `first` to `last` that a history shows."""
    if last < max(first, 1):
        return []
    places = reading.places(channel, first, last, backwards)
    return list(islice((g for g, kind in places if kind in rows.HISTORY_KINDS), limit))


def _page(reading: Reading, places: list[int], has_before: bool, has_after: bool) -> HistoryPage:
    return HistoryPage([reading.committed(g) for g in places], has_before, has_after)


def page_log(reading: Reading, user_id: UserId, channel_id: ChannelId, after: int, limit: int) -> HistoryPage:
    """See `MessageStore.events`."""
    channel = rows.key_of(channel_id)
    head_seq = reading.require_readable(rows.key_of(user_id), channel)
    limit, after = min(max(limit, 1), MAX_PAGE), max(after, 0)
    if after >= head_seq:
        return HistoryPage([], head_seq > 0, False)
    places = [g for g, _ in reading.places(channel, after + 1, min(after + limit, head_seq))]
    return _page(reading, places, after > 0, after + limit < head_seq)
