"""A cursor's text: opaque to clients, and never a reason to fail."""

from hypothesis import given
from hypothesis import strategies as st

from app.store.cursor import Position, decode_cursor

EPOCH = "0123456789abcdef0123456789abcdef"
places = st.integers(0, 1 << 59)


@given(places, places, places)
def test_a_position_comes_back_from_its_text(g: int, since: int, until: int) -> None:
    position = Position(EPOCH, g, since if until else 0, until)
    assert decode_cursor(position.encode()) == position


@given(st.text(max_size=90) | st.text("0123456789abcdef.", max_size=90))
def test_no_text_makes_it_fail(text: str) -> None:
    position = decode_cursor(text)
    assert position is None or max(position.g, position.since, position.until) < 1 << 60


def test_what_is_no_cursor_of_ours_is_none() -> None:
    for text in (
        "",
        EPOCH,
        f"{EPOCH}.",
        f"{EPOCH}.-1",
        f"{EPOCH}.1.2",
        f"{EPOCH}.1.2.3.4",
        f"{EPOCH}.{'f' * 16}",
        f"{EPOCH}.1\n",
    ):
        assert decode_cursor(text) is None
