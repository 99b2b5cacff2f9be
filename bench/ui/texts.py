"""What people say, over and over: the lines of the real logs, English and Korean in turns."""

import csv
import itertools
from collections.abc import Iterator

from tests.chatlogs import FOLDER, UBUNTU_LOGS, Said, read_lines


def texts() -> Iterator[str]:
    english = [line.text for log in UBUNTU_LOGS for line in read_lines(log) if isinstance(line, Said)]
    with (FOLDER / "korean-talk.csv").open(encoding="utf-8", newline="") as talk:
        korean = [said for row in csv.DictReader(talk) for said in (row["Q"], row["A"])]
    return itertools.chain.from_iterable(zip(itertools.cycle(english), itertools.cycle(korean), strict=False))
