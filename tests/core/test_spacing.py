"""Work that keeps its distance."""

from collections.abc import Callable

from app.core.spacing import Spaced


class Loop:
    """Notes when what was asked for."""

    def __init__(self) -> None:
        self.now = 100.0
        self.asked: list[float] = []
        self.spaced = Spaced(self.soon, self.after, lambda: self.now, seconds=5)

    def soon(self, work: Callable[[], None]) -> None:
        self.asked.append(self.now)

    def after(self, seconds: float, function: Callable[[], None]) -> None:
        self.asked.append(self.now + seconds)

    def ask_at(self, *times: float) -> list[float]:
        for self.now in times:
            self.spaced(lambda: None)
        return self.asked


def test_what_comes_rarely_runs_at_once() -> None:
    assert Loop().ask_at(100, 105, 111) == [100, 105, 111]


def test_what_comes_often_keeps_its_distance() -> None:
    assert Loop().ask_at(100, 101, 106, 112, 120) == [100, 105, 110, 115, 120]
