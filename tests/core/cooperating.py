"""A process patched by gevent, as servers are, that uses PostgreSQL: prints what came of it as JSON.

Usage: python -m tests.core.cooperating DATABASE_URL FOLDER
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402
import psycopg  # noqa: E402
from gevent.event import Event  # noqa: E402
from sqlalchemy import text  # noqa: E402
from sqlalchemy.exc import IntegrityError  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from app.core.db import Database  # noqa: E402
from app.core.engines import MAX_CONNECTIONS  # noqa: E402
from app.core.errors import Unavailable  # noqa: E402
from app.core.greenlets import Greenlets  # noqa: E402
from tests.core.databases import ADD, add, checked_out, ids, open_database  # noqa: E402

TAKE = text("SELECT pg_advisory_xact_lock(1)")


def count_turns_while_a_query_waits(database: Database) -> int:
    """The query waits for a lock that is only given back when the event loop has turned five times."""
    held, turned = Event(), Event()

    def hold(session: Session) -> None:
        session.execute(TAKE)
        held.set()
        turned.wait()

    holding = gevent.spawn(database.run, hold)
    held.wait()
    waiting = gevent.spawn(database.run, lambda session: session.execute(TAKE).close())
    turns = 0
    while turns < 5:
        gevent.sleep(0.01)
        turns += not waiting.ready()
    turned.set()
    gevent.joinall([holding, waiting], raise_error=True)
    return turns


def count_connections_of_many(database: Database) -> list[int]:
    """How many connections there were at once while fifty wrote, and how many did."""
    most = 0

    def write(number: int) -> None:
        nonlocal most

        def work(session: Session) -> None:
            nonlocal most
            session.execute(text(ADD), {"id": f"{number:04}"})
            session.execute(text("SELECT pg_sleep(0.01)"))
            most = max(most, checked_out(database))

        database.run(work)

    gevent.joinall([gevent.spawn(write, number) for number in range(50)], raise_error=True)
    return [most, len(ids(database))]


def ask_a_server_that_is_stopped(database: Database) -> list[str | int]:
    """Its process is stopped in the middle of a transaction; afterwards it goes on."""
    pids: list[int] = []

    def work(session: Session) -> None:
        pids.append(int(session.scalar(text("SELECT pg_backend_pid()")) or 0))
        os.kill(pids[0], signal.SIGSTOP)
        session.execute(text(ADD), {"id": "stopped"})

    try:
        database.run(work)
        outcome = "done"
    except Unavailable as error:
        outcome = error.detail
    os.kill(pids[0], signal.SIGCONT)
    return [outcome, checked_out(database), ids(database).count("stopped")]


def take_the_last_place(database: Database) -> int:
    """How many of twenty who want a row that nobody has yet get it."""

    def attempt() -> bool:
        try:
            add(database, "the last place")
        except IntegrityError:
            return False
        return True

    attempts = [gevent.spawn(attempt) for _ in range(20)]
    return sum(attempt.get() for attempt in attempts)


def opened(url: str, folder: Path, seconds: float, ask: Callable[[Database], object]) -> object:
    """The answer of a question about a fresh database object."""
    opening = open_database(url, folder, Greenlets(MAX_CONNECTIONS, waiting=100, seconds=seconds))
    answer = ask(next(opening))
    for _ in opening:
        pass
    return answer


if __name__ == "__main__":
    where = (sys.argv[1], Path(sys.argv[2]))
    answers = {
        "wait": psycopg.waiting.wait.__name__,
        "turns": opened(*where, 10, count_turns_while_a_query_waits),
        "connections": opened(*where, 10, count_connections_of_many),
        "stopped": opened(*where, 0.5, ask_a_server_that_is_stopped),
        "last_place": opened(*where, 10, take_the_last_place),
    }
    sys.stdout.write(json.dumps(answers))
