"""`make shots`: photographs the page in its states, sizes, themes and languages, and lays them out to look at.

python -m tests.browser.shots [folder] [scene …]; with --pictures it takes the few that the README shows, and those that
browsers show to who installs the app.
"""

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.people import WIDTHS, Person
from tests.browser.scenes import SCENES, Subject, set_up
from tests.serving import PROJECT, Server

Screen = Literal["desktop", "tablet", "phone"]
Theme = Literal["light", "dark"]
SCREENS: tuple[Screen, ...] = ("desktop", "tablet", "phone")
LOOKS: tuple[tuple[Theme, str], ...] = (
    ("light", "ko-KR"),
    ("dark", "ko-KR"),
    ("light", "en-US"),
    ("dark", "en-US"),
)


README = PROJECT / "docs" / "pictures"
MANIFEST = PROJECT / "frontend" / "public" / "screenshots"
PICTURES: dict[Path, tuple[str, Screen, Theme, str]] = {
    README / "conversation.png": ("direct", "desktop", "light", "en-US"),
    README / "formatted.png": ("formatted", "desktop", "dark", "ko-KR"),
    README / "phone.png": ("direct", "phone", "light", "ko-KR"),
    README / "offline.png": ("offline", "phone", "dark", "en-US"),
    MANIFEST / "wide.png": ("formatted", "desktop", "light", "en-US"),
    MANIFEST / "narrow.png": ("direct", "phone", "light", "en-US"),
}


def main(arguments: list[str]) -> int:
    if arguments == ["--pictures"]:
        return _take_pictures()
    folder = Path(arguments[0]) if arguments else PROJECT / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {name: scene for name, scene in SCENES.items() if not arguments[1:] or name in arguments[1:]}
    WIDTHS["desktop"] = (1440, 900)
    with tempfile.TemporaryDirectory() as data, Server(Path(data)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stage = set_up(server, browser, crowd_size=100)
        for screen in SCREENS:
            for theme, locale in LOOKS:
                person = Person(browser, server.base_url, "", screen=screen, theme=theme, locale=locale)
                subject = Subject(stage, person)
                for name, scene in wanted.items():
                    scene(subject)
                    person.page.wait_for_timeout(250)  # transitions; nothing is asserted here
                    person.page.screenshot(path=folder / f"{name}-{screen}-{theme}-{locale[:2]}.png")
                person.close()
        for name in wanted:
            for screen in SCREENS:
                _contact_sheet(browser, folder, name, screen)
        browser.close()
    sys.stdout.write(f"{folder}/sheet-*.png\n")
    return 0


def _take_pictures() -> int:
    WIDTHS["desktop"] = (1100, 720)
    with tempfile.TemporaryDirectory() as data, Server(Path(data)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stage = set_up(server, browser, crowd_size=12)
        for path, (scene, screen, theme, locale) in PICTURES.items():
            person = Person(browser, server.base_url, "", screen=screen, theme=theme, locale=locale)
            SCENES[scene](Subject(stage, person))
            person.page.wait_for_timeout(250)
            path.parent.mkdir(exist_ok=True)
            person.page.screenshot(path=path)
            person.close()
        browser.close()
    return 0


def _contact_sheet(browser: Browser, folder: Path, name: str, screen: Screen) -> None:
    """The four looks of one scene beside each other."""
    columns = 4 if screen == "phone" else 2
    width = 1640 if screen != "phone" else 1600
    pictures = "".join(
        f'<img src="{folder.resolve().as_uri()}/{name}-{screen}-{theme}-{locale[:2]}.png">'
        for theme, locale in LOOKS
    )
    page = browser.new_page(viewport={"width": width, "height": 600})
    html = folder / "sheet.html"
    html.write_text(
        "<!doctype html><style>body{margin:8px;display:grid;gap:8px;background:#888;"
        f"grid-template-columns:repeat({columns},1fr)}}img{{width:100%}}</style>{pictures}"
    )
    page.goto(html.resolve().as_uri())
    page.screenshot(path=folder / f"sheet-{name}-{screen}.png", full_page=True)
    page.close()
    html.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
