"""How a server of asyncio's ends without forgetting a connection."""

import asyncio

ACCEPTING_TURNS = 5  # of the loop, from the moment that it took a connection until its handler has begun


async def close_listener(server: asyncio.Server) -> None:
    """Take no connection any more; the handlers of all that were taken have begun.

    `Server.close` at once would lose those that the loop took in its last turn: their transports cannot attach to a
    server that is closed, nobody is told, and their sockets stay open until the garbage is collected.
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener)
    for _ in range(ACCEPTING_TURNS):
        await asyncio.sleep(0)
    server.close()
