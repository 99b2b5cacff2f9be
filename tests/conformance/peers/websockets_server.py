"""An echo server on Python's `websockets`, as it comes but for the size of messages. Prints its port; ends when stdin
does."""

import asyncio
import logging
import sys

from websockets.asyncio.server import ServerConnection, serve


async def echo(connection: ServerConnection) -> None:
    async for content in connection:
        await connection.send(content)


async def main() -> None:
    logging.disable()  # what it refuses is looked at from outside
    size = int(sys.argv[1])
    async with serve(echo, "127.0.0.1", 0, max_size=size, compression=None, ping_interval=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
