"""Which topics are of interest, and what changed of that."""

import pytest

from app.bus.interest import Interest


def test_a_topic_changes_when_its_first_handler_comes_and_its_last_one_goes() -> None:
    interest, heard = Interest(), list[bytes]()
    interest.add(b"a", heard.append)
    interest.add(b"a", heard.append)
    assert interest.take_changed(10) == [b"a"]
    interest.remove(b"a", heard.append)
    assert interest.take_changed(10) == []
    assert b"a" in interest
    interest.remove(b"a", heard.append)
    assert interest.take_changed(10) == [b"a"]
    assert b"a" not in interest
    assert len(interest) == 0


def test_changes_are_taken_in_parts_and_all_again_after_beginning_anew() -> None:
    interest = Interest()
    for number in range(5):
        interest.add(b"%d" % number, lambda payload: None)
    assert [interest.take_changed(2), interest.take_changed(2)] == [[b"0", b"1"], [b"2", b"3"]]
    interest.begin_anew()
    assert len(interest.take_changed(10)) == 5
    assert not interest.changed


def test_a_handler_may_take_itself_back_while_it_hears() -> None:
    interest, heard = Interest(), list[bytes]()

    def once(payload: bytes) -> None:
        interest.remove(b"a", once)
        heard.append(payload)

    interest.add(b"a", once)
    interest.add(b"a", heard.append)
    for payload in (b"1", b"2"):
        interest.hand_out(b"a", payload)
    assert heard == [b"1", b"1", b"2"]


def test_what_was_not_added_cannot_be_removed() -> None:
    interest = Interest()
    with pytest.raises(KeyError):
        interest.remove(b"a", print)
