"""Python's `websockets` as a client of Maru: does what a client may do, and prints what came of it. Usage:
websockets_client.py URL TOKEN LONGEST, where LONGEST is how many bytes a message may have."""

import asyncio
import json
import sys
from collections.abc import Iterable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

URL, TOKEN, LONGEST = sys.argv[1:]
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def frame(word: str) -> str:
    return f'{{"type":"{word}","id":1}}'


async def frame_of(connection: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of a type."""
    while True:
        heard = json.loads(await connection.recv())
        if heard["type"] == kind:
            return dict(heard)


async def welcomed(compression: str | None) -> ClientConnection:
    connection = await connect(URL, additional_headers=HEADERS, compression=compression)
    await connection.send('{"type":"hello"}')
    await frame_of(connection, "welcome")
    return connection


def extensions(connection: ClientConnection) -> str:
    return ", ".join(extension.name for extension in connection.protocol.extensions)


async def answered(connection: ClientConnection, said: str | Iterable[str]) -> str:
    await connection.send(said)
    return str((await frame_of(connection, "error"))["fields"]["type"])


async def ponged(connection: ClientConnection, payload: str) -> str:
    await (await connection.ping(payload))
    return payload  # it waits for a pong with exactly this


async def closed(connection: ClientConnection) -> list[Any]:
    try:
        await frame_of(connection, "none")
    except ConnectionClosed as end:
        return [end.rcvd.code, end.rcvd.reason] if end.rcvd else [1006, ""]
    raise AssertionError


async def main() -> None:
    offering, plain = await welcomed("deflate"), await welcomed(None)
    long = "x" * (int(LONGEST) - len(frame("")))
    account = {
        "extensions when compression is offered": extensions(offering),
        "extensions when it is not": extensions(plain),
        "a text when compression is offered": await answered(offering, frame("안녕")),
        "a text in many fragments": await answered(plain, list(frame("조각조각"))),
        "a pong": await ponged(plain, "여기요"),
        "an empty pong": await ponged(plain, ""),
        "how much of the longest message": len(await answered(plain, frame(long))) - len("Invalid value ''"),
    }
    await offering.close(4000, "끝")
    account["closed with a code and a reason"] = await closed(offering)
    await plain.send(b"\0")
    account["closed for a binary message"] = await closed(plain)
    print(json.dumps(account))  # noqa: T201


asyncio.run(main())
