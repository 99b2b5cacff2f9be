"""The requirement files: everything pinned, everything hashed, no registry named."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ["requirements.txt", "requirements-dev.txt", "requirements-node.txt", "requirements-bench.txt"]


def entries(name: str) -> list[str]:
    """Each requirement with its continued lines, without comments."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins(name: str) -> dict[str, str]:
    """Package to version; a package that is needed only on some machines counts as well."""
    found = (re.match(r"([a-z0-9-]+)==(\S+)", entry) for entry in entries(name))
    return {match[1]: match[2] for match in found if match}


@pytest.mark.parametrize("name", LOCKED)
def test_every_package_is_pinned_with_a_hash(name: str) -> None:
    assert entries(name)
    for entry in entries(name):
        assert re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("name", LOCKED)
def test_no_registry_is_named(name: str) -> None:
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", (ROOT / name).read_text())


@pytest.mark.parametrize("name", LOCKED)
def test_every_wanted_package_is_locked(name: str) -> None:
    lines = (ROOT / name.replace(".txt", ".in")).read_text().splitlines()
    wanted = {re.split(r"[<>=!~\[]", line)[0].strip() for line in lines if line and line[0] not in "#-"}
    assert wanted <= pins(name).keys()


def test_tests_run_on_the_versions_that_are_served() -> None:
    served, tested = pins("requirements.txt"), pins("requirements-dev.txt")
    assert served.items() <= tested.items()
