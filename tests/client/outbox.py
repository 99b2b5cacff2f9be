"""What was said and has no answer yet, in order by channel; the storage's outbox, mirrored for speed."""

from collections import deque
from dataclasses import replace

from tests.client.storage import Item, Storage


class Outbox:
    """Written to storage before anything is sent. A failed item stays until it is retried or discarded."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._waiting: dict[str, deque[Item]] = {}
        self.failed: dict[str, Item] = {}
        for item in storage.outbox():
            self._place(item)

    def _place(self, item: Item) -> None:
        if item.failed is None:
            self._waiting.setdefault(item.channel_id, deque()).append(item)
        else:
            self.failed[item.client_message_id] = item

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def channels(self) -> list[str]:
        return [channel_id for channel_id, items in self._waiting.items() if items]

    def add(self, item: Item) -> None:
        self._storage.put_item(item)
        self._place(item)

    def next(self, channel_id: str) -> Item | None:
        items = self._waiting.get(channel_id)
        return items[0] if items else None

    def done(self, channel_id: str, client_message_id: str) -> bool:
        """Its event is stored. Whether it was here."""
        return self._take_out(channel_id, client_message_id) is not None

    def _take_out(self, channel_id: str, client_message_id: str) -> Item | None:
        items = self._waiting.get(channel_id, ())
        found = next((item for item in items if item.client_message_id == client_message_id), None)
        found = found or self.failed.pop(client_message_id, None)
        if found is not None:
            self._storage.remove_item(client_message_id)
            if found in items:
                self._waiting[channel_id].remove(found)
        return found

    def closed_socket(self, item: Item) -> None:
        """A socket ended while the item was in flight."""
        items = self._waiting.get(item.channel_id)
        if items and items[0].client_message_id == item.client_message_id:
            items[0] = replace(items[0], closes=items[0].closes + 1)
            self._storage.put_item(items[0])

    def fail(self, item: Item, reason: str) -> None:
        """It was refused for good; those behind it go on."""
        if self._take_out(item.channel_id, item.client_message_id) is not None:
            self.add(replace(item, failed=reason))

    def retry(self, client_message_id: str) -> Item:
        """A failed item goes to the end of its channel, with the same id."""
        item = replace(self.failed[client_message_id], failed=None, closes=0)
        self._take_out(item.channel_id, client_message_id)
        self.add(item)
        return item

    def discard(self, client_message_id: str) -> None:
        item = self.failed[client_message_id]
        self._take_out(item.channel_id, client_message_id)
