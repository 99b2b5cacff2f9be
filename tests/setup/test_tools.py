"""What setting up says when a tool is missing, and that it does nothing twice: the real scripts, on bare machines."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALWAYS_THERE = [
    "bash",
    "cat",
    "cmp",
    "cp",
    "dirname",
    "env",
    "find",
    "ln",
    "mkdir",
    "sha256sum",
    "sort",
    "xargs",
]


def bare_machine(folder: Path) -> Path:
    """A clone's set-up scripts, beside a `bin` that holds the tools no Debian lacks and nothing else."""
    shutil.copytree(ROOT / "deploy/setup", folder / "deploy/setup")
    (folder / "requirements.txt").write_text("# nothing is needed\n")
    (folder / "bin").mkdir()
    for tool in ALWAYS_THERE:
        found = shutil.which(tool)
        assert found, tool
        (folder / "bin" / tool).symlink_to(found)
    return folder


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    return bare_machine(tmp_path)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine whose Python is set up; making one takes seconds, so it is made once."""
    machine = bare_machine(tmp_path_factory.mktemp("prepared"))
    install_python(machine)
    first = set_up(machine, "python.sh", "requirements.txt")
    assert (first.returncode, first.stdout) == (0, "")
    assert first.stderr.startswith("Installing the Python packages of requirements.txt")
    return machine


def install(machine: Path, tool: str, script: str) -> None:
    path = machine / "bin" / tool
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)


def install_python(machine: Path) -> None:
    install(machine, "python3", f'exec {sys.executable} "$@"')


def set_up(machine: Path, script: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [machine / "deploy/setup" / script, *words],
        env={"PATH": str(machine / "bin"), "HOME": str(machine), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def sentences(result: subprocess.CompletedProcess[str]) -> list[str]:
    assert result.returncode != 0
    return result.stderr.splitlines()


def test_no_python_is_one_sentence(machine: Path) -> None:
    (sentence,) = sentences(set_up(machine, "python.sh", "requirements.txt"))
    assert sentence.startswith("Maru needs Python 3.11 or newer")


def test_an_old_python_is_passed_over(machine: Path) -> None:
    install(machine, "python3", "exit 1")
    (sentence,) = sentences(set_up(machine, "python.sh", "requirements.txt"))
    assert sentence.startswith("Maru needs Python 3.11 or newer")


def test_a_python_without_venv_is_one_sentence_that_names_the_package(machine: Path) -> None:
    install(machine, "python3", f'case "$*" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac')
    (sentence,) = sentences(set_up(machine, "python.sh", "requirements.txt"))
    assert "apt-get install python3-venv" in sentence


def test_packages_are_installed_once(prepared: Path) -> None:
    second = set_up(prepared, "python.sh", "requirements.txt")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_packages_are_installed_again_when_the_requirements_change(prepared: Path) -> None:
    (prepared / "requirements.txt").write_text("# still nothing\n")
    again = set_up(prepared, "python.sh", "requirements.txt")
    assert again.returncode == 0
    assert again.stderr.startswith("Installing")


def test_packages_that_cannot_be_had_end_in_a_sentence_every_time(prepared: Path) -> None:
    (prepared / "requirements-other.txt").write_text(f"flask==3.1.3 --hash=sha256:{'0' * 64}\n")
    for _ in range(2):
        result = set_up(prepared, "python.sh", "requirements-other.txt", PIP_NO_INDEX="1")
        assert sentences(result)[-1].startswith("The Python packages could not be installed")


def test_a_venv_whose_python_is_gone_is_made_anew(machine: Path) -> None:
    install_python(machine)
    (machine / ".venv/bin").mkdir(parents=True)
    (machine / ".venv/bin/python").symlink_to(machine / "gone")
    shutil.copy(machine / "requirements.txt", machine / ".venv/installed-requirements.txt")
    assert set_up(machine, "python.sh", "requirements.txt").returncode == 0
    assert (
        subprocess.run([machine / ".venv/bin/python", "-m", "pip", "--version"], check=False).returncode == 0
    )


@pytest.fixture
def page(machine: Path) -> Path:
    """A machine with a small page, a Node that is recent enough, and an npm that notes what it is asked."""
    (machine / ".venv").mkdir()
    (machine / "frontend/node_modules").mkdir(parents=True)
    (machine / "app/static/dist").mkdir(parents=True)
    (machine / "frontend/package.json").write_text("{}")
    (machine / "frontend/package-lock.json").write_text("{}")
    (machine / "frontend/main.ts").write_text("1")
    install(machine, "node", "exit 0")
    install(machine, "npm", f'echo "$*" >>{machine}/asked')
    return machine


def asked(page: Path) -> list[str]:
    """The npm commands since the last look, without their options."""
    note = page / "asked"
    words = note.read_text().splitlines() if note.exists() else []
    note.unlink(missing_ok=True)
    return [" ".join(word for word in line.split() if not word.startswith("--")) for line in words]


def test_the_page_is_built_once(page: Path) -> None:
    assert set_up(page, "frontend.sh", "build").returncode == 0
    assert asked(page) == ["ci", "run build"]
    assert set_up(page, "frontend.sh", "build").returncode == 0
    assert asked(page) == []


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_the_page_is_built_again_when_its_sources_differ(page: Path, change: str) -> None:
    (page / "frontend/old.ts").write_text("2")
    set_up(page, "frontend.sh", "build")
    asked(page)
    match change:
        case "changed":
            (page / "frontend/main.ts").write_text("3")
        case "added":
            (page / "frontend/new.ts").write_text("4")
        case _:
            (page / "frontend/old.ts").unlink()
    set_up(page, "frontend.sh", "build")
    assert asked(page) == ["run build"]


def test_a_page_that_was_only_touched_is_left_alone(page: Path) -> None:
    set_up(page, "frontend.sh", "build")
    asked(page)
    os.utime(page / "frontend/main.ts", (1, 1))
    set_up(page, "frontend.sh", "build")
    assert asked(page) == []


def test_frontend_packages_that_cannot_be_had_end_in_a_sentence(page: Path) -> None:
    install(page, "npm", "exit 1")
    result = set_up(page, "frontend.sh", "build")
    assert sentences(result)[-1].startswith("The frontend's packages could not be installed")


def test_a_build_that_fails_is_tried_again_the_next_time(page: Path) -> None:
    install(page, "npm", '[ "$1" = ci ]')
    assert set_up(page, "frontend.sh", "build").returncode != 0
    assert not (page / "app/static/dist/.sources").exists()


def test_a_missing_browser_is_a_sentence(machine: Path) -> None:
    install(machine, "id", "echo 1000")
    result = set_up(machine, "browser.sh")
    assert result.returncode == 0
    assert result.stderr.startswith("The browser tests need Debian's packages chromium")


def test_a_missing_browser_is_a_failure_in_continuous_integration(machine: Path) -> None:
    install(machine, "id", "echo 1000")
    assert set_up(machine, "browser.sh", CI="true").returncode == 1


@pytest.fixture
def served(machine: Path) -> Path:
    """A machine whose server only says which settings it was given."""
    (machine / ".venv/bin").mkdir(parents=True)
    server = machine / ".venv/bin/python"
    server.write_text('#!/bin/bash\necho "${PORT-unset}|${MARU_DATA-unset}|$*"\n')
    server.chmod(0o755)
    return machine


def test_settings_of_the_environment_reach_the_server(served: Path) -> None:
    assert set_up(served, "serve.sh", PORT="9000").stdout == "9000|unset|wsgi.py serve\n"


def test_settings_in_dot_env_count_unless_the_environment_says_otherwise(served: Path) -> None:
    (served / ".env").write_text("# mine\nPORT=7000\nMARU_DATA='/srv/my chat'\n")
    assert set_up(served, "serve.sh").stdout == "7000|/srv/my chat|wsgi.py serve\n"
    assert set_up(served, "serve.sh", PORT="9000").stdout == "9000|/srv/my chat|wsgi.py serve\n"
