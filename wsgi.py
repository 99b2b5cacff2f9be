"""Where the process begins.

`python wsgi.py serve` reads the settings of the environment (`.env.example`) and runs until SIGINT or SIGTERM: alone,
or as the supervisor of several workers (`--workers N`, or MARU_WORKERS), each of which is this program again.

A process that serves patches gevent before it imports anything else; a supervisor never does, nor imports it.
`wsgi:app` is the application for a server that is not Maru's own: `gunicorn -k gevent wsgi:app`.
"""

import signal

if __name__ == "__main__":  # until somebody listens for it, Ctrl-C ends the start without a traceback
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import sys
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from app.config import CannotServe, Config, read_config

USAGE = "usage: python wsgi.py serve [--workers N] | servers | drain NAME | undrain NAME"


def main(arguments: list[str]) -> int:
    """The command's exit status. What a person did wrong is one sentence on stderr."""
    match arguments:
        case ["serve"]:
            return complaining(lambda: serve(read_config()))
        case ["serve", "--workers", number]:
            return complaining(lambda: serve(with_workers(read_config(), number)))
        case ["servers"]:
            return complaining(show_servers)
        case ["drain" | "undrain" as wish, name]:
            return complaining(lambda: order(name, wish))
        case ["worker", place, listeners, lifeline]:  # started by a supervisor
            return complaining(lambda: serve_as_worker(int(place), listeners, int(lifeline)))
    print(USAGE, file=sys.stderr)
    return 2


def complaining(command: Callable[[], int]) -> int:
    """Its exit status; 1 and the sentence when a person did something wrong."""
    try:
        return command()
    except CannotServe as error:
        print(error, file=sys.stderr)
        return 1


def with_workers(config: Config, number: str) -> Config:
    """The same settings but for how many workers there are. Raises ConfigError."""
    return msgspec.structs.replace(config, workers=read_config({"MARU_WORKERS": number}).workers)


def serve(config: Config) -> int:
    """Until a signal asks to stop."""
    if config.workers == 1:
        return serve_alone(config)
    from app.supervising import supervise

    return supervise(config)


def serve_alone(config: Config) -> int:
    patch()
    from app import serving

    serving.serve_alone(config)
    return 0


def show_servers() -> int:
    """Which chat servers are there."""
    patch()
    from app import operating

    print(operating.servers(read_config()))
    return 0


def order(name: str, wish: Literal["drain", "undrain"]) -> int:
    """Have a chat server send its clients elsewhere, or take them again."""
    patch()
    from app import operating

    done, sentence = operating.order(read_config(), name, wish)
    print(f"{name}: {sentence}", file=sys.stdout if done else sys.stderr)
    return 0 if done else 1


def serve_as_worker(place: int, listeners: str, lifeline: int) -> int:
    """`listeners`: numbers of inherited descriptors, with commas between."""
    patch()
    from app import serving

    serving.serve_as_worker(place, [int(one) for one in listeners.split(",")], lifeline)
    return 0


def patch() -> None:
    """Make the standard library wait without holding up others."""
    from gevent import monkey

    monkey.patch_all()


def __getattr__(name: str) -> Any:
    """`app` begins to live when it is asked for, and in the process that asks."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from app.hosted import application

    return globals().setdefault("app", application())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
