"""Measure Maru beside its peers, in turns, and print tables: `make bench`, or `python -m bench --help`.

The server has one core, its Redis too; the load generator has the other. Everything measured also goes to
bench/results/latest.json, from which `python -m bench --tables` prints the tables again, and `--write` puts them into
docs/performance.md.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.idle import CROWDS, Crowd, hold
from bench.peer import RESULTS, Peer, Target, Unavailable
from bench.peers import all_peers
from bench.report import describe_machine, kib_each, tables
from bench.scenarios import LIVE, PROOF, STORM, Scenario, write_people
from bench.servers import Ceiling, Failed, Result, build, load
from bench.workloads.run import run_all

DISTURBED = 0.15  # of a core that others may take during a measurement
PEOPLE = 5_000  # accounts
MARU_PEOPLE = 20_000
IDLE_SECONDS = 25  # a full round of heartbeats, Maru's and engine.io's
DOCUMENT = Path(__file__).parents[1] / "docs/performance.md"
BEGIN, END = "<!-- python -m bench --write: begin -->", "<!-- end -->"


def main() -> None:
    arguments = read_arguments()
    if arguments.tables or arguments.write:
        show_last(arguments.write)
        return
    build()
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=RESULTS))
    began = time.monotonic()
    try:
        results = Run(folder, arguments).measure()
    finally:
        shutil.rmtree(folder)
    results["minutes"] = round((time.monotonic() - began) / 60, 1)
    (RESULTS / "latest.json").write_text(json.dumps(results, indent=1))
    print("\n" + tables(results))
    if not arguments.no_workloads:
        run_all(small=True)


def show_last(write: bool) -> None:
    """The tables of the last run: printed, or put where the document has those of an earlier one."""
    latest = RESULTS / "latest.json"
    if not latest.exists():
        sys.exit("Nothing was measured here yet: `make bench` does.")
    shown = tables(json.loads(latest.read_text()))
    if write:
        before, _, rest = DOCUMENT.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        DOCUMENT.write_text(f"{before}{BEGIN}\n\n{shown}\n\n{END}{after}")
    else:
        print(shown)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    names, scenarios = list(all_peers()), [one.name for one in LIVE]
    parser.add_argument("--peers", nargs="+", choices=names, default=names, help="what is measured")
    parser.add_argument("--scenarios", nargs="*", choices=scenarios, default=scenarios, help="and at what")
    parser.add_argument("--rounds", type=int, default=3, help="times each is measured; medians are shown")
    parser.add_argument("--seconds", type=float, default=2.5, help="of each measurement")
    parser.add_argument(
        "--tries",
        type=int,
        default=2,
        help="of a measurement while others take more than a seventh of a core",
    )
    parser.add_argument("--no-idle", action="store_true", help="leave out the thousands that say nothing")
    parser.add_argument("--no-workloads", action="store_true", help="leave out bench.workloads, in small")
    parser.add_argument("--tables", action="store_true", help="print the tables of the last run again")
    parser.add_argument("--write", action="store_true", help="put them into docs/performance.md")
    return parser.parse_args()


class Run:
    """One interleaved run of all peers over all scenarios."""

    def __init__(self, folder: Path, arguments: argparse.Namespace) -> None:
        self.folder = folder
        self.rounds: int = arguments.rounds
        self.seconds: float = arguments.seconds
        self.tries: int = arguments.tries
        self.idle: bool = not arguments.no_idle
        self.peers = {name: peer for name, peer in all_peers().items() if name in arguments.peers}
        self.scenarios = [one for one in LIVE if one.name in arguments.scenarios]
        self.missing: dict[str, str] = {}

    def measure(self) -> Result:
        results: Result = {
            "machine": describe_machine(), "rounds": self.rounds, "seconds": self.seconds,
            "proof": {one.name: self.prove(one) for one in PROOF},
            "versions": dict(self.set_up()), "live": [],
        }  # fmt: skip
        for number in range(self.rounds):
            for peer in self.ready():
                say(f"round {number + 1} of {self.rounds}: {peer.title}")
                results["live"].append({"peer": peer.name} | dict(self.live(peer)))
        results["idle"] = dict(self.hold_idle()) if self.idle else {}
        results["missing"] = self.missing
        return results

    def prove(self, scenario: Scenario) -> Result:
        """The load generator against a server that does nothing."""
        ceiling = Ceiling()
        with ceiling.serve(self.folder) as target:
            result = self.measure_once(ceiling, target, scenario, 2)
        say(f"{scenario.title}: {brief(scenario, result)}")
        return result

    def set_up(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Install and populate each; what cannot be set up is said, and stands in the table."""
        for peer in self.peers.values():
            say(f"setting up {peer.title}")
            try:
                versions = peer.prepare()
                self.folder_of(peer).mkdir()
                with_idle = MARU_PEOPLE if peer.name in ("maru", "stock") else PEOPLE
                peer.populate(self.folder_of(peer), with_idle if self.idle else STORM)
                yield peer.name, versions
            except Unavailable as why:
                self.missing[peer.name] = str(why)
                say(f"  left out: {why}")

    def ready(self) -> list[Peer]:
        return [peer for name, peer in self.peers.items() if name not in self.missing]

    def folder_of(self, peer: Peer) -> Path:
        return self.folder / peer.name

    def live(self, peer: Peer) -> Iterator[tuple[str, Result]]:
        rates: dict[str, float] = {}
        try:
            with peer.serve(self.folder_of(peer)) as target:
                for scenario in self.scenarios:
                    result = self.undisturbed(peer, target, scenario, rates)
                    if "failed" not in result:
                        rates[scenario.name] = result["acked"]
                    yield scenario.name, result
        except Unavailable as why:
            self.missing[peer.name] = str(why)
            say(f"  left out: {why}")

    def undisturbed(self, peer: Peer, target: Target, scenario: Scenario, rates: dict[str, float]) -> Result:
        """A measurement during which the machine did little else; the least disturbed of some when it always does."""
        if scenario.half_of and not rates.get(scenario.half_of):
            return {"failed": f"there is no rate of {scenario.half_of} to halve"}
        rate = {"rate": rates[scenario.half_of] / 2} if scenario.half_of else {}
        tries: list[Result] = []
        try:
            while len(tries) < self.tries and (not tries or tries[-1]["others_cpu"] > DISTURBED):
                tries.append(self.measure_once(peer, target, scenario, self.seconds, **rate))
                say(f"  {scenario.title}: {brief(scenario, tries[-1])}")
        except Failed as why:
            say(f"  {scenario.title}: failed: {why}")
            return {"failed": str(why)}
        return min(tries, key=lambda result: result["others_cpu"])

    def measure_once(
        self, peer: Peer, target: Target, scenario: Scenario, seconds: float, **rate: float
    ) -> Result:
        folder = self.folder_of(peer) if peer.name in self.peers else self.folder
        dialect = folder / f"dialect-{scenario.kind}"
        dialect.write_text(peer.dialect(scenario.kind))
        people = write_people(scenario, peer, folder)
        options = scenario.options | rate | {"warm": 1, "settle": 0.3, "measure": seconds}
        return load(target, dialect, people, scenario.mode, **options)

    def hold_idle(self) -> Iterator[tuple[str, Result]]:
        for crowd in CROWDS:
            for peer in self.ready():
                if crowd.peer is None or crowd.peer.name == peer.name:
                    yield f"{crowd.scenario.name} {peer.name}", self.hold(crowd, crowd.peer or peer)

    def hold(self, crowd: Crowd, peer: Peer) -> Result:
        say(f"{crowd.scenario.title}: {peer.title}")
        try:
            result = hold(crowd, peer, self.folder_of(peer), IDLE_SECONDS if self.rounds > 1 else 8)
        except (Failed, Unavailable) as why:
            say(f"  failed: {why}")
            return {"failed": str(why)}
        say(
            f"  {result['connections']} live after {result['opening_seconds']:.1f} s, "
            f"{kib_each(result):.1f} KiB each, CPU {result['server_cpu']:.1%}"
        )
        return result


def brief(scenario: Scenario, result: Result) -> str:
    cpu = ", ".join(
        f"{who} {result[f'{who}_cpu']:.0%}" for who in ("server", "beside", "generator", "others")
    )
    if scenario.mode == "storm":
        what = f"live after {result['live_ms']['p50']:,.0f} / {result['live_ms']['p99']:,.0f} ms"
        what += f", all {result['opening_seconds']:.2f} s"
    elif scenario.mode == "paced":
        what = f"{result['acked']:,.0f} messages/s, ack p99 {result['ack_ms']['p99']:.1f} ms"
    else:
        what = f"{result[scenario.counts]:,.0f} {scenario.unit}"
    unclean = f"; NOT CLEAN: {result['unclean']}" if "unclean" in result else ""
    return f"{what} (CPU: {cpu}){unclean}"


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
