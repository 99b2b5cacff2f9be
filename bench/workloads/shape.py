"""What a workload is, and the table it gives. A further one is one small file with a `WORKLOAD`, named in `run.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec


class Table(msgspec.Struct, frozen=True):
    """Rows below `columns`. `figures`: the numbers that others go on with (bench/capacity.py), by name and unit."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    figures: dict[str, float] = {}
    notes: list[str] = []


@dataclass(frozen=True)
class Options:
    """`small`: a run of seconds that shows that everything works; its figures mean nothing."""

    small: bool = False

    def size(self, full: int, small: int) -> int:
        return small if self.small else full


@dataclass(frozen=True)
class Workload:
    """`run(folder, options)`: measure in an empty folder, which is deleted afterwards."""

    name: str
    title: str
    run: Callable[[Path, Options], list[Table]] = field(compare=False)


def markdown(table: Table) -> str:
    lines = [table.columns, ["---"] * len(table.columns), *table.rows]
    below = [f"\n{note}" for note in table.notes]
    return "\n".join([f"**{table.title}**\n", *(f"| {' | '.join(line)} |" for line in lines), *below])


def number(value: float) -> str:
    """As many digits as mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def quantile(values: list[float], share: float) -> float:
    """The value below which so large a share lies."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def delays(seconds: list[float], shares: tuple[float, ...] = (0.5, 0.99)) -> str:
    """Quantiles in milliseconds, with bars between."""
    return " / ".join(number(quantile(seconds, share) * 1e3) for share in shares) if seconds else "none"
