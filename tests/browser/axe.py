"""What axe-core finds wrong in a page as it stands."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.serving import PROJECT

RUN = """() => axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })
    .then((results) => results.violations.map((one) => [one.id, one.help, one.nodes.map((node) => node.html)]))"""


@cache
def _source() -> str:
    return (PROJECT / "frontend/node_modules/axe-core/axe.min.js").read_text()


def findings(page: Page) -> list[Any]:
    """Of WCAG A and AA and of good habits: rule, help, the elements. Empty is good."""
    page.evaluate(_source())  # the page's policy allows no script tag from elsewhere
    return list(page.evaluate(RUN))
