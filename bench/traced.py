"""`wsgi.py serve`, but SIGUSR2 makes it write down its Python memory and who asked for it: TRACED.0, TRACED.1, …

Run by `bench.memory`, under `-X tracemalloc=FRAMES`.
"""

import gc
import itertools
import os
import runpy
import signal
import sys
import tracemalloc
from pathlib import Path

_numbers = itertools.count()


def write_down(*_: object) -> None:
    """Named when it is whole."""
    gc.collect()
    path = Path(f"{os.environ['TRACED']}.{next(_numbers)}")
    unfinished = path.with_suffix(".unfinished")
    tracemalloc.take_snapshot().dump(str(unfinished))
    unfinished.rename(path)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR2, write_down)
    sys.argv = ["wsgi.py", "serve"]
    sys.path.insert(0, str(Path.cwd()))
    runpy.run_path("wsgi.py", run_name="__main__")
