"""The results as tables, and the machine they were made on."""

import math
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.idle import ALL_MEASURED, CROWDS
from bench.peers import all_peers
from bench.scenarios import LIVE, PROOF, STORM, Scenario
from bench.servers import Result

Cells = dict[str, float]
"""By peer."""
Row = tuple[str, Cells]
RATES = [one for one in LIVE if one.mode == "closed"]
NONE = "–"
PACED = [one for one in LIVE if one.mode == "paced"]


def tables(results: dict[str, Any]) -> str:
    """Medians of the rounds, in Markdown, as they stand in docs/performance.md."""
    numbers = Numbers(results)
    machine = results["machine"]
    parts = (
            f"{machine['cores']} cores of {machine['cpu']}, Linux {machine['kernel']}, Python {machine['python']}, "
            f"commit {machine['commit']}; medians of {results['rounds']} rounds of {results['seconds']} s; "
            f"{results['minutes']} minutes in all.",
            _markdown(["", "asked for", "measured", ""], list(_target_lines(numbers))),
            _numbers("a second", numbers.peers, [(one.title, numbers.rate(one)) for one in RATES]),
            _ratios("Maru / peer", numbers.peers, [(one.title, numbers.rate(one)) for one in RATES]),
            _numbers(
                "CPU of the server and its Redis, µs a delivery (pairs: an acked message)", numbers.peers,
                [(one.title, numbers.cost(one)) for one in (*RATES, *PACED)],
            ),
            _delays(numbers),
            _numbers("connections", numbers.peers, list(_connection_rows(numbers))),
            _markdown(["Maru alone", ""], list(_alone_lines(results["idle"]))),
            _markdown(["", "versions", "what it does not do"], list(_peer_lines(results))),
            "  \n".join(_proof_lines(results["proof"])),
            "  \n".join(_complaints(results)),
    )  # fmt: skip
    return "\n\n".join(part for part in parts if part)


class Numbers:
    """Medians over the rounds."""

    def __init__(self, results: dict[str, Any]) -> None:
        self._rounds = results["live"]
        self._idle = results["idle"]
        self.peers = [name for name in all_peers() if any(one["peer"] == name for one in self._rounds)]

    def rate(self, scenario: Scenario) -> Cells:
        return self.median(scenario.name, lambda result: result[scenario.counts])

    def cost(self, scenario: Scenario) -> Cells:
        return self.median(scenario.name, lambda result: cost(scenario, result))

    def delay(self, scenario: Scenario, of: str, share: str) -> Cells:
        return self.median(scenario.name, lambda result: result[of][share])

    def median(self, scenario: str, number: Callable[[Result], float]) -> Cells:
        medians = {}
        for peer in self.peers:
            found = [one[scenario] for one in self._rounds if one["peer"] == peer and scenario in one]
            found = [number(one) for one in found if "failed" not in one]
            if found and math.isfinite(statistics.median(found)):
                medians[peer] = statistics.median(found)
        return medians

    def idle(self, number: Callable[[Result], float]) -> Cells:
        found = {peer: self._idle.get(f"idle_{ALL_MEASURED} {peer}") for peer in self.peers}
        return {peer: number(one) for peer, one in found.items() if one and "failed" not in one}


def cost(scenario: Scenario, result: Result) -> float:
    """Microseconds of the server's core for a delivery, or a message of a pair; infinite when there were none."""
    units = float(result[scenario.counts])
    return 1e6 * float(result["server_cpu"] + result["beside_cpu"]) / units if units else float("inf")


def kib_each(result: Result) -> float:
    """Memory a connection."""
    return float(result["memory_after_kib"] - result["memory_before_kib"]) / float(result["connections"])


def _target_lines(numbers: Numbers) -> Iterator[list[str]]:
    by_name = {one.name: one for one in LIVE}
    asked: list[tuple[str, str, Cells, float]] = [
        ("group deliveries", "socketio", numbers.rate(by_name["group_16"]), 3.5),
        ("1:1 acked", "socketio", numbers.rate(by_name["pairs_4"]), 2.5),
        ("group deliveries", "ejabberd", numbers.rate(by_name["group_16"]), 15),
        ("1:1 acked", "ejabberd", numbers.rate(by_name["pairs_4"]), 15),
        ("group, 1 message in flight", "socketio", numbers.rate(by_name["group_1"]), 1),
        ("1:1, 1 message in flight", "socketio", numbers.rate(by_name["pairs_1"]), 1),
    ]
    for title, peer, cells, least in asked:
        if "maru" in cells and cells.get(peer):
            ratio = cells["maru"] / cells[peer]
            yield [f"{title}, Maru / {peer}", f"≥ {least}", f"{ratio:.2f}", _met(ratio >= least)]
    bounded: list[tuple[str, str, Cells, float]] = [
        ("memory an idle connection", "socketio", numbers.idle(kib_each), 0.25),
        (f"storm of {STORM:,}: until the last is live", "ws", numbers.median("storm", _opening), 1.5),
    ]
    for title, peer, cells, most in bounded:
        if "maru" in cells and cells.get(peer):
            ratio = cells["maru"] / cells[peer]
            yield [f"{title}, Maru / {peer}", f"≤ {most}", f"{ratio:.2f}", _met(ratio <= most)]


