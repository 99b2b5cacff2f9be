"""A process that does the job `tally` as servers do theirs, until it is ended: a page is a line in a file.

Usage: python -m tests.jobs.working DATABASE_URL FOLDER NAME SECONDS_A_PAGE PAGES
"""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402

from app.core.clock import SystemClock  # noqa: E402
from app.jobs.claims import Claims  # noqa: E402
from app.jobs.port import Job  # noqa: E402
from app.jobs.post import Pace  # noqa: E402
from app.jobs.runner import Runner  # noqa: E402
from tests.core.databases import open_database  # noqa: E402

PACE = Pace(lease=1.0, look=0.1)


def main(url: str, folder: Path, name: str, seconds: float, pages: int) -> None:
    def work(cursor: str) -> str | None:
        page = int(cursor or 0) + 1
        if page > pages:
            return None
        note(folder / "begun", f"{name} {page}")
        gevent.sleep(seconds)
        note(folder / "done", f"{name} {page}")
        return str(page)

    for database in open_database(url, folder):
        Runner([Job("tally", work)], Claims(database, name), SystemClock(), lambda: None, PACE).start()
        Event().wait()


def note(path: Path, line: str) -> None:
    """One write, so that a death leaves no half of it."""
    with path.open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], float(sys.argv[4]), int(sys.argv[5]))
