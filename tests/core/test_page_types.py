"""The page's types of the wire are the server's."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_committed_types_are_made_of_the_structs_that_parse_the_wire() -> None:
    made = subprocess.run(
        ["deploy/setup/frontend.sh", "types"], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert made.returncode == 0, made.stderr
    committed = (ROOT / "frontend" / "src" / "protocol" / "generated.ts").read_text()
    assert made.stdout == committed, "run `make types` and commit what it wrote"
