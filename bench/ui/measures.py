"""The measurements: each gives named numbers, from one round."""

import json
import os
import statistics
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, Playwright, Request

from bench.ui.stage import ROWS, WATCH, Stage, copied_device
from bench.ui.texts import texts
from tests.browser.conftest import CHROMIUM

Numbers = dict[str, float]

SENDS = 40
OPENED = 20  # with the server there, and as many without
STARTS = 7
VISITED = 20
HOUR_MESSAGES = 6_000
LONG_MS = 60_000
LIGHTHOUSE = Path(__file__).with_name("lighthouse.mjs")
ROW = ".channel[href='/c/{}']"


def p95(numbers: Sequence[float]) -> float:
    return statistics.quantiles(numbers, n=20, method="inclusive")[-1]


# --- the device that has everything


def cached(playwright: Playwright, stage: Stage) -> Numbers:
    """On one device after the other: warm starts, conversations, one's own messages; then the server is gone."""
    with copied_device(playwright, stage) as page:
        first_start = start(stage, page)
        numbers = {
            "first_start": first_start,
            "warm_start": statistics.median(starts(stage, page)),
            "opening": p95(openings(page, stage.channels[:OPENED])),
        }
        numbers |= own_messages(stage, page)
        stage.server.kill9()
        try:
            page.wait_for_selector(".list-footer .connection[data-manner='offline']")
            numbers["opening_offline"] = p95(openings(page, stage.channels[OPENED : 2 * OPENED]))
            numbers |= own_offline(page)
            if page.evaluate("() => navigator.serviceWorker.controller !== null"):
                numbers["warm_start_offline"] = statistics.median(starts(stage, page))
        finally:
            stage.server.start()
    return numbers


def starts(stage: Stage, page: Page) -> list[float]:
    return [start(stage, page) for _ in range(STARTS)]


def start(stage: Stage, page: Page) -> float:
    """From navigating, the page closed before, until the messages of the open conversation are on the screen."""
    page.goto("about:blank")
    page.goto(f"{stage.server.base_url}/c/{stage.channels[0]}", wait_until="commit")
    return float(page.evaluate("() => window.watch.firstMessage"))


def openings(page: Page, channels: Sequence[str]) -> list[float]:
    """From a click in the list until its messages are on the screen; each for the first time since the page started."""
    return [opening(page, channel) for channel in channels]


def opening(page: Page, channel: str) -> float:
    row = page.locator(ROW.format(channel))
    row.scroll_into_view_if_needed()
    if row.get_attribute("aria-current"):
        page.goto(page.url.split("/c/")[0])
        row.wait_for()
    page.evaluate("() => { window.opened = watch.after('click', watch.message()) }")
    row.click()
    return float(page.evaluate("() => window.opened"))


def own_messages(stage: Stage, page: Page) -> Numbers:
    took = own(page, "measured", SENDS)
    page.wait_for_function("() => !document.querySelector('.pending')", timeout=LONG_MS)
    event_timing = page.evaluate("() => watch.keydowns.toSorted((a, b) => a - b).at(-2) ?? 16")
    return {"own": p95(took), "own_median": statistics.median(took), "own_event_timing": event_timing}


