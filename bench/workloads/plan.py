"""What `settle.py` is asked to make, and what it made. Patches nothing when imported."""

import subprocess
import sys
from pathlib import Path

import msgspec

from tests.serving import PROJECT

PASSWORD = "a long enough passphrase"


class Stretch(msgspec.Struct, frozen=True):
    """Messages in these channels, by number, of one length of time."""

    name: str
    channels: list[int]
    messages: int


class Plan(msgspec.Struct, frozen=True):
    """`channels`: their members, by number; two make a direct channel. `passwords`: so many people can sign in."""

    people: int
    channels: list[list[int]]
    stretches: list[Stretch] = []
    passwords: int = 0


class Resident(msgspec.Struct, frozen=True):
    """Somebody who is signed in; person number n is called `person{n}`."""

    user_id: str
    token: str


class Channel(msgspec.Struct, frozen=True):
    channel_id: str
    members: list[int]


class Written(msgspec.Struct, frozen=True):
    """A stretch: the cursor of somebody who has everything before it, and what storing it took."""

    name: str
    cursor: str
    messages: int
    seconds: float
    cpu_seconds: float
    stored_bytes: int
    text_bytes: int


class Town(msgspec.Struct, frozen=True):
    """`cursor`: of somebody who has everything."""

    people: list[Resident]
    channels: list[Channel]
    written: list[Written]
    cursor: str

    def stretch(self, name: str) -> Written:
        return next(written for written in self.written if written.name == name)


def settled(folder: Path, plan: Plan) -> Town:
    """Make the data folder; in a process of its own, since Maru's parts want gevent's patches."""
    folder.mkdir(parents=True)
    (folder / "plan.json").write_bytes(msgspec.json.encode(plan))
    subprocess.run([sys.executable, "-m", "bench.workloads.settle", folder], cwd=PROJECT, check=True)
    return read_town(folder)


def read_town(folder: Path) -> Town:
    return msgspec.json.decode((folder / "town.json").read_bytes(), type=Town)
