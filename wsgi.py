"""Where the process begins: patch gevent first, then serve.

`python wsgi.py serve` reads the settings of the environment (`.env.example`) and runs until SIGINT or SIGTERM.
"""

import signal

# Until `serve` listens for it: Ctrl-C ends the start without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from gevent import monkey  # noqa: E402

monkey.patch_all()

import gc  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402

from app.bus.embedded import ValkeyNotStarted  # noqa: E402
from app.config import Config, ConfigError, read_config  # noqa: E402
from app.core.errors import CannotOpen  # noqa: E402
from app.core.server import CannotListen, Server, listen  # noqa: E402
from app.factory import Maru  # noqa: E402
from app.realtime.upgrade import DetachableHandler  # noqa: E402

USAGE = "usage: python wsgi.py serve"
MANY_FILES = 10_240  # where there is no limit; macOS takes no more
COLLECT_AFTER = 50_000  # containers made and not freed; Python's own: 700


def main(arguments: list[str]) -> int:
    """The command's exit status. What a person did wrong is one sentence on stderr."""
    if arguments != ["serve"]:
        print(USAGE, file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for talkative in ("alembic", "sqlalchemy"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    try:
        serve(read_config())
    except (ConfigError, CannotListen, CannotOpen, ValkeyNotStarted) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def serve(config: Config) -> None:
    """Serve until a signal asks to stop."""
    os.umask(0o077)  # what is made from here on is for its owner only, the folder it lies in may be open
    require_writable(config.folder)
    allow_many_files()
    listener = listen(config.host, config.port)
    asked = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, asked.set)
    maru = Maru(config)
    server = Server(listener, maru.app, DetachableHandler)
    maru.start()
    server.start()
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"Maru is at http://{shown}:{port}  (Ctrl-C stops it)", flush=True)
    collect_seldom()
    asked.wait()
    server.close()
    maru.say_goodbye()
    server.end()
    maru.close()


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
