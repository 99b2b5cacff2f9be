"""The real logs, said by a hundred people: every device ends with exactly the log, in order, once."""

from tests.chatlogs import UBUNTU_LOGS, Said, script
from tests.client.device import Device
from tests.client.validation import Checks
from tests.client.wire import Rung
from tests.flows.crowd import Person, flow, gathered, require_same_log, texts
from tests.serving import Server

MIXED: tuple[Rung, ...] = ("websocket", "websocket", "longpoll", "websocket", "poll")


class Cast:
    """Who plays whom: the owner, and the busiest authors of the logs by their devices."""

    def __init__(self, authors: list[str], devices: list[Device]) -> None:
        self.owner = devices[0]
        self._by_name = dict(zip(authors, devices[1:], strict=True))

    def __getitem__(self, author: str) -> Device:
        return self._by_name[author]


@flow
async def test_the_logs_are_replayed_in_order_to_a_hundred_devices_on_all_transports(
    served: Server, documents: Checks, hundred: list[Person]
) -> None:
    authors, lines = script(UBUNTU_LOGS, 99)
    said = [line for line in lines if isinstance(line, Said)]
    async with gathered(served.base_url, hundred, documents) as crowd:
        cast = Cast(authors, crowd.devices_on(MIXED))
        await crowd.start()
        channel_id = await crowd.group("#ubuntu")
        for line in said:
            cast[line.author].send(channel_id, line.text)
            await cast[line.author].settled()
        log = await crowd.caught_up(channel_id)
        assert texts(log) == [line.text for line in said]
        for device in crowd.devices:
            require_same_log(device, channel_id, log)
            assert device.gaps == device.resyncs == device.resets == 0
