"""What must hold of every history: one rule a file, each a function from the evidence to sentences.

To add one, write its file and put its function into RULES; break a history by hand in tests/chaos/test_checker.py.
"""

from collections.abc import Callable, Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.rules import (
    acknowledged,
    answers,
    calls,
    cursors,
    epoch,
    forgotten,
    gaps,
    log,
    membership,
    once,
    order,
    own_writes,
    promises,
    restart,
    screens,
    settled,
    states,
    unread,
)

Rule = Callable[[Evidence], Iterator[str]]

RULES: tuple[Rule, ...] = (
    promises.kept,
    settled.in_the_end,
    log.dense_and_forward,
    once.in_all_logs,
    acknowledged.in_the_log,
    answers.agree,
    calls.took_effect,
    states.follow_the_log,
    restart.changed_nothing,
    order.the_same_everywhere,
    gaps.never,
    screens.show_the_log,
    own_writes.on_own_screens,
    membership.hears_its_stays,
    forgotten.nowhere,
    unread.equals_recount,
    cursors.never_ahead,
    epoch.begins_anew,
)
