"""What all leases promise, whatever they are made of."""

from collections.abc import Callable

import pytest

from app.bus.leases import DropField, Leases, Put, SetField

Pass = Callable[[float], None]


class LeasesContract:
    """A test file for an adapter subclasses this and gives `leases`, and `let_pass`: so many seconds go by."""

    @pytest.fixture
    def leases(self) -> Leases:
        raise NotImplementedError

    @pytest.fixture
    def let_pass(self) -> Pass:
        raise NotImplementedError

    def test_what_was_put_is_taken_once(self, leases: Leases) -> None:
        leases.put(b"ticket", bytes(range(256)), 60)
        assert leases.take(b"ticket") == bytes(range(256))
        assert leases.take(b"ticket") is None

    def test_what_was_put_runs_out(self, leases: Leases, let_pass: Pass) -> None:
        leases.put(b"short", b"x", 1)
        leases.put(b"long", b"x", 60)
        let_pass(1.1)
        assert leases.take(b"short") is None
        assert leases.take(b"long") == b"x"

    def test_what_is_put_again_begins_anew(self, leases: Leases, let_pass: Pass) -> None:
        leases.put(b"key", b"old", 1)
        leases.put(b"key", b"new", 60)
        let_pass(1.1)
        assert leases.read([b"key"]) == [b"new"]

    def test_many_are_read_at_once_in_the_order_asked_for(self, leases: Leases) -> None:
        keys = [b"key %d" % number for number in range(1_200)]
        leases.write([Put(key, key[::-1], 60) for key in keys[::2]])
        assert leases.read(keys) == [
            key[::-1] if even else None for key, even in zip(keys, [1, 0] * 600, strict=True)
        ]
        assert leases.read([]) == []

    def test_fields_of_a_key_come_and_go_one_by_one(self, leases: Leases) -> None:
        leases.write(
            [
                SetField(b"key", b"a", b"1", 60),
                SetField(b"key", b"b", b"2", 60),
                SetField(b"other", b"a", b"3", 60),
            ]
        )
        leases.write([SetField(b"key", b"a", b"4", 60), DropField(b"key", b"b"), DropField(b"none", b"b")])
        assert leases.read_fields([b"key", b"none", b"other"]) == [{b"a": b"4"}, {}, {b"a": b"3"}]
        leases.write([DropField(b"key", b"a")])
        assert leases.read_fields([b"key"]) == [{}]

    def test_all_fields_run_out_together_and_a_write_prolongs_them(
        self, leases: Leases, let_pass: Pass
    ) -> None:
        leases.write([SetField(b"lost", b"a", b"1", 1), SetField(b"kept", b"a", b"1", 1)])
        leases.write([SetField(b"kept", b"b", b"2", 60)])
        let_pass(1.1)
        assert leases.read_fields([b"lost", b"kept"]) == [{}, {b"a": b"1", b"b": b"2"}]

    def test_it_has_what_the_port_names(self, leases: Leases) -> None:
        for name in (name for name in vars(Leases) if not name.startswith("_")):
            assert hasattr(leases, name)
