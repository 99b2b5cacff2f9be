"""What a process that serves asks of its machine, before it begins."""

import gc
import logging
import os
import resource
from pathlib import Path

from app.config import ConfigError
from app.core.supervisor import name_of_place

MANY_FILES = 10_240  # where there is no limit; macOS takes no more
COLLECT_AFTER = 50_000  # containers made and not freed; Python's own: 700


def prepare(folder: Path) -> None:
    """Files for the owner only, a data folder, and as many connections as allowed. Raises ConfigError."""
    os.umask(0o077)  # what is made from here on is for its owner only, the folder it lies in may be open
    require_writable(folder)
    allow_many_files()


def require_writable(folder: Path) -> None:
    """Raises ConfigError when the data folder cannot be made or written to."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The data folder {folder} cannot be made: {error.strerror}. Set MARU_DATA."
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"The data folder {folder} cannot be written to. Set MARU_DATA.")


def allow_many_files() -> None:
    """Every connection is an open file, and the customary limit is 1,024 unless a process asks for what it may have."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if most == resource.RLIM_INFINITY else most
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def collect_seldom() -> None:
    """Look for cycles seldom, and never in what the start made: messages that wait for their commit live just long
    enough to be looked at again and again (2 to 7% of a busy server's time), and hardly any garbage is cyclic."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def write_log(place: int | None = None) -> None:
    """Log to stderr; the worker of a place says which one it is."""
    who = "" if place is None else f" {name_of_place(place)}"
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s %(levelname)s{who} %(name)s: %(message)s")
    for talkative in ("alembic", "sqlalchemy"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
