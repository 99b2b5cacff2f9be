"""Pages of 50 messages anywhere in a large store, by kept-alive REST, one after the other."""

import random
from collections.abc import Callable
from pathlib import Path

from bench.workloads.caller import Answer, Caller
from bench.workloads.plan import Town
from bench.workloads.served import Served, serving
from bench.workloads.shape import Options, Table, delays, number
from bench.workloads.usage import Used, forget_files

PAGE = 50
Where = Callable[[int], str]
"""The bounds of a page in a channel of so many messages."""
PLACES: dict[str, Where] = {
    "the latest": lambda last: "",
    "before one anywhere": lambda last: f"&before={random.randint(PAGE + 2, last)}",
    "around one anywhere": lambda last: f"&around={random.randint(1, last)}",
}


def measured(folder: Path, town: Town, options: Options) -> Table:
    rows, figures = [], {}
    for cache, count in (("cold", options.size(200, 10)), ("warm", options.size(2_000, 10))):
        for name, where in PLACES.items():
            if cache == "cold":
                forget_files((folder / "data" / "store").iterdir())
            with serving(folder) as served:
                if cache == "warm":
                    ask(served, town, where, count)
                with Used(served.pids) as used:
                    answers = ask(served, town, where, count)
            rows.append(row(name, cache, answers, used))
            figures[f"history.{cache}.{name.replace(' ', '_')}.cpu_us"] = 1e6 * used.cpu["maru"] / count
    columns = ["page of 50", "kernel's cache", "ms: p50 / p99", "KiB", "server CPU, ms"]
    return Table("History", columns, rows, figures)


def ask(served: Served, town: Town, where: Where, count: int) -> list[Answer]:
    """Pages of random channels by one of their members each; every place is a new one."""
    callers = [Caller(served.port, person.token) for person in town.people]
    answers = []
    messages = town.written[0].messages // len(town.channels)
    for channel in random.choices(town.channels, k=count):
        caller = callers[random.choice(channel.members)]
        bounds = f"limit={PAGE}{where(messages)}"
        answers.append(caller.get(f"/api/v1/channels/{channel.channel_id}/messages?{bounds}"))
    return answers


def row(name: str, cache: str, answers: list[Answer], used: Used) -> list[str]:
    took = delays([answer.seconds for answer in answers])
    kib = number(sum(len(answer.body) for answer in answers) / len(answers) / 1024)
    return [name, cache, took, kib, number(1e3 * used.cpu["maru"] / len(answers))]
