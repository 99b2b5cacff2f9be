"""No state of the page has a finding of axe, in light and dark, on a desktop and on a phone."""

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import findings
from tests.browser.people import Person
from tests.browser.scenes import SCENES, Stage, Subject, set_up
from tests.serving import Server

Visitor = Callable[..., Person]
# A name is cut only where no line could hold it.
TOO_WIDE = """() => [...document.querySelectorAll(
        ':root, .sheet, .list-pane, .details, .scroller, .tools, .conversation h1')]
    .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth)
    .map((one) => one.className || one.tagName)"""
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def stage(server: Server, browser: Browser) -> Stage:
    return set_up(server, browser, crowd_size=12)


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_no_scene_has_a_finding(
    server: Server, visitor: Visitor, stage: Stage, screen: Literal["desktop", "phone"]
) -> None:
    subject = Subject(stage, visitor(server.base_url, "Sora", screen=screen, locale="ko-KR"))
    subject.page.emulate_media(reduced_motion="reduce")  # no colour half-way
    found = []
    for name, scene in SCENES.items():
        scene(subject)
        for theme in THEMES:
            subject.page.emulate_media(color_scheme=theme)
            found += [f"{name}, {theme}: {problem}" for problem in findings(subject.page)]
    assert found == [], "\n".join(found)


def test_at_320_pixels_nothing_is_cut_off_sideways(server: Server, visitor: Visitor, stage: Stage) -> None:
    subject = Subject(stage, visitor(server.base_url, "Sora", screen="phone"))
    subject.page.set_viewport_size({"width": 320, "height": 640})
    for name, scene in SCENES.items():
        scene(subject)
        too_wide = subject.page.evaluate(TOO_WIDE)
        assert too_wide == (["H1"] if name == "long-words" else []), name


def test_the_keyboard_alone_is_enough_to_read_and_answer(server: Server, visitor: Visitor) -> None:
    me = visitor(server.base_url, "Me").come_in()
    other = visitor(server.base_url, "Other").come_in()
    channel = me.direct_with(other)
    other.post(channel, "Only keys, please.")
    expect(me.page.locator(".channel")).to_contain_text("Only keys")
    me.page.locator(".list-pane .pane-header a").focus()
    me.page.keyboard.press("Tab")
    me.page.keyboard.press("Tab")
    expect(me.page.locator(".channel")).to_be_focused()
    me.page.keyboard.press("Enter")
    expect(me.field).to_be_focused()
    me.page.keyboard.type("As you wish.")
    me.page.keyboard.press("Enter")
    me.sees("As you wish.")
