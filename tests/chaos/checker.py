"""Judges a history: every rule looks at all of it, and says each violation in a sentence with its evidence.

Imports nothing from `app/`: it knows Maru by its wire alone.
"""

from collections import Counter
from dataclasses import dataclass

from tests.chaos.evidence import Evidence
from tests.chaos.history import History
from tests.chaos.rules import RULES

MOST_OF_ONE_RULE = 20


@dataclass(frozen=True)
class Violation:
    """`rule` is the name of the file that has it."""

    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.sentence}"


def check(history: History) -> list[Violation]:
    """All violations, the first of each rule only when there are very many."""
    evidence = Evidence(history)
    found: list[Violation] = []
    for rule in RULES:
        name = rule.__module__.rsplit(".", 1)[-1]
        for number, sentence in enumerate(rule(evidence)):
            if number == MOST_OF_ONE_RULE:
                break
            found.append(Violation(name, sentence))
    return found


def count_by_rule(violations: list[Violation]) -> dict[str, int]:
    return dict(Counter(violation.rule for violation in violations))
