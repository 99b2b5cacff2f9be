"""Puts the tables of bench/results/workloads.json into the documents: `python -m bench.workloads.documents`.

A place in a document is `<!-- table: NAME -->` … `<!-- end -->`; what is between is written anew. Prose stays.
"""

import re
import sys
from pathlib import Path

from bench.capacity import check_table, costs_table, needs_table, read_costs
from bench.workloads.run import Found, read_found
from bench.workloads.shape import Table, markdown

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTS = (DOCS / "performance.md", DOCS / "capacity.md")
_PLACE = re.compile(r"(<!-- table: ([a-z0-9_ ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def tables(found: Found) -> dict[str, list[Table]]:
    """By the name of their place: those of a workload, and those of the model where everything was measured."""
    figures = found.figures()
    try:
        costs = read_costs(figures)
    except KeyError as missing:
        print(f"no capacity tables: {missing} was not measured", file=sys.stderr)
        return found.tables
    modelled = {"capacity_costs": costs_table(costs), "capacity_needs": needs_table(costs)}
    modelled["capacity_check"] = check_table(figures, costs)
    return {**found.tables, **{name: [table] for name, table in modelled.items()}}


def filled(text: str, known: dict[str, list[Table]]) -> str:
    """The document with its tables; a place whose table is not there stays as it is."""

    def fill(place: re.Match[str]) -> str:
        name = place.group(2)
        if name not in known:
            return place.group(0)
        return place.group(1) + "\n\n".join(map(markdown, known[name])) + "\n" + place.group(3)

    return _PLACE.sub(fill, text)


def main() -> None:
    known = tables(read_found())
    for document in DOCUMENTS:
        document.write_text(filled(document.read_text(), known))


if __name__ == "__main__":
    main()
