"""An operator's commands to servers that run. Import it only after gevent has patched the standard library."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from app.config import Config
from app.discovery.commands import Commands
from app.discovery.orders import Wish
from app.factory import build_commands


def servers(config: Config) -> str:
    """A table of the servers that are alive. Raises CannotServe."""
    with _reached(config) as commands:
        return commands.servers()


def order(config: Config, name: str, wish: Wish) -> tuple[bool, str]:
    """Whether the server of that name does it, and what it says. Raises CannotServe."""
    with _reached(config) as commands:
        report = commands.order(name, wish)
        return report.done, report.sentence


@contextmanager
def _reached(config: Config) -> Iterator[Commands]:
    """What cannot be reached is told in a sentence, and not in the log as well."""
    logging.disable(logging.WARNING)
    commands = build_commands(config)
    try:
        commands.start()
        yield commands
    finally:
        commands.stop()
