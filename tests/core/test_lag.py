"""How late the event loop is."""

from app.core.lag import RING_SECONDS, WINDOW_SECONDS, Lag


class Watch:
    """Time as the test sets it, in seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ring(lag: Lag, watch: Watch, after: float) -> None:
    watch.now += after
    lag.ring()


def test_a_loop_that_keeps_its_time_has_no_lag() -> None:
    watch = Watch()
    lag = Lag(watch)
    for _ in range(100):
        ring(lag, watch, RING_SECONDS)
    assert lag.ms < 0.001


def test_what_held_the_loop_up_is_the_worst_of_the_last_seconds_and_then_forgotten() -> None:
    watch = Watch()
    lag = Lag(watch)
    ring(lag, watch, RING_SECONDS + 0.3)
    ring(lag, watch, RING_SECONDS + 0.1)
    assert round(lag.ms) == 300
    for _ in range(round((WINDOW_SECONDS - 1) / RING_SECONDS) - 10):
        ring(lag, watch, RING_SECONDS)
    assert round(lag.ms) == 300
    for _ in range(round(1 / RING_SECONDS) + 10):
        ring(lag, watch, RING_SECONDS)
    assert lag.ms < 0.001


def test_a_timer_that_rings_early_after_a_late_ring_is_no_lag() -> None:
    watch = Watch()
    lag = Lag(watch)
    ring(lag, watch, RING_SECONDS / 10)
    assert lag.ms == 0
