"""Contract: an epoch names a history, and a store that lost commits does not pass for the one that had them."""

from app.store.cursor import Position
from app.store.row_store import RowMessageStore
from tests.store.world import World


class EpochContract:
    def test_an_epoch_is_128_random_bits_and_stays(self, store: RowMessageStore, world: World) -> None:
        epoch = store.epoch()
        assert len(bytes.fromhex(epoch)) == 16
        world.direct(*world.people(2))
        assert store.epoch() == epoch

    def test_a_new_epoch_ends_every_cursor_given_out_so_far(
        self, store: RowMessageStore, world: World
    ) -> None:
        ann, ben = world.people(2)
        world.direct(ann, ben)
        before = world.here()
        assert store.new_epoch() == store.epoch() != before.epoch
        page = store.inbox(ann, before)
        assert (page.resync, page.position) == (True, world.here())
        assert not store.inbox(ann, page.position).resync

    def test_a_store_behind_what_was_noted_begins_a_new_epoch(
        self, store: RowMessageStore, world: World
    ) -> None:
        world.direct(*world.people(2))
        here = world.here()
        for kept in (here, Position(here.epoch, here.g - 1)):
            assert not store.renew_epoch_below(kept)
        assert store.epoch() == here.epoch
        assert store.renew_epoch_below(Position(here.epoch, here.g + 1))
        assert store.epoch() != here.epoch
        assert store.renew_epoch_below(here), "a note of another history"
