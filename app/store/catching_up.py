"""One page of what a person missed: their intervals of membership beyond a position, merged in `g` order.

Costs a look at each of the person's channels (one row each where nothing is new) and two rows per event of the page,
never a walk over what others said elsewhere.
"""

from heapq import heapify, heappop, heapreplace

import msgspec

from app.core.ids import UserId
from app.store import rows
from app.store.cursor import Position
from app.store.port import MAX_INBOX_BYTES, MAX_INBOX_EVENTS, RESET_ABOVE, ChannelState, Committed, InboxPage
from app.store.reading import Reading
from app.store.rows import HeadRow, Interval


class _Missed(msgspec.Struct, frozen=True, gc=False):
    """A run of one channel's log: events `first` to `last`, both included."""

    channel: bytes
    first: int
    last: int


class _Span(msgspec.Struct, frozen=True, gc=False):
    """The stretch of the commit index one catch-up goes over: beyond `since`, up to `until`. Channels with too much in
    it are reset on its first page, so the whole stretch is judged again on each later one. Events are due beyond
    `after`."""

    since: int
    until: int
    after: int

    @property
    def begins(self) -> bool:
        return self.after == self.since


def page_inbox(reading: Reading, user_id: UserId, position: Position, limit: int) -> InboxPage:
    """See `MessageStore.inbox`."""
    start = reading.start()
    user = rows.key_of(user_id)
    channel_ids = reading.channel_ids(user_id)
    if position.epoch != start.epoch or max(position.g, position.until) > start.g:
        return InboxPage([], [], start, False, True, start.g, channel_ids)
    if position.g < position.until:
        span = _Span(position.since, position.until, position.g)
    else:
        span = _Span(position.g, start.g, position.g)
    missed, reset, too_much = _find_missed(reading, user, span)
    events, complete = _merge(reading, missed, span, min(max(limit, 1), MAX_INBOX_EVENTS))
    reached = span.until if complete else events[-1].g
    if too_much and reached < span.until:
        next_position = Position(start.epoch, reached, span.since, span.until)
    else:
        next_position = Position(start.epoch, reached)
    return InboxPage(events, reset, next_position, reached < start.g, False, start.g, channel_ids)


def _find_missed(
    reading: Reading, user: bytes, span: _Span
) -> tuple[list[_Missed], list[ChannelState], bool]:
    """The runs to replay, the channels to reset, and whether any channel had too much."""
    missed: list[_Missed] = []
    reset: list[ChannelState] = []
    too_much = False
    for head, intervals in _channels_with_news(reading, user, span):
        runs = _runs(reading, head, intervals, span)
        if head.kind == rows.PERSONAL or sum(run.last - run.first + 1 for run in runs) <= RESET_ABOVE:
            missed.extend(runs)
            continue
        too_much = True
        stay = [stay for stay in intervals if stay.join_g <= span.until][-1]
        if 0 < stay.leave_g <= span.until:
            missed.append(_Missed(head.channel, stay.leave_seq, stay.leave_seq))
        elif span.begins:
            reset.append(reading.state(user, head.channel))
    return missed, reset, too_much


def _channels_with_news(reading: Reading, user: bytes, span: _Span) -> list[tuple[HeadRow, list[Interval]]]:
    """Channels with something in the span that may be the person's, with their intervals of membership."""
    found = []
    own = reading.head_row(user)
    if own is not None and own.g > span.since:
        found.append((own, [Interval(0, 1, 0)]))
    for channel, left_g in reading.memberships(user):
        if 0 < left_g <= span.since:
            continue
        head = reading.head_row(channel)
        if head is None or head.g <= span.since:
            continue
        member = reading.member_row(channel, user)
        if member is not None:
            found.append((head, member.intervals))
    return found


def _runs(reading: Reading, head: HeadRow, intervals: list[Interval], span: _Span) -> list[_Missed]:
    """What each stay in the channel adds to the span, as runs of seqs."""
    runs = []
    for stay in intervals:
        if 0 < stay.leave_g <= span.since:
            continue
        first, last = stay.join_seq, stay.leave_seq or head.seq
        if (stay.leave_g or head.g) > span.until:
            last = _first_seq_beyond(reading, head.channel, first, last, span.until) - 1
        if stay.join_g <= span.since:
            first = _first_seq_beyond(reading, head.channel, first, last, span.since)
        if first <= last:
            runs.append(_Missed(head.channel, first, last))
    return runs


def _first_seq_beyond(reading: Reading, channel: bytes, first: int, last: int, g: int) -> int:
    """The lowest seq from `first` to `last` whose g is above `g`, or `last + 1`; g grows with seq. Looked for from the
    end in growing steps, since most devices missed little."""
    low, high, step = first, last + 1, 1
    while high > low and reading.index(channel, max(high - step, low))[0] > g:
        high = max(high - step, low)
        step *= 2
    low = max(high - step, low)
    while low < high:
        middle = (low + high) // 2
        if reading.index(channel, middle)[0] > g:
            high = middle
        else:
            low = middle + 1
    return high


def _merge(reading: Reading, missed: list[_Missed], span: _Span, limit: int) -> tuple[list[Committed], bool]:
    """The oldest events beyond what earlier pages had, within the bounds of a page; and whether these are all."""
    waiting = []
    for number, run in enumerate(missed):
        first = run.first
        if not span.begins:
            first = _first_seq_beyond(reading, run.channel, run.first, run.last, span.after)
        if first <= run.last:
            waiting.append((reading.index(run.channel, first)[0], number, first))
    heapify(waiting)
    events: list[Committed] = []
    size = 0
    while waiting:
        g, number, seq = waiting[0]
        event = reading.committed(g)
        size += len(event.body) + 1
        if len(events) == limit or (events and size > MAX_INBOX_BYTES):
            return events, False
        events.append(event)
        run = missed[number]
        if seq < run.last:
            heapreplace(waiting, (reading.index(run.channel, seq + 1)[0], number, seq + 1))
        else:
            heappop(waiting)
    return events, True
