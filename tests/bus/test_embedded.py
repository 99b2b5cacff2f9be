"""The embedded Valkey: the real binary, really killed."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from app.bus.embedded import EmbeddedValkey, ValkeyNotStarted
from app.bus.valkey_process import private_folder, socket_path, spawn

ROOT = Path(__file__).resolve().parents[2]

OWNER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
if "gevent" in sys.argv:
    from gevent import monkey
    monkey.patch_all()
import time
from pathlib import Path
from app.bus.embedded import EmbeddedValkey
valkey = EmbeddedValkey(Path(sys.argv[1]))
valkey.start()
try:
    print(valkey.url, flush=True)
    while True:
        time.sleep(0.02)
        valkey.ensure_running()
except KeyboardInterrupt:
    valkey.stop()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def valkey(folder: Path) -> Iterator[EmbeddedValkey]:
    embedded = EmbeddedValkey(folder)
    yield embedded
    embedded.stop()


@contextmanager
def owner_process(folder: Path, *how: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has started, and looks after, the server of the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder), *how], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("unix://")
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def server_facts(url: str) -> tuple[int, str]:
    """Process id and run id of the server behind the URL."""
    with redis.Redis.from_url(url, decode_responses=True) as client:
        facts = client.info("server")
        return facts["process_id"], facts["run_id"]


def setting(url: str, name: str) -> str:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return str(client.config_get(name)[name])


def pings(url: str) -> bool:
    try:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def wait_until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in 10 s"
        time.sleep(0.005)


def is_gone(pid: int) -> bool:
    """No such process, or only its unreaped remains, without a thread that is still ending."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return len(threads) == 1 and (threads[0] / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):  # the second: it went between the opening and the reading
        return True


def kill_server(url: str) -> int:
    pid, _ = server_facts(url)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_gone(pid))
    return pid


def test_it_answers_at_its_url(valkey: EmbeddedValkey) -> None:
    valkey.start()
    assert pings(valkey.url)


def test_only_its_user_reaches_it_and_only_through_the_folder(valkey: EmbeddedValkey, folder: Path) -> None:
    valkey.start()
    mode = (folder / "valkey.sock").stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o700
    assert setting(valkey.url, "port") == "0"


def test_it_saves_nothing(valkey: EmbeddedValkey, folder: Path) -> None:
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        client.set("hint", "gone tomorrow")
    valkey.stop()
    assert not list(folder.glob("*.rdb"))
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        assert client.get("hint") is None
    assert setting(valkey.url, "appendonly") == "no"


def test_its_memory_is_bounded(valkey: EmbeddedValkey) -> None:
    valkey.start()
    assert setting(valkey.url, "maxmemory") == str(256 << 20)


def test_stopping_ends_the_server_and_removes_the_socket(valkey: EmbeddedValkey, folder: Path) -> None:
    valkey.start()
    pid, _ = server_facts(valkey.url)
    valkey.stop()
    assert is_gone(pid)
    assert not (folder / "valkey.sock").exists()
    valkey.stop()


def test_a_second_of_the_same_folder_shares_the_server(valkey: EmbeddedValkey, folder: Path) -> None:
    with owner_process(folder):
        valkey.start()
        facts = server_facts(valkey.url)
        valkey.ensure_running()
        valkey.stop()
        assert server_facts(valkey.url) == facts


def test_other_folders_have_other_servers(valkey: EmbeddedValkey, folder: Path) -> None:
    (folder / "other").mkdir()
    other = EmbeddedValkey(folder / "other")
    valkey.start()
    other.start()
    try:
        assert server_facts(valkey.url) != server_facts(other.url)
    finally:
        other.stop()


@pytest.mark.parametrize("how", ["plain", "gevent"])
def test_the_server_dies_with_an_owner_that_is_killed(folder: Path, how: str) -> None:
    with owner_process(folder, how) as owner:
        pid, _ = server_facts(EmbeddedValkey(folder).url)
        owner.kill()
        wait_until(lambda: is_gone(pid))


@pytest.mark.parametrize("how", ["plain", "gevent"])
def test_a_killed_server_is_started_again(folder: Path, how: str) -> None:
    url = EmbeddedValkey(folder).url
    with owner_process(folder, how):
        kill_server(url)
        wait_until(lambda: pings(url))


