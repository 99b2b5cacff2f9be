"""One page of what a person missed: their intervals of membership beyond a position, merged in `g` order.

Costs a look at each of the person's channels (one row each where nothing is new) and two rows per event of the page; or
a walk over all commits since, where that is shorter.
"""

from collections.abc import Iterator
from heapq import merge

import msgspec

from app.core.ids import UserId
from app.store import row_values, rows
from app.store.cursor import Position
from app.store.port import MAX_INBOX_BYTES, MAX_INBOX_EVENTS, RESET_ABOVE, ChannelState, Committed, InboxPage
from app.store.reading import Reading
from app.store.row_values import HeadRow, Interval

GO_THROUGH = 4  # so many commits by anybody are gone through sooner than one channel is looked at


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
    memberships = reading.memberships(user)
    channel_ids = [rows.channel_id_of(channel) for channel, left_g in memberships if not left_g]
    if position.epoch != start.epoch or max(position.g, position.until) > start.g:
        return InboxPage([], [], start, False, True, start.g, channel_ids)
    span = _span_of(position, start)
    reset: list[ChannelState] = []
    too_much = False
    if span.until - span.since <= min(GO_THROUGH * len(memberships), RESET_ABOVE):
        due = _due_of_all(reading, user, memberships, span)
    else:
        missed, reset, too_much = _find_missed(reading, user, memberships, span)
        due = _merged(reading, missed, span)
    events, complete = _fill(due, min(max(limit, 1), MAX_INBOX_EVENTS))
    reached = span.until if complete else events[-1].g
    if too_much and reached < span.until:
        next_position = Position(start.epoch, reached, span.since, span.until)
    else:
        next_position = Position(start.epoch, reached)
    return InboxPage(events, reset, next_position, reached < start.g, False, start.g, channel_ids)


def _span_of(position: Position, start: Position) -> _Span:
    """The stretch that is being paged through already, or a new one up to the present."""
    if position.g < position.until:
        return _Span(position.since, position.until, position.g)
    return _Span(position.g, start.g, position.g)


def _fill(due: Iterator[Committed], limit: int) -> tuple[list[Committed], bool]:
    """As much of what is due as a page holds, and whether that was everything."""
    events: list[Committed] = []
    size = 0
    for event in due:
        size += len(event.body) + 1
        if len(events) == limit or (events and size > MAX_INBOX_BYTES):
            return events, False
        events.append(event)
    return events, True


# Little has happened at all: go through it ---------------------------------------------------------------------------


def _due_of_all(
    reading: Reading, user: bytes, memberships: list[tuple[bytes, int]], span: _Span
) -> Iterator[Committed]:
    """What of the whole span is the person's. Cheaper than a look at each channel when little happened, as for most who
    come back or hold a request; and too little for a reset."""
    mine = {channel for channel, left_g in memberships if not 0 < left_g <= span.since}
    stays: dict[bytes, list[Interval]] = {user: [Interval(0, 1, 0)]}
    for g, row in reading.journal(span.after, span.until):
        channel = rows.channel_of(row)
        if channel in mine and channel not in stays:
            stays[channel] = reading.stays(channel, user)
        if any(_holds(stay, g) for stay in stays.get(channel, ())):
            yield rows.committed(g, row)


def _holds(stay: Interval, g: int) -> bool:
    return stay.join_g <= g and (not stay.leave_g or g <= stay.leave_g)


# Much has happened: look at each channel of the person ---------------------------------------------------------------


def _find_missed(
    reading: Reading, user: bytes, memberships: list[tuple[bytes, int]], span: _Span
) -> tuple[list[_Missed], list[ChannelState], bool]:
    """The runs to replay, the channels to reset, and whether any channel had too much."""
    missed: list[_Missed] = []
    reset: list[ChannelState] = []
    too_much = False
    for head, intervals in _channels_with_news(reading, user, memberships, span):
        runs = _runs(reading, head, intervals, span)
        if head.kind == row_values.PERSONAL or sum(run.last - run.first + 1 for run in runs) <= RESET_ABOVE:
            missed.extend(runs)
            continue
        too_much = True
        stay = [stay for stay in intervals if stay.join_g <= span.until][-1]
        if 0 < stay.leave_g <= span.until:
            missed.append(_Missed(head.channel, stay.leave_seq, stay.leave_seq))
        elif span.begins:
            reset.append(reading.state(user, head.channel))
    return missed, reset, too_much


def _channels_with_news(
    reading: Reading, user: bytes, memberships: list[tuple[bytes, int]], span: _Span
) -> Iterator[tuple[HeadRow, list[Interval]]]:
    """Channels with something in the span that may be the person's, with their intervals of membership."""
    own = reading.head_beyond(user, span.since)
    if own is not None:
        yield own, [Interval(0, 1, 0)]
    for channel, left_g in memberships:
        if not 0 < left_g <= span.since:
            head = reading.head_beyond(channel, span.since)
            if head is not None:
                yield head, reading.stays(channel, user)


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
    while high > low and reading.g_of(channel, max(high - step, low)) > g:
        high = max(high - step, low)
        step *= 2
    low = max(high - step, low)
    while low < high:
        middle = (low + high) // 2
        if reading.g_of(channel, middle) > g:
            high = middle
        else:
            low = middle + 1
    return high


def _merged(reading: Reading, missed: list[_Missed], span: _Span) -> Iterator[Committed]:
    """The events of all runs beyond what earlier pages had, in `g` order; read as they are taken."""
    places = []
    for run in missed:
        first = run.first
        if not span.begins:
            first = _first_seq_beyond(reading, run.channel, run.first, run.last, span.after)
        if first <= run.last:
            places.append(reading.places(run.channel, first, run.last))
    return (reading.committed(g) for g, _ in merge(*places))
