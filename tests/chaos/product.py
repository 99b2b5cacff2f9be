"""The product as the servers of a run have it: a copy, so that whoever works on it changes no run."""

import shutil
from pathlib import Path

from tests.serving import PROJECT

PRODUCT = ("app", "migrations")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "static")


def copy_product(to: Path) -> Path:
    """All that a server needs to run, in a folder of its own."""
    for name in PRODUCT:
        shutil.copytree(PROJECT / name, to / name, ignore=_LEFT_OUT)
    shutil.copy(PROJECT / "wsgi.py", to)
    return to
