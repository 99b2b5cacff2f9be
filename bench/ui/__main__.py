"""Measure the page in a real Chromium beside its bars, print a table: `make bench-ui`, or `python -m bench.ui --help`.

Everything measured also goes to bench/results/ui.json. Times depend on the machine and are only reported; bytes and
requests are gates of `make check` (frontend/scripts/budget.mjs).
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from bench.report import describe_machine
from bench.servers import RESULTS
from bench.ui.bars import Numbers, shown, table
from bench.ui.measures import cached, cold, lighthouse, memory, scrolling
from bench.ui.stage import Stage, set_up
from tests.browser.conftest import CHROMIUM, FLAGS

PARTS = ("cached", "scrolling", "cold", "lighthouse", "memory")


def main() -> None:
    arguments = read_arguments()
    RESULTS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="ui-", dir=RESULTS))
    try:
        with sync_playwright() as playwright:
            results = measure(playwright, folder, arguments)
    finally:
        shutil.rmtree(folder)
    (RESULTS / "ui.json").write_text(json.dumps(results, indent=1))
    print(table(results["rounds"]))


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.ui")
    parser.add_argument(
        "--rounds", type=int, default=5, help="times each thing is measured; medians are shown"
    )
    parser.add_argument("--messages", type=int, default=100_000, help="on the device")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    return parser.parse_args()


def measure(playwright: Playwright, folder: Path, arguments: argparse.Namespace) -> dict[str, object]:
    say(f"filling a server and a device with {arguments.messages:,} messages")
    stage = set_up(playwright, folder, arguments.messages)
    say(f"{stage.rows:,} rows on the device")
    try:
        rounds: list[Numbers] = [{} for _ in range(arguments.rounds)]
        for part in arguments.parts:
            say(part)
            for numbers, found in zip(
                rounds, MEASURES[part](playwright, stage, arguments.rounds), strict=True
            ):
                say("  " + ", ".join(f"{name} {shown(value)}" for name, value in found.items()))
                numbers |= found
    finally:
        stage.server.stop()
    return {
        "machine": describe_machine(),
        "chromium": version(playwright),
        "rows": stage.rows,
        "rounds": rounds,
    }


Measure = Callable[[Playwright, Stage, int], Iterator[Numbers]]


def each_round(measure: Callable[[Playwright, Stage], Numbers]) -> Measure:
    return lambda playwright, stage, rounds: (measure(playwright, stage) for _ in range(rounds))


def remembering(playwright: Playwright, stage: Stage) -> Numbers:
    numbers = memory(playwright, stage)
    return numbers | {"growth": numbers["heap_hour"] / numbers["heap_half"]}


def visiting(playwright: Playwright, stage: Stage) -> Numbers:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    try:
        return cold(browser, stage)
    finally:
        browser.close()


# In this order, all rounds of one before the next: thousands of messages are said for `memory`, and the device that the
# others begin with has not heard them.
MEASURES: dict[str, Measure] = {
    "cached": each_round(cached),
    "scrolling": each_round(scrolling),
    "cold": each_round(visiting),
    "lighthouse": lambda _, stage, rounds: lighthouse(stage, rounds),
    "memory": each_round(remembering),
}


def version(playwright: Playwright) -> str:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    found = browser.version
    browser.close()
    return found


def say(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    main()