def own_offline(page: Page) -> Numbers:
    return {"own_offline": p95(own(page, "without a server", SENDS // 2))}


def own(page: Page, text: str, count: int) -> list[float]:
    """From pressing Enter until the own message is on the screen."""
    took = []
    for number in range(count):
        wanted = f"{text} {number} {uuid.uuid4().hex[:6]}"
        page.locator(".composer textarea").click()
        page.keyboard.insert_text(wanted)
        page.evaluate("text => { window.shown = watch.after('keydown', watch.text(text)) }", wanted)
        page.keyboard.press("Enter")
        took.append(float(page.evaluate("() => window.shown")))
    return took


# --- scrolling

WATCH_ROW = """() => {
    const scroller = document.querySelector('.scroller');
    const frame = scroller.getBoundingClientRect();
    const rows = [...scroller.querySelectorAll('[data-seq]')];
    const row = rows.find((one) => one.getBoundingClientRect().top > frame.top + 40);
    const place = row.getBoundingClientRect().top;
    const watched = (window.watched = { drift: 0, on: true });
    const look = () => {
        const now = scroller.querySelector(`[data-seq="${row.dataset.seq}"]`);
        if (now) watched.drift = Math.max(watched.drift, Math.abs(now.getBoundingClientRect().top - place));
        if (watched.on) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
DRIFT = """() => new Promise((resolve) => setTimeout(() => { watched.on = false; resolve(watched.drift) }, 200))"""
TO_START = """() => {
    const scroller = document.querySelector('.scroller');
    scroller.scrollTop = -(scroller.scrollHeight - scroller.clientHeight) + 400;
}"""
FIRST_SEQ = "() => Number(document.querySelector('.scroller [data-seq]').dataset.seq)"
GROW = """() => {
    const frame = document.querySelector('.scroller').getBoundingClientRect();
    const rows = [...document.querySelectorAll('.scroller [data-seq]')];
    rows.findLast((one) => one.getBoundingClientRect().bottom < frame.top).style.paddingBottom = '240px';
}"""


def scrolling(playwright: Playwright, stage: Stage) -> Numbers:
    """How far what is read moves while history loads above, while a row above grows as a picture does that has come,
    and while messages arrive."""
    channel = stage.channels[1]
    with copied_device(playwright, stage) as page:
        page.goto(f"{stage.server.base_url}/c/{channel}")
        page.evaluate("() => window.watch.firstMessage")
        page.wait_for_selector(".list-footer .connection[data-manner='live']")
        drifts = {"history": [loading_history(page) for _ in range(5)]}
        page.evaluate(WATCH_ROW)
        page.evaluate(GROW)
        drifts["grown"] = [float(page.evaluate(DRIFT))]
        page.evaluate(WATCH_ROW)
        say(stage, [channel], 20)
        drifts["arrived"] = [float(page.evaluate(DRIFT))]
    return {f"drift_{name}": max(found) for name, found in drifts.items()}


def loading_history(page: Page) -> float:
    first = page.evaluate(FIRST_SEQ)
    page.evaluate(TO_START)
    page.evaluate(WATCH_ROW)
    page.wait_for_function(f"() => ({FIRST_SEQ})() < {first}", timeout=LONG_MS)
    return float(page.evaluate(DRIFT))


# --- memory


def memory(playwright: Playwright, stage: Stage) -> Numbers:
    """After one conversation, after twenty, and while an hour's messages come, a third of them in sight."""
    with copied_device(playwright, stage) as page:
        start(stage, page)
        page.wait_for_selector(".list-footer .connection[data-manner='live']")
        session = page.context.new_cdp_session(page)
        numbers = held(session, "start")
        openings(page, stage.channels[1 : VISITED + 1])
        openings(page, stage.channels[:1])
        numbers |= held(session, "visited")
        for when in ("half", "hour"):
            kept = page.evaluate(ROWS)
            say(stage, stage.channels[:3], HOUR_MESSAGES // 2)
            while page.evaluate(ROWS) < kept + HOUR_MESSAGES // 2:
                page.wait_for_timeout(200)
            numbers |= held(session, when)
    return numbers


def held(session: CDPSession, when: str) -> Numbers:
    """Megabytes of the page's JavaScript, and its DOM nodes, once nothing is left to be collected."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return {f"heap_{when}": found["JSHeapUsedSize"] / 1e6, f"nodes_{when}": found["Nodes"]}


def say(stage: Stage, channels: Sequence[str], count: int) -> None:
    """Friends say so much, as quickly as the server takes it."""
    said = [f"{text} {uuid.uuid4().hex[:6]}" for text in islice(texts(), count)]
    shares: list[list[tuple[str, str]]] = [[] for _ in channels]
    for number, text in enumerate(said):
        shares[number % len(channels)].append((channels[number % len(channels)], text))
    with ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(lambda share: _post(stage, share), shares))


def _post(stage: Stage, share: Sequence[tuple[str, str]]) -> None:
    with closing(HTTPConnection("127.0.0.1", stage.server.port)) as connection:
        for channel, text in share:
            friend = stage.friends[stage.channels.index(channel) % len(stage.friends)]
            headers = {"Authorization": f"Bearer {friend.token}", "Content-Type": "application/json"}
            body = json.dumps({"client_message_id": str(uuid.uuid4()), "text": text})
            connection.request("POST", f"/api/v1/channels/{channel}/messages", body, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 201, answer.status


# --- the first visit


def cold(browser: Browser, stage: Stage) -> Numbers:
    """Somebody who has never been here; then the reader on a device that has nothing yet."""
    entrance = _visit(browser, stage, None, ".entrance")
    hall = _visit(browser, stage, stage.cookie, ".channel .preview")
    return named("entrance", entrance) | named("hall", hall)


def _visit(browser: Browser, stage: Stage, cookie: str | None, shown: str) -> Numbers:
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, locale="ko-KR")
    context.add_init_script(path=WATCH)
    if cookie:
        name, value = cookie.split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": stage.server.base_url}])
    page = context.new_page()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # Playwright wants a plain function
    page.goto(stage.server.base_url)
    page.wait_for_selector(shown)
    page.wait_for_load_state("networkidle")
    files = [
        one
        for one in asked
        if "/api/" not in one.url and not one.url.endswith("/sw.js") and not one.service_worker
    ]
    sizes = [one.sizes()["responseBodySize"] for one in files]
    numbers = {
        "largest_paint": float(page.evaluate("() => watch.largest")),
        "shift": float(page.evaluate("() => watch.shift")),
        "files": float(len(files)),
        "calls": float(len([one for one in asked if "/api/" in one.url])),
        "kilobytes": sum(sizes) / 1000,
    }
    context.close()
    return numbers


def lighthouse(stage: Stage, runs: int) -> Iterator[Numbers]:
    """Lighthouse's mobile audit (a slow phone on slow 4G, simulated), of the entrance and of the hall."""
    for _ in range(runs):
        entrance = _audit(stage.server.base_url, None)
        hall = _audit(stage.server.base_url, stage.cookie)
        yield named("lighthouse_entrance", entrance) | named("lighthouse_hall", hall)


def named(where: str, numbers: Numbers) -> Numbers:
    return {f"{where}_{what}": value for what, value in numbers.items()}


def _audit(url: str, cookie: str | None) -> dict[str, Any]:
    environment = {**os.environ, "CHROME_PATH": str(CHROMIUM)}
    command = ["node", str(LIGHTHOUSE), url, *([cookie] if cookie else [])]
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=180)
    return dict(json.loads(ran.stdout))
