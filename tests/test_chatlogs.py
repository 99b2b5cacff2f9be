"""The script made of the real logs."""

from pathlib import Path

import pytest

from tests.chatlogs import UBUNTU_LOGS, Joined, Left, Said, read_lines, script, sendable


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.txt"
    path.write_text(
        "[12:18] <|trey|> usual, quite stable though  :)\n"
        "=== |trey| is now known as [trey]\n"
        "=== topyli [~juha@dsl-hkigw3k9b.dial.inet.fi]  has left #ubuntu []\n"
        "=== [francof]  [~kvirc@adsl-29-78.37-151.net24.it]  has joined #ubuntu\n"
        "=== |trey| shuts up\n"
        "[10:00]  * mrglinux prefer go on debian..\n"
        "[12:19] <[trey]> still\bhere <b>\n"
        "[12:20] <[trey]> \n"
        "[12:20] <[trey]> \x02\n"
    )
    return path


def test_a_log_is_read_line_by_line_and_a_renamed_person_stays_the_same(log: Path) -> None:
    assert list(read_lines(log)) == [
        Said("|trey|", "usual, quite stable though  :)"),
        Left("topyli"),
        Joined("[francof]"),
        Said("|trey|", "stillhere <b>"),
    ]


def test_what_others_than_the_busiest_did_is_dropped(log: Path) -> None:
    assert script([log], 1) == (
        ["|trey|"],
        [Said("|trey|", "usual, quite stable though  :)"), Said("|trey|", "stillhere <b>")],
    )


def test_the_real_logs_have_99_busy_authors_with_thousands_of_lines() -> None:
    authors, lines = script(UBUNTU_LOGS, 99)
    assert len(UBUNTU_LOGS) == 4
    assert len(set(authors)) == 99
    assert sum(isinstance(line, Said) for line in lines) > 3000
    assert sum(not isinstance(line, Said) for line in lines) > 20


def test_what_the_wire_refuses_is_taken_out() -> None:
    assert sendable("a\x00b\tc\x08\ud800d\u1112\u1161\u11ab") == "ab\tcd한"
