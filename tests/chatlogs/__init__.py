"""The real conversations beside this file (attribution in the README), made into a script that people can replay."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
UBUNTU_LOGS = tuple(sorted(FOLDER.glob("ubuntu-*.txt")))

_SAID = re.compile(r"\[\d\d:\d\d\] <([^>]+)> (.*)")
_MOVED = re.compile(r"=== (\S+)\s+\[[^\]]*\]\s+has (joined|left) #\S+.*")
_RENAMED = re.compile(r"=== (\S+) is now known as (\S+)")
_REFUSED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Said:
    author: str
    text: str


@dataclass(frozen=True)
class Joined:
    author: str


@dataclass(frozen=True)
class Left:
    author: str


Line = Said | Joined | Left


def read_lines(path: Path) -> Iterator[Line]:
    """What happened in a log, in order. A renamed person keeps their first name; actions and notices are dropped."""
    first_names: dict[str, str] = {}
    for raw in path.read_text("utf-8").split("\n"):
        if renamed := _RENAMED.fullmatch(raw):
            old, new = renamed.groups()
            first_names[new] = first_names.get(old, old)
        elif said := _SAID.fullmatch(raw):
            author, text = said.group(1), sendable(said.group(2))
            if text:
                yield Said(first_names.get(author, author), text)
        elif moved := _MOVED.fullmatch(raw):
            author = first_names.get(moved.group(1), moved.group(1))
            yield Joined(author) if moved.group(2) == "joined" else Left(author)


def busiest(lines: Iterable[Line], count: int) -> list[str]:
    """The authors who said most, most first."""
    said = Counter(line.author for line in lines if isinstance(line, Said))
    return [author for author, _ in said.most_common(count)]


def script(paths: Iterable[Path], people: int) -> tuple[list[str], list[Line]]:
    """The busiest authors of some logs, and what they did; everybody else's lines are dropped."""
    lines = [line for path in paths for line in read_lines(path)]
    authors = busiest(lines, people)
    known = set(authors)
    return authors, [line for line in lines if line.author in known]


def sendable(text: str) -> str:
    """The text without what the wire refuses, in the form in which it comes back."""
    return unicodedata.normalize("NFC", _REFUSED.sub("", text))
