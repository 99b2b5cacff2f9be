"""The nginx of deploy/nginx.conf: the very file, with other ports, paths and a certificate of the test's own."""

import datetime
import ipaddress
import os
import re
import shutil
import signal
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.people import wait_until
from tests.serving import PROJECT, free_port, listens

CONFIG = PROJECT / "deploy" / "nginx.conf"
STOP_SECONDS = 10.0
USER = "user root;" if os.getuid() == 0 else ""  # else it would serve as one who may not look in here

_ANSWERED = re.compile(r'"([A-Z]+) (\S+) HTTP/[\d.]+" (\d+) ')

AROUND = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    include /etc/nginx/mime.types;
    access_log {log};
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/maru.conf;
}}
"""


def fill_folder(folder: Path, configuration: str, log: str) -> None:
    """Everything that an nginx of one's own reads; `configuration`: what belongs into its `http`."""
    (folder / "maru.conf").write_text(configuration)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=USER, log=log))


def command(folder: Path) -> list[str]:
    """Run it in the foreground."""
    return [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


class Nginx:
    """`with Nginx(folder, ports, chat_servers) as nginx:` then ask `nginx.url`, trusting `nginx.trust`."""

    def __init__(self, folder: Path, ports: Sequence[int], chat_servers: Mapping[str, int]) -> None:
        """`ports`: of the processes that answer; `chat_servers`: ports by name."""
        self.folder = folder
        self.port, self.plain_port = free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self._ports = ports
        self._chat_servers = chat_servers
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def certificate(self) -> Path:
        return self.folder / "fullchain.pem"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    @property
    def errors(self) -> str:
        path = self.folder / "error.log"
        return path.read_text() if path.exists() else ""

    def answers(self) -> list[tuple[str, str, int]]:
        """Method, path and status of all that was answered so far."""
        return [
            (method, target.partition("?")[0], int(status))
            for method, target, status in _ANSWERED.findall((self.folder / "access.log").read_text())
        ]

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Return when it listens. Once more after `kill9`, with the same certificate."""
        if not self.folder.exists():
            self._fill_folder()
        self._process = subprocess.Popen(command(self.folder))
        wait_until(lambda: listens(self.port) or self._process.poll() is not None)  # type: ignore[union-attr]
        assert self._process.poll() is None, self.errors

    def _fill_folder(self) -> None:
        self.folder.mkdir(parents=True)
        write_certificate(self.folder)
        fill_folder(self.folder, self.configuration(), f"{self.folder}/access.log")

    def reload(self) -> None:
        """Read the configuration anew: new workers, while the old ones finish what they have."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def kill9(self) -> None:
        """The master first, or it would start workers anew."""
        assert self._process is not None
        master = self._process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        self._process.kill()
        self._process.wait()
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        wait_until(lambda: not listens(self.port))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(STOP_SECONDS)

    def configuration(self) -> str:
        """The file as an operator would fill it in. Every place to change must be there."""
        text = CONFIG.read_text()
        servers = [f"server 127.0.0.1:{port} max_fails=3 fail_timeout=5s;" for port in self._ports]
        names = [f"{name} 127.0.0.1:{port};" for name, port in self._chat_servers.items()]
        for pattern, filled in (
            (r"server 127\.0\.0\.1:8000 max_fails=3 fail_timeout=5s;", "\n    ".join(servers)),
            (r"a-1 127\.0\.0\.1:8001;\n\s+a-2 127\.0\.0\.1:8002;", "\n    ".join(names)),
            (r"listen \[::\]:\d+( ssl)?;", ""),
            (r"listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
            (r"listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            (r"chat\.example\.org;", "127.0.0.1;"),
            (r"/etc/letsencrypt/live/chat\.example\.org/", f"{self.folder}/"),
            (r"/var/cache/nginx/maru", f"{self.folder}/cache"),
        ):
            text, found = re.subn(pattern, filled, text)
            assert found, f"{pattern} is not in {CONFIG.name}"
        return text


def write_certificate(folder: Path) -> None:
    """A key and a certificate for 127.0.0.1 that signs itself, under the names that certbot gives them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Maru's tests")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(encoding, form, plain))
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(encoding))
