"""What newcomers read is true: commands exist, settings are the ones that are read, links lead somewhere."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from app.config import Config, read_config

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
ENV_EXAMPLE = (ROOT / ".env.example").read_text()


def settings_shown() -> dict[str, str]:
    """Name and value of every setting in `.env.example`; all of them are commented out."""
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", ENV_EXAMPLE, re.MULTILINE))


def settings_read() -> set[str]:
    """The names that `app/config.py` asks the environment for."""
    asked: set[str] = set()

    class Recorder(dict[str, str]):
        def get(self, name: str, default: object = None) -> None:  # type: ignore[override]
            asked.add(name)

    read_config(Recorder())
    return asked


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_example_has_every_setting_that_is_read_and_no_other() -> None:
    assert settings_shown().keys() == settings_read()


def test_leaving_a_setting_out_means_what_the_example_says() -> None:
    shown = {name: value for name, value in settings_shown().items() if value}
    assert read_config(shown) == read_config({})


def test_the_example_can_be_copied_as_it_is() -> None:
    for line in ENV_EXAMPLE.splitlines():
        assert not line or line.startswith("#") or re.fullmatch(r"[A-Z_]+=\S*", line), line


def test_the_readme_names_only_settings_that_exist() -> None:
    named = set(re.findall(r"\b(?:MARU_[A-Z_]+|PORT|HOST|[A-Z]+_URL)\b", README))
    assert named <= settings_read()


def test_the_readme_shows_the_defaults() -> None:
    assert f"`{Config().port}`, `{Config().host}`" in README
    assert f"| `MARU_SIGNUP` | `{Config().signup}` |" in README


def test_every_make_command_in_the_readme_exists() -> None:
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)) <= make_targets()


def test_make_help_lists_every_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in shown.splitlines()} == make_targets()


@pytest.mark.parametrize("document", ["README.md", "CHANGELOG.md"])
def test_links_lead_somewhere(document: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / document).read_text()):
        assert (ROOT / target).exists(), target


def test_the_browser_packages_are_the_ones_that_get_installed() -> None:
    script = (ROOT / "deploy/setup/browser.sh").read_text()
    packages = re.search(r"packages=\((.*)\)", script)
    assert packages
    for package in shlex.split(packages[1]):
        assert f"`{package}`" in README
