"""RFC 6455 seen from outside: every row of the table, read to a real Maru, and to the peers to see who else does so."""

import pytest

from tests.conformance.case import Case
from tests.conformance.conversation import converse
from tests.conformance.subjects import Subject
from tests.conformance.table import CASES

SHARED = [case for case in CASES if case.greeted]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_comes_back_is_what_the_row_says(subject: Subject, case: Case) -> None:
    outcome = converse(subject, case)
    assert outcome.heard == case.all_heard
    assert not outcome.reset, "it ends the connection in order, and resets nobody"


@pytest.mark.parametrize("case", SHARED, ids=str)
def test_maru_differs_from_both_peers_only_where_the_row_says_why(
    peers: tuple[Subject, ...], case: Case
) -> None:
    theirs = {peer.name: converse(peer, case).heard for peer in peers}
    alone = case.all_heard not in theirs.values()
    assert alone == bool(case.differs), theirs


def test_no_two_rows_have_the_same_name() -> None:
    names = [str(case) for case in CASES]
    assert len(set(names)) == len(names)
