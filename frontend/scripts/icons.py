"""Makes the app's icons from public/favicon.svg, by the browser of the tests: `python frontend/scripts/icons.py`.

Run it after changing the sign; what it makes is committed.
"""

import re
import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PUBLIC = Path(__file__).parents[1] / "public"
JADE = "#2f6f63"
SIGN = (PUBLIC / "favicon.svg").read_text()
PATHS = "".join(re.findall(r"<path[^>]*/>", SIGN))
# The system cuts maskable icons to any shape: the sign stays in the middle 80 %.
MASKABLE = (
    f'<rect width="64" height="64" fill="{JADE}"/><g transform="translate(9.6 9.6) scale(.7)">{PATHS}</g>'
)
SQUARE = (
    f'<rect width="64" height="64" fill="{JADE}"/><g transform="translate(4.8 4.8) scale(.85)">{PATHS}</g>'
)

ICONS = {
    "icon-192": (192, SIGN),
    "icon-512": (512, SIGN),
    "maskable-192": (192, MASKABLE),
    "maskable-512": (512, MASKABLE),
    "monochrome-512": (512, PATHS),
    "badge-96": (96, PATHS),
    "apple-touch-icon": (180, SQUARE),  # iOS rounds the corners itself, and fills what is clear with black
}


def main() -> None:
    folder = PUBLIC / "icons"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for name, (size, drawing) in ICONS.items():
            _photograph(page, folder / f"{name}.png", size, drawing)
        browser.close()


def _photograph(page: Page, target: Path, size: int, drawing: str) -> None:
    inner = re.sub(r"</?svg[^>]*>", "", drawing)
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        "<style>html,body{margin:0;background:none}svg{display:block}</style>"
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="{size}" height="{size}">{inner}</svg>'
    )
    page.screenshot(path=target, omit_background=True)


if __name__ == "__main__":
    main()
