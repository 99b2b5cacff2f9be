"""Memory: a page that stays open holds what is on its screen, not all that was ever on it."""

import json
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]

CONVERSATIONS = 20
LINES = 12
LETTERS = 4_000
READ_LETTERS = 300_000  # of texts that are kept as they were read last (frontend/src/text/readings.ts)


def held_texts(person: Person, marker: str) -> set[str]:
    """The beginnings of all texts with this marker that the page's JavaScript holds, and garbage does not."""
    devtools = person.context.new_cdp_session(person.page)
    chunks: list[str] = []
    devtools.on("HeapProfiler.addHeapSnapshotChunk", lambda event: chunks.append(event["chunk"]))
    devtools.send("HeapProfiler.takeHeapSnapshot")  # collects the garbage first
    devtools.detach()
    strings = json.loads("".join(chunks))["strings"]
    return {text[: len(marker) + 8] for text in strings if text.startswith(marker)}


def test_of_twenty_conversations_that_were_visited_the_rows_of_the_others_are_let_go(
    server: Server, visitor: Visitor
) -> None:
    reader = visitor(server.base_url, "Reader").come_in()
    writer = visitor(server.base_url, "Writer").come_in()
    rooms = [writer.group_with(f"Room {number}", reader) for number in range(CONVERSATIONS)]
    for number, room in enumerate(rooms):
        writer.post_many(
            room, [f"heard {number:02} {line:02} ".ljust(LETTERS, "말") for line in range(LINES)]
        )
    for number, room in enumerate(rooms):
        # Not by `open`, which keeps a handle, and all that hangs on it.
        reader.page.locator(f'.channel[href="/c/{room}"]').click()
        expect(reader.page.locator(".message", has_text=f"heard {number:02} ")).to_have_count(LINES)
    held = held_texts(reader, "heard ")
    assert len([text for text in held if text.startswith(f"heard {CONVERSATIONS - 1:02} ")]) == LINES
    previews = CONVERSATIONS
    assert len(held) <= LINES + READ_LETTERS // LETTERS + previews, "of 240"
