"""Ids."""

import pytest

from app.core.ids import UserId, is_id, new_id, pack_id, personal_channel


def test_ids_of_later_milliseconds_sort_after_earlier_ones_as_text_and_as_bytes() -> None:
    ids = [new_id(ms) for ms in range(1_760_000_000_000, 1_760_000_000_050)]
    assert ids == sorted(ids)
    assert [pack_id(one) for one in ids] == sorted(map(pack_id, ids))


def test_ids_of_one_millisecond_differ() -> None:
    assert len({new_id(1_760_000_000_000) for _ in range(100)}) > 95


def test_an_id_is_sixteen_lowercase_hex_digits() -> None:
    assert is_id(new_id(1_760_000_000_000))
    for text in (
        "",
        "0123456789abcde",
        "0123456789ABCDEF",
        "0123456789abcdef0",
        "0123456789abcdeg",
        "0123456789abcdef\n",
    ):
        assert not is_id(text)


def test_packing_another_form_is_refused() -> None:
    assert pack_id("0000000000000001") == b"\0\0\0\0\0\0\0\x01"
    for text in ("00", "x" * 16):
        with pytest.raises(ValueError):
            pack_id(text)


def test_the_personal_channel_has_the_persons_id() -> None:
    assert personal_channel(UserId("0123456789abcdef")) == "0123456789abcdef"
