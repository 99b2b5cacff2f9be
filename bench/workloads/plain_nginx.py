"""An nginx before Maru that does nothing but pass on: no TLS, so that it is the passing on that is measured."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.workloads.served import SERVER_CORE
from bench.workloads.usage import children_of
from tests.flows.nginx import command, fill_folder
from tests.serving import free_port, listens

START_SECONDS = 10
CONFIGURATION = """
map $http_upgrade $to_server {{ default upgrade; "" ""; }}
upstream maru {{ server 127.0.0.1:{behind}; keepalive 64; }}
server {{
    listen 127.0.0.1:{port};
    location / {{
        proxy_pass http://maru;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $to_server;
        proxy_buffering off;
        proxy_read_timeout 75s;
    }}
}}
"""


@contextmanager
def plain_nginx(folder: Path, behind: int) -> Iterator[tuple[int, dict[str, int]]]:
    """Its port and its processes."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    fill_folder(folder, CONFIGURATION.format(port=port, behind=behind), log="off")
    process = subprocess.Popen(["taskset", "-c", str(SERVER_CORE), *command(folder)])
    try:
        deadline = time.monotonic() + START_SECONDS
        while not listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("nginx does not start")
            time.sleep(0.05)
        yield port, {"nginx": process.pid, "nginx-worker": children_of(process.pid)[0]}
    finally:
        process.terminate()
        process.wait(START_SECONDS)
