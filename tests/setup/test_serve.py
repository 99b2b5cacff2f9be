"""`python wsgi.py serve`, as `make run` calls it: what it says, how it ends, what stays."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
SERVE = [sys.executable, "wsgi.py", "serve"]
BOUND_BY_MODES = (
    ["setpriv", "--bounding-set=-dac_override"] if os.getuid() == 0 else []
)  # for root all is writable


def surroundings(folder: Path, **settings: str) -> dict[str, str]:
    """This process's environment with no setting of Maru but these."""
    foreign = ("MARU_", "PORT", "HOST", "DATABASE_URL", "REDIS_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "MARU_DATA": str(folder), "PORT": "0", **settings}


def complaint(folder: Path, *prefix: str, **settings: str) -> str:
    """The one line that Maru says when it cannot serve."""
    result = subprocess.run(
        [*prefix, *SERVE],
        cwd=ROOT,
        env=surroundings(folder, **settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    return sentence


@contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running command and the URL it prints."""
    process = subprocess.Popen(
        SERVE, cwd=ROOT, env=surroundings(folder), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("Maru is at http://127.0.0.1:"), line
        yield process, line.split()[3]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def get(url: str, path: str) -> int:
    return requests.get(url + path, timeout=10).status_code


def test_it_says_where_it_is_and_serves_there(tmp_path: Path) -> None:
    with served(tmp_path) as (_, url):
        assert get(url, "/healthz") == 200
        assert get(url, "/readyz") == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with served(tmp_path) as (process, url):
        os.killpg(process.pid, number)  # as the terminal does: to everything it started
        assert process.wait(10) == 0
        with pytest.raises(requests.ConnectionError):
            get(url, "/healthz")
    assert not (tmp_path / "valkey.sock").exists()


def test_what_it_writes_is_readable_by_its_owner_only_even_in_an_open_folder(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    with served(folder):
        made = [path for path in folder.rglob("*") if not path.is_symlink()]
        assert {path.name for path in made} >= {"maru.db", "store", "data.mdb", "secrets", "valkey.sock"}
        assert [path for path in made if path.stat().st_mode & 0o077] == []


def test_it_starts_again_on_what_is_there(tmp_path: Path) -> None:
    for _ in range(2):
        with served(tmp_path) as (process, url):
            assert get(url, "/readyz") == 200
            process.terminate()
            assert process.wait(10) == 0


def test_it_starts_again_after_it_was_killed(tmp_path: Path) -> None:
    for _ in range(2):
        with served(tmp_path) as (process, url):
            assert get(url, "/readyz") == 200
            process.kill()


def test_nobody_else_may_read_the_secrets(tmp_path: Path) -> None:
    with served(tmp_path / "data"):
        for path in [tmp_path / "data", *(tmp_path / "data/secrets").iterdir()]:
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert complaint(tmp_path, PORT=port) == (
            f"Cannot listen on 127.0.0.1 port {port}: Address already in use. Choose another with PORT=."
        )


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = complaint(tmp_path / "file" / "data")
    assert sentence == f"The data folder {tmp_path}/file/data cannot be made: Not a directory. Set MARU_DATA."


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert (
        complaint(tmp_path, *BOUND_BY_MODES)
        == f"The data folder {tmp_path} cannot be written to. Set MARU_DATA."
    )


def test_a_setting_that_makes_no_sense_is_one_sentence(tmp_path: Path) -> None:
    assert (
        complaint(tmp_path, MARU_SIGNUP="maybe") == "MARU_SIGNUP must be open, invite or closed, not 'maybe'."
    )


def test_an_unknown_word_is_answered_with_the_usage() -> None:
    result = subprocess.run([*SERVE[:-1], "dance"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (
        2,
        "usage: python wsgi.py serve [--workers N] | servers | drain NAME | undrain NAME\n",
    )
