"""The broker of one process keeps the contract."""

import pytest

from app.bus.local_broker import LocalBroker
from app.bus.port import Broker
from tests.bus.contract import BrokerContract


class TestLocalBroker(BrokerContract):
    @pytest.fixture
    def pair(self) -> tuple[Broker, Broker]:
        broker = LocalBroker()
        return broker, broker
