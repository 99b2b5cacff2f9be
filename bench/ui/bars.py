"""What is asked of the page (PRODUCT), and the table that shows what was measured beside it."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Numbers = dict[str, float]
LAYOUT_ROUNDS_PX = 0.5  # nothing moves on the screen by less


@dataclass(frozen=True)
class Bar:
    """A number of a round, what it is, and at most (or at least) how much it may be. None: nothing is asked."""

    name: str
    title: str
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    def asked(self) -> str:
        if self.at_most is not None:
            return f"≤ {shown(self.at_most)}"
        return f"≥ {shown(self.at_least)}" if self.at_least is not None else ""

    def holds(self, value: float) -> bool:
        return (self.at_most is None or value <= self.at_most) and (
            self.at_least is None or value >= self.at_least
        )


BARS = (
    Bar("own", "own message painted after Enter, p95", "ms", at_most=50),
    Bar("own_median", "the same, p50", "ms"),
    Bar("own_event_timing", "the same by Event Timing (multiples of 8 ms), p95", "ms", at_most=50),
    Bar("own_offline", "the same, server killed, p95", "ms", at_most=50),
    Bar("opening", "conversation opened from the device's cache, p95", "ms", at_most=100),
    Bar("opening_offline", "the same, server killed, p95", "ms", at_most=100),
    Bar("warm_start", "warm start to messages on screen, p50", "ms", at_most=200),
    Bar("warm_start_offline", "the same, server killed, p50", "ms", at_most=200),
    Bar("first_start", "the first start after the browser's own", "ms"),
    Bar("drift_history", "drift while history loads above", "px", at_most=LAYOUT_ROUNDS_PX),
    Bar("drift_grown", "drift while something above grows", "px", at_most=LAYOUT_ROUNDS_PX),
    Bar("drift_arrived", "drift while messages arrive", "px", at_most=LAYOUT_ROUNDS_PX),
    Bar("heap_start", "JavaScript heap, one conversation", "MB"),
    Bar("heap_visited", "JavaScript heap after 20 conversations", "MB"),
    Bar("heap_half", "JavaScript heap after half an hour's messages", "MB"),
    Bar("heap_hour", "JavaScript heap after an hour's messages", "MB"),
    Bar("nodes_start", "DOM nodes, one conversation", ""),
    Bar("nodes_visited", "DOM nodes after 20 conversations", ""),
    Bar("nodes_half", "DOM nodes after half an hour's messages", ""),
    Bar("nodes_hour", "DOM nodes after an hour's messages", ""),
    Bar("growth", "heap after that hour / after half of it", "", at_most=1.1),
    Bar("entrance_files", "first visit: files asked for", "", at_most=8),
    Bar("entrance_calls", "first visit: calls of the API", ""),
    Bar("entrance_kilobytes", "first visit: bodies as they travel", "KB"),
    Bar("entrance_largest_paint", "first visit: largest paint", "ms", at_most=1_500),
    Bar("entrance_shift", "first visit: layout shift", "", at_most=0.1),
    Bar("hall_files", "signed in, nothing cached: files asked for", "", at_most=8),
    Bar("hall_calls", "signed in, nothing cached: calls of the API", ""),
    Bar("hall_largest_paint", "signed in, nothing cached: largest paint", "ms", at_most=1_500),
    Bar("hall_shift", "signed in, nothing cached: layout shift", "", at_most=0.1),
    Bar("lighthouse_entrance_performance", "Lighthouse mobile, entrance: performance", "", at_least=95),
    Bar("lighthouse_entrance_accessibility", "Lighthouse mobile, entrance: accessibility", "", at_least=100),
    Bar("lighthouse_entrance_best_practices", "Lighthouse mobile, entrance: best practices", ""),
    Bar("lighthouse_entrance_largest_paint", "Lighthouse mobile, entrance: largest paint", "ms", at_most=1_500),
    Bar("lighthouse_hall_performance", "Lighthouse mobile, signed in: performance", "", at_least=95),
    Bar("lighthouse_hall_accessibility", "Lighthouse mobile, signed in: accessibility", "", at_least=100),
    Bar("lighthouse_hall_best_practices", "Lighthouse mobile, signed in: best practices", ""),
    Bar("lighthouse_hall_largest_paint", "Lighthouse mobile, signed in: largest paint", "ms", at_most=1_500),
)  # fmt: skip


def table(rounds: Sequence[Numbers]) -> str:
    """Medians of the rounds, and between what they lay, in Markdown."""
    lines = ["| | measured | rounds | asked for | |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*lines, *_rows(rounds)])


def _rows(rounds: Sequence[Numbers]) -> Iterator[str]:
    for bar in BARS:
        values = [numbers[bar.name] for numbers in rounds if bar.name in numbers]
        if not values:
            continue
        median = statistics.median(values)
        between = f"{shown(min(values))} to {shown(max(values))}" if len(values) > 1 else ""
        verdict = "" if not bar.asked() else "holds" if bar.holds(median) else "**missed**"
        yield f"| {bar.title} | {shown(median)} {bar.unit} | {between} | {bar.asked()} | {verdict} |"


def shown(value: float) -> str:
    if value == 0 or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}".removesuffix(".0") if value >= 1 else f"{value:.3g}"
