"""A real Redis with TLS and a password, as an operator would run one. Debian's package; the embedded one has no TLS."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.serving import free_port

START_SECONDS = 10.0
PASSWORD = "open sesame/한글?"
USER, USER_PASSWORD = "maru", "chestnut"


@dataclass
class Secured:
    """Where it listens, with TLS and without, and who vouches for it."""

    tls_port: int
    plain_port: int
    authority: Path


def redis_server() -> str:
    """Debian's server. Under CI its absence is a failure; elsewhere its tests are left out."""
    found = shutil.which("redis-server")
    if found is None and not os.environ.get("CI"):
        pytest.skip("redis-server is not installed: deploy/setup/services.sh")
    assert found is not None, "redis-server is not installed"
    return found


@contextmanager
def secured_redis(folder: Path) -> Iterator[Secured]:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    secured = Secured(free_port(), free_port(), folder / "ca.pem")
    settings = {
        "port": secured.plain_port, "tls-port": secured.tls_port, "tls-cert-file": folder / "cert.pem",
        "tls-key-file": folder / "key.pem", "tls-ca-cert-file": folder / "ca.pem", "tls-auth-clients": "no",
        "bind": "127.0.0.1", "requirepass": PASSWORD, "save": "", "dir": folder, "loglevel": "warning",
    }  # fmt: skip
    words = [str(word) for name, value in settings.items() for word in (f"--{name}", value)]
    words += ["--user", USER, "on", f">{USER_PASSWORD}", "~*", "&*", "+@all"]
    process = subprocess.Popen([redis_server(), *words], stdout=subprocess.DEVNULL)
    try:
        wait_for(secured.tls_port)
        yield secured
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "redis-server does not start"
            time.sleep(0.01)
