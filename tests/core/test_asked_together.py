"""Questions that are asked together."""

import gevent
import pytest
from gevent.event import Event

from app.core.asked_together import AskedTogether
from app.core.errors import Unavailable


class Slow:
    """Answers in capital letters, when told to go on."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.go = Event()

    def ask(self, keys: list[str]) -> dict[str, str]:
        self.asked.append(keys)
        assert self.go.wait(10)
        if "bad" in keys:
            raise Unavailable("no")
        return {key: key.upper() for key in keys if key != "nobody"}


def all_of(greenlets: list["gevent.Greenlet[[str], str | None]"]) -> list[str | None]:
    return [greenlet.get(timeout=10) for greenlet in greenlets]


def test_what_is_asked_meanwhile_is_asked_together() -> None:
    slow = Slow()
    together = AskedTogether(slow.ask)
    first = gevent.spawn(together.find, "a")
    gevent.sleep(0)
    gevent.sleep(0)
    assert slow.asked == [["a"]]
    rest = [gevent.spawn(together.find, key) for key in ("b", "c", "b", "nobody", "a")]
    gevent.sleep(0)
    slow.go.set()
    assert all_of([first, *rest]) == ["A", "B", "C", "B", None, "A"]
    assert slow.asked == [["a"], ["b", "c", "nobody", "a"]]
    assert together.find("d") == "D"


def test_several_are_asked_for_at_once_and_the_unknown_left_out() -> None:
    slow = Slow()
    slow.go.set()
    together = AskedTogether(slow.ask)
    assert together.find_all(["a", "nobody", "b"]) == {"a": "A", "b": "B"}
    assert slow.asked == [["a", "nobody", "b"]]


def test_an_error_reaches_all_who_asked_with_it_and_nobody_else() -> None:
    slow = Slow()
    slow.go.set()
    together = AskedTogether(slow.ask)
    asking = [gevent.spawn(_try, together, key) for key in ("bad", "a")]
    assert [greenlet.get(timeout=10) for greenlet in asking] == ["refused", "refused"]
    assert together.find("a") == "A"
    with pytest.raises(Unavailable):
        together.find("bad")


def _try(together: AskedTogether[str, str], key: str) -> str | None:
    try:
        return together.find(key)
    except Unavailable:
        return "refused"
