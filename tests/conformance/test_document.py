"""The document names every deliberate difference, and no other."""

import re
from pathlib import Path

from tests.conformance.rows.handshakes import HANDSHAKES
from tests.conformance.table import CASES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/protocol/conformance.md"


def test_the_document_has_the_differences_of_the_rows() -> None:
    table = DOCUMENT.read_text().split("## The peers")[1].split("\n\nThe two do not agree")[0]
    reasons = re.findall(r"^\|.*\|.*\| (.+) \|$", table, re.MULTILINE)
    assert set(reasons) - {"Why"} == {row.differs for row in (*CASES, *HANDSHAKES) if row.differs}


def test_the_document_names_every_file_of_rows() -> None:
    files = {path.name for path in (Path(__file__).parent / "rows").glob("*.py")}
    assert set(re.findall(r"^\| `(\w+\.py)`", DOCUMENT.read_text(), re.MULTILINE)) == files