@pytest.mark.parametrize("how", ["plain", "gevent"])
def test_an_interrupt_from_the_terminal_ends_both(folder: Path, how: str) -> None:
    with owner_process(folder, how) as owner:
        pid, _ = server_facts(EmbeddedValkey(folder).url)
        owner.send_signal(signal.SIGINT)
        assert owner.wait(10) == 0
        assert is_gone(pid)


def test_the_servers_session_is_its_own_so_that_the_terminal_does_not_end_it_first(
    valkey: EmbeddedValkey,
) -> None:
    valkey.start()
    pid, _ = server_facts(valkey.url)
    assert os.getsid(pid) == pid != os.getsid(0)


def test_another_process_takes_over_when_the_owner_is_killed(valkey: EmbeddedValkey, folder: Path) -> None:
    with owner_process(folder) as owner:
        valkey.start()
        _, before = server_facts(valkey.url)
        owner.kill()
        owner.wait()

        def taken_over() -> bool:
            valkey.ensure_running()
            return pings(valkey.url) and server_facts(valkey.url)[1] != before

        wait_until(taken_over)


def test_a_server_that_outlived_its_owner_is_replaced(valkey: EmbeddedValkey, folder: Path) -> None:
    orphan = spawn(folder, folder / "valkey.sock")
    wait_until(lambda: pings(valkey.url))
    _, before = server_facts(valkey.url)
    valkey.start()
    assert orphan.wait(10) == 0
    assert server_facts(valkey.url)[1] != before


def test_an_abandoned_socket_file_is_no_hindrance(valkey: EmbeddedValkey, folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(folder / "valkey.sock"))
    valkey.start()
    assert pings(valkey.url)


def test_a_removed_socket_file_is_made_again(valkey: EmbeddedValkey, folder: Path) -> None:
    valkey.start()
    (folder / "valkey.sock").unlink()
    valkey.ensure_running()
    assert pings(valkey.url)


def test_a_server_that_keeps_dying_is_started_more_and_more_rarely(folder: Path) -> None:
    now = 1_000.0
    valkey = EmbeddedValkey(folder, monotonic=lambda: now)
    valkey.start()

    def dies_and_returns_after(seconds: float) -> bool:
        nonlocal now
        if pings(valkey.url):
            kill_server(valkey.url)
        now += seconds
        valkey.ensure_running()
        return pings(valkey.url)

    try:
        assert dies_and_returns_after(0)  # the first time at once
        assert not dies_and_returns_after(0.4)
        assert dies_and_returns_after(0.1)
        assert not dies_and_returns_after(0.9)
        assert dies_and_returns_after(0.1)
        assert dies_and_returns_after(61)  # it was well for a minute: the next crash is a first one
        assert not dies_and_returns_after(0.4)
        assert dies_and_returns_after(0.1)
    finally:
        valkey.stop()


def test_nothing_starts_it_again_once_it_is_stopped(valkey: EmbeddedValkey) -> None:
    valkey.start()
    valkey.stop()
    valkey.ensure_running()
    assert not pings(valkey.url)


@pytest.mark.parametrize("name", ["대화 자료", "100% & more?#", 'quote"d'])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    valkey = EmbeddedValkey(tmp_path / name)
    valkey.start()
    try:
        assert pings(valkey.url)
        assert (tmp_path / name / "valkey.sock").is_socket()
    finally:
        valkey.stop()


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(tmp_path: Path) -> None:
    deep = tmp_path / ("far" * 40)
    deep.mkdir()
    short = socket_path(deep)
    valkey = EmbeddedValkey(deep)
    valkey.start()
    try:
        assert pings(valkey.url)
        assert short == socket_path(deep) != socket_path(deep / "elsewhere")
        assert stat.S_IMODE(short.parent.stat().st_mode) == 0o700
    finally:
        valkey.stop()
        short.parent.rmdir()
        socket_path(deep / "elsewhere").parent.rmdir()


def test_a_runtime_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    (tmp_path / "link").symlink_to(tmp_path)
    for path in (tmp_path / "open", tmp_path / "link"):
        with pytest.raises(ValkeyNotStarted, match="only you can open"):
            private_folder(path)


def test_a_server_that_cannot_start_says_why_in_a_sentence(valkey: EmbeddedValkey, folder: Path) -> None:
    (folder / "valkey.sock").mkdir()
    with pytest.raises(ValkeyNotStarted, match=r"does not start: .*[Ss]ocket"):
        valkey.start()
    (folder / "valkey.sock").rmdir()


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValkeyNotStarted, match="No such file or directory"):
        EmbeddedValkey(tmp_path / "missing").start()