def _met(met: bool) -> str:
    return "met" if met else "**missed**"


def _delays(numbers: Numbers) -> str:
    lines = []
    for one in PACED:
        if one.half_of:
            rates = numbers.median(one.name, lambda result: result["acked"])
            lines.append([f"{one.title}: messages/s", *_cells(rates, numbers.peers)])
        for what, field in (("acknowledged", "ack_ms"), ("delivered", "delivery_ms")):
            middle, end = (
                _cells(numbers.delay(one, field, share), numbers.peers) for share in ("p50", "p99")
            )
            both = (f"{p50} / {p99}" if p50 != NONE else NONE for p50, p99 in zip(middle, end, strict=True))
            lines.append([f"{one.title}: {what}", *both])
    return _by_peer("ms from when it was due, p50 / p99", numbers.peers, lines)


def _connection_rows(numbers: Numbers) -> Iterator[Row]:
    title = f"{ALL_MEASURED:,} idle"
    yield f"{title}: KiB each", numbers.idle(kib_each)
    yield f"{title}: CPU, % of a core", numbers.idle(lambda result: 100 * result["server_cpu"])
    storm = f"{STORM:,} sign in at once"
    yield f"{storm}: seconds until the last is live", numbers.median("storm", _opening)
    yield f"{storm}: p50, ms", numbers.median("storm", lambda result: result["live_ms"]["p50"])
    yield f"{storm}: p99, ms", numbers.median("storm", lambda result: result["live_ms"]["p99"])
    yield (
        f"{storm}: CPU of the server and its Redis, µs each",
        numbers.median(
            "storm",
            lambda result: 1e6 * (result["server_cpu"] + result["beside_cpu"]) * result["seconds"] / STORM,
        ),
    )


def _opening(result: Result) -> float:
    return float(result["opening_seconds"])


def _alone_lines(idle: dict[str, Result]) -> Iterator[list[str]]:
    for crowd in CROWDS:
        found = idle.get(f"{crowd.scenario.name} maru")
        if crowd.peer is None or found is None:
            continue
        title = f"{crowd.scenario.title} ({crowd.peer.title})"
        if "failed" in found:
            yield [title, f"failed: {found['failed']}"]
        elif crowd.scenario.mode == "storm":
            live = found["live_ms"]
            yield [
                title,
                f"p50 {live['p50']:,.0f} ms, p99 {live['p99']:,.0f} ms, last {found['opening_seconds']:.2f} s",
            ]
        else:
            yield [
                title,
                f"{kib_each(found):.1f} KiB each, {found['server_cpu']:.1%} of a core, all live after "
                f"{found['opening_seconds']:.1f} s",
            ]


def _peer_lines(results: dict[str, Any]) -> Iterator[list[str]]:
    for name, peer in all_peers().items():
        if name in results["missing"]:
            yield [peer.title, "not measured", results["missing"][name].replace("\n", " ")]
        elif name in results["versions"]:
            versions = ", ".join(f"{what} {which}" for what, which in results["versions"][name].items())
            yield [peer.title, versions, peer.lacks]


def _proof_lines(proof: dict[str, Result]) -> Iterator[str]:
    for one in PROOF:
        result = proof[one.name]
        yield (
            f"{one.title}: {result[one.counts]:,.0f} {one.unit}; load generator at {result['generator_cpu']:.0%} "
            f"of its core, C server at {result['server_cpu']:.0%}"
        )


def _complaints(results: dict[str, Any]) -> Iterator[str]:
    """What failed or was not clean; nothing of it is left out silently."""
    for one in results["live"]:
        for name, result in one.items():
            if name != "peer" and ("failed" in result or "unclean" in result):
                yield f"{one['peer']}, {name}: {result.get('failed') or result['unclean']}"
    for name, result in results["idle"].items():
        if "failed" in result or "unclean" in result:
            yield f"{name}: {result.get('failed') or result['unclean']}"


def _numbers(title: str, peers: list[str], rows: list[Row]) -> str:
    return _by_peer(title, peers, [[name, *_cells(cells, peers)] for name, cells in rows])


def _ratios(title: str, peers: list[str], rows: list[Row]) -> str:
    others = [peer for peer in peers if peer != "maru"]
    lines = []
    for name, cells in rows:
        ratios = {peer: cells["maru"] / cells[peer] for peer in others if "maru" in cells and cells.get(peer)}
        lines.append([name, *_cells(ratios, others)])
    return _by_peer(title, others, lines)


def _cells(cells: Cells, peers: list[str]) -> list[str]:
    return [_number(cells[peer]) if peer in cells else NONE for peer in peers]


def _by_peer(title: str, peers: list[str], lines: list[list[str]]) -> str:
    titles = {name: peer.title for name, peer in all_peers().items()}
    return _markdown([title, *(titles[peer] for peer in peers)], lines)


def _markdown(head: list[str], lines: list[list[str]]) -> str:
    """Without the lines that say nothing; nothing when no line is left."""
    lines = [line for line in lines if set(line[1:]) != {NONE}]
    if not lines:
        return ""
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))


def _number(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def describe_machine() -> dict[str, Any]:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "commit": asked.stdout.strip(),
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
