"""Measure the page in a real Chromium beside its bars, print a table: `make bench-ui`, or `python -m bench.ui --help`.

Everything measured also goes to bench/results/ui.json. Times depend on the machine and are only reported; bytes and
requests are gates of `make check` (frontend/scripts/budget.mjs).
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from bench.report import describe_machine
from bench.servers import RESULTS
from bench.ui.bars import Numbers, shown, table
from bench.ui.measures import cached, cold, lighthouse, memory, scrolling
from bench.ui.stage import Stage, set_up
from tests.browser.conftest import CHROMIUM, FLAGS

PARTS = ("cached", "scrolling", "memory", "cold", "lighthouse")


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
        rounds: list[Numbers] = []
        for number in range(arguments.rounds):
            say(f"round {number + 1}")
            rounds.append(one_round(playwright, stage, arguments.parts))
        if "lighthouse" in arguments.parts:
            say("Lighthouse")
            rounds = [
                numbers | audit for numbers, audit in zip(rounds, lighthouse(stage, len(rounds)), strict=True)
            ]
    finally:
        stage.server.stop()
    return {
        "machine": describe_machine(),
        "chromium": version(playwright),
        "rows": stage.rows,
        "rounds": rounds,
    }


def one_round(playwright: Playwright, stage: Stage, parts: tuple[str, ...]) -> Numbers:
    found: Numbers = {}
    for numbers in _parts(playwright, stage, parts):
        say("  " + ", ".join(f"{name} {shown(value)}" for name, value in numbers.items()))
        found |= numbers
    return found


def _parts(playwright: Playwright, stage: Stage, parts: tuple[str, ...]) -> Iterator[Numbers]:
    if "cached" in parts:
        yield cached(playwright, stage)
    if "scrolling" in parts:
        yield scrolling(playwright, stage)
    if "memory" in parts:
        numbers = memory(playwright, stage)
        yield numbers | {"growth": numbers["heap_hour"] / numbers["heap_half"]}
    if "cold" in parts:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield cold(browser, stage)
        browser.close()


def version(playwright: Playwright) -> str:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    found = browser.version
    browser.close()
    return found


def say(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    main()
