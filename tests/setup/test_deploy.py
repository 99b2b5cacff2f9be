"""What lies in deploy/ and what is said of running Maru: nothing in it names a setting or a file that is not there."""

import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

from app.core.supervisor import STOP_SECONDS

PROJECT = Path(__file__).parents[2]
SETTINGS = set(re.findall(r"^#([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
FILES = [
    *(PROJECT / "deploy").glob("*.*"),
    PROJECT / "deploy/Dockerfile",
    PROJECT / "deploy/systemd/maru.service",
    PROJECT / "docs/operations.md",
    PROJECT / "README.md",
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    assert set(re.findall(r"\bMARU_[A-Z_]+\b", path.read_text())) <= SETTINGS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"(?<![\w/.])deploy/[\w./-]+\w", path.read_text()))
    assert [name for name in named if not (PROJECT / name).exists()] == []


def test_the_service_starts_reloads_and_stops_what_the_supervisor_understands() -> None:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # names as they are written
    unit.read(PROJECT / "deploy/systemd/maru.service")
    service = unit["Service"]
    assert shlex.split(service["ExecStart"])[1:] == ["wsgi.py", "serve"]
    assert shlex.split(service["ExecReload"])[1:] == ["-HUP", "$MAINPID"]
    assert service["KillMode"] == "mixed", "the supervisor alone tells its workers"
    assert int(service["TimeoutStopSec"]) > STOP_SECONDS, "longer than the supervisor waits for them"


def test_the_compose_file_serves_the_configuration_that_is_tested() -> None:
    services = yaml.safe_load((PROJECT / "deploy/compose.yaml").read_text())["services"]
    assert "./nginx.conf:/etc/nginx/conf.d/default.conf:ro" in services["nginx"]["volumes"]
    assert services["nginx"]["network_mode"] == "service:maru", "nginx.conf asks 127.0.0.1"
    environment = services["maru"]["environment"]
    names = {f"{environment['MARU_SERVER_ID']}-{place}" for place in (1, 2)}
    assert all(f"{name} 127.0.0.1:" in (PROJECT / "deploy/nginx.conf").read_text() for name in names)
