"""What every message store promises, as one suite: an adapter's tests are a subclass that says how one is made."""

import pytest

from app.store.port import MessageStore
from tests.store.contract_channels import ChannelsContract
from tests.store.contract_epoch import EpochContract
from tests.store.contract_inbox import InboxContract
from tests.store.contract_memberships import MembershipsContract
from tests.store.contract_messages import MessagesContract
from tests.store.contract_personal import PersonalContract
from tests.store.contract_reading import ReadingContract
from tests.store.world import SetClock, World


class StoreContract(
    MessagesContract,
    ChannelsContract,
    MembershipsContract,
    PersonalContract,
    ReadingContract,
    InboxContract,
    EpochContract,
):
    """A subclass has a fixture `store`, made with the fixture `clock`."""

    @pytest.fixture
    def clock(self) -> SetClock:
        return SetClock()

    @pytest.fixture
    def world(self, store: MessageStore, clock: SetClock) -> World:
        return World(store, clock)
