"""Token buckets."""

from app.core.rates import TokenBuckets
from tests.accounts.house import SetClock


def test_a_bucket_gives_its_burst_and_then_says_how_long_to_wait() -> None:
    buckets = TokenBuckets(rate_per_second=0.5, burst=3, clock=SetClock())
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 2]


def test_a_bucket_fills_with_time_up_to_its_burst() -> None:
    clock = SetClock()
    buckets = TokenBuckets(rate_per_second=1, burst=2, clock=clock)
    assert [buckets.take("a") for _ in range(2)] == [0, 0]
    clock.advance(0.5)
    assert buckets.take("a") == 0.5
    clock.advance(1_000)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]


def test_who_waits_for_as_long_as_told_is_let_through() -> None:
    clock = SetClock()
    buckets = TokenBuckets(rate_per_second=3, burst=1, clock=clock)
    buckets.take("a")
    clock.advance(round(buckets.take("a") + 0.001, 3))
    assert buckets.take("a") == 0


def test_keys_do_not_touch_each_other() -> None:
    buckets = TokenBuckets(rate_per_second=1, burst=1, clock=SetClock())
    assert (buckets.take("a"), buckets.take("b"), buckets.take("a")) == (0, 0, 1)


def test_asking_for_the_wait_takes_nothing() -> None:
    buckets = TokenBuckets(rate_per_second=1, burst=1, clock=SetClock())
    assert (buckets.wait("a"), buckets.wait("a"), buckets.take("a"), buckets.wait("a")) == (0, 0, 0, 1)


def test_what_is_given_back_can_be_taken_again_but_never_beyond_the_burst() -> None:
    buckets = TokenBuckets(rate_per_second=1, burst=1, clock=SetClock())
    buckets.take("a")
    buckets.give_back("a")
    buckets.give_back("a")
    assert (buckets.take("a"), buckets.take("a")) == (0, 1)


def test_only_so_many_keys_are_held_and_the_one_unused_for_longest_goes_first() -> None:
    buckets = TokenBuckets(rate_per_second=1, burst=1, clock=SetClock(), max_keys=2)
    for key in ("a", "b", "c"):
        buckets.take(key)
    assert len(buckets) == 2
    assert (buckets.wait("b"), buckets.wait("c"), buckets.take("a")) == (1, 1, 0)
