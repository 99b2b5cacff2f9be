"""Measure Maru beside stock flask-sock, in turns, and print tables: `make bench`, or `python -m bench --help`.

The server has one core, the load generator the other. Everything measured also goes to bench/results/latest.json.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from bench import servers
from bench.population import Person, Population
from bench.report import counted, describe_machine, kib_each, tables
from bench.scenarios import LIVE, PROOF, Scenario, imagined, write_idle, write_speakers
from bench.servers import RESULTS, Target

Serve = Callable[[Path], AbstractContextManager[Target]]
SERVERS: dict[str, Serve] = {
    "maru": servers.maru,
    "stock": servers.stock,
    "stock_gathered": servers.stock_gathered,
}
STOCK_IDLE = 5_000  # it takes two descriptors a connection
DISTURBED = 0.15  # of a core that others may take during a measurement
TRIES = 4
IDLE_SECONDS = 30  # a full round of heartbeats


def main() -> None:
    arguments = read_arguments()
    servers.build()
    RESULTS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=RESULTS))
    try:
        results = measure(folder, arguments)
    finally:
        shutil.rmtree(folder)
    (RESULTS / "latest.json").write_text(json.dumps(results, indent=1))
    print()
    print(tables(results))


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument(
        "--rounds", type=int, default=3, help="times each server is measured; medians are shown"
    )
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement")
    parser.add_argument(
        "--idle", type=int, default=10_000, help="connections that only listen; 0: leave it out"
    )
    parser.add_argument("--servers", nargs="+", choices=list(SERVERS), default=["maru", "stock"])
    parser.add_argument(
        "--scenarios", nargs="+", choices=[one.name for one in LIVE], default=[one.name for one in LIVE]
    )
    return parser.parse_args()


def measure(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    results: dict[str, Any] = {"machine": describe_machine(), "rounds": arguments.rounds}
    results["proof"] = {scenario.name: prove(scenario, folder) for scenario in PROOF}
    say(f"making {max(arguments.idle, 400)} people")
    populated = folder / "populated"
    servers.populate(populated, max(arguments.idle, 400))
    population = msgspec.json.decode((populated / "people.json").read_bytes(), type=Population)
    scenarios = [scenario for scenario in LIVE if scenario.name in arguments.scenarios]
    rounds: list[dict[str, Any]] = []
    for number in range(arguments.rounds):
        for name in arguments.servers:
            say(f"round {number + 1}, {name}")
            rounds.append(
                {"server": name} | dict(live(name, populated, population, scenarios, arguments.seconds))
            )
    results["live"] = rounds
    results["idle"] = {
        name: idle(
            name, populated, population, arguments.idle if name == "maru" else min(arguments.idle, STOCK_IDLE)
        )
        for name in arguments.servers
        if arguments.idle
    }
    return results


def prove(scenario: Scenario, folder: Path) -> dict[str, object]:
    """The load generator against a server that does nothing."""
    say(scenario.title)
    population = imagined()
    if "group" in scenario.name:
        people = [Person("", f"x:{population.group}", population.group)] * 100
        population = msgspec.structs.replace(population, people=people)
    speakers = write_speakers(scenario, population, folder / "speakers")
    with servers.ceiling() as target:
        return servers.load(target, speakers, scenario.mode, warm=1, measure=2, **scenario.options)


def live(
    name: str, populated: Path, population: Population, scenarios: list[Scenario], seconds: float
) -> Iterator[tuple[str, dict[str, Any]]]:
    with SERVERS[name](populated) as target:
        for scenario in scenarios:
            speakers = write_speakers(scenario, population, populated.parent / "speakers")
            yield scenario.name, undisturbed(target, scenario, speakers, seconds)


def undisturbed(target: Target, scenario: Scenario, speakers: Path, seconds: float) -> dict[str, Any]:
    """A measurement during which the machine did little else; the least disturbed of some when it always does."""
    tries: list[dict[str, Any]] = []
    while len(tries) < TRIES and (not tries or tries[-1]["others_cpu"] > DISTURBED):
        tries.append(
            servers.load(target, speakers, scenario.mode, warm=1, measure=seconds, **scenario.options)
        )
        say(f"  {scenario.title}: {brief(scenario, tries[-1])}")
    return min(tries, key=lambda result: result["others_cpu"])


def idle(name: str, populated: Path, population: Population, connections: int) -> dict[str, object]:
    say(f"{connections} idle connections, {name}")
    speakers = write_idle(population, connections, populated.parent / "speakers")
    with SERVERS[name](populated) as target:
        result = servers.load(target, speakers, "idle", warm=2, measure=IDLE_SECONDS)
    opened = f"live within {result['opening_seconds']:.0f} s"
    say(
        f"  {result['connections']} {opened}, {kib_each(result):.1f} KiB each, CPU {result['server_cpu']:.1%}"
    )
    return result


def brief(scenario: Scenario, result: dict[str, Any]) -> str:
    cpu = ", ".join(f"{who} {result[f'{who}_cpu']:.0%}" for who in ("server", "generator", "others"))
    return f"{counted(scenario, result):,.2f} {scenario.unit} (CPU: {cpu})"


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
