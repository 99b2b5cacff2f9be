"""The states of the page that are photographed and examined: how each is reached."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect

from tests.browser.people import Person
from tests.serving import Server

TALK = [
    ("h", "오늘 점심 같이 먹을래요?"),
    ("s", "좋아요! 몇 시에 만날까요?"),
    ("h", "12시 반에 정문 앞에서요. 그 칼국수집 어때요?"),
    ("h", "아니면 새로 생긴 데도 있대요: https://example.com/lunch"),
    ("s", "칼국수 좋아요. 비 오는 날엔 역시."),
    ("s", "See you there 😊"),
    ("h", "A thought before we meet: the plan for the move still has two open questions.\n"
          "1. who carries the lantern\n2. who locks the gate"),
    ("s", "제가 문을 잠글게요."),
]  # fmt: skip
FORMATTED = [
    "**굵게**, *기울임*, ~~지움~~, `code` 그리고 ||비밀||은 이렇게 보여요.",
    "> 비가 오면 어떡하죠?\n> 우산은 몇 개 있어요?\n\n세 개요. [약도](https://example.com/map)도 보세요.",
    '```python\ndef lantern(people: list[str]) -> str:\n    """Who carries it tonight."""\n'
    "    return people[len(people) // 2]  # 가운데 사람\n```",
    "- 등불\n- 열쇠 두 개\n- a map of the old town\n\n1. first the gate\n2. then the well",
    "😊🏮",
]
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3


@dataclass
class Stage:
    """A server with people and conversations in it. `sora` is who looks; `newcomer` has nothing yet."""

    server: Server
    sora: str
    newcomer: str
    direct: str
    group: str
    crowd: str
    crowd_size: int
    quiet: str
    long_words: str
    formatted: str
    blocked: str


class Subject:
    """Somebody in a browser in front of the stage, signed in as needed."""

    def __init__(self, stage: Stage, person: Person) -> None:
        self.stage = stage
        self.person = person
        self._who: str | None = None

    @property
    def page(self) -> Page:
        return self.person.page

    def at(self, path: str, who: str | None, wait_for: str) -> None:
        """Stand on `path`, signed in as `who`."""
        if who != self._who:
            self.person.context.clear_cookies()
            if self._who is not None:
                self.page.evaluate("() => localStorage.clear()")
            if who is not None:
                self.person.come_back(who)
            self._who = who
        self.page.goto(self.stage.server.base_url + path)
        self.page.wait_for_selector(wait_for)
        if who is not None:
            expect(self.page.locator(".connection[data-manner='live']").first).to_be_attached()


SHARED = """async () => {
    const cache = await caches.open("maru-shared");
    await cache.put("/share/kept", Response.json({ text: "비 오는 날의 산책\\nhttps://example.com/walk", files: 1 }));
}"""


def set_up(server: Server, browser: Browser, crowd_size: int) -> Stage:
    """People and what they said; one group has `crowd_size` members."""
    sora, haneul, grumpy = (
        Person(browser, server.base_url, name).come_in() for name in ("박소라", "정하늘", "Grumpy Cat")
    )
    minjun = Person(browser, server.base_url, "Minjun O'Brien").come_in()
    direct = sora.direct_with(haneul)
    for who, text in TALK:
        (sora if who == "s" else haneul).post(direct, text)
    group = haneul.group_with("이사 준비 모임", sora, minjun)
    minjun.post(group, "Boxes arrive on Friday.", "I can take the books.")
    sora.post(group, "고마워요!")
    haneul.post(group, "금요일 저녁에 다 같이 짐을 싸요.", "피자는 제가 살게요.")
    quiet = sora.direct_with(minjun)
    long_words = sora.group_with("A group whose name does not want to end anywhere at all", haneul)
    haneul.post(long_words, LONG_WORD, "https://example.com/" + "a" * 200)
    sora.post(long_words, "ㅋ" * 200)
    formatted = sora.group_with("글꼴 모임", haneul)
    haneul.post(formatted, *FORMATTED[:3])
    sora.post(formatted, *FORMATTED[3:])
    crowd_people = [_account(sora, number) for number in range(crowd_size - 3)]
    body = {"kind": "group", "name": "마을 회의", "member_ids": [haneul.id, minjun.id, *crowd_people]}
    crowd = sora.ask("POST", "/channels", body)["channel"]["id"]
    haneul.ask("POST", "/contacts", {"user_id": sora.id})
    sora.ask("POST", "/contacts", {"user_id": minjun.id})
    blocked = sora.direct_with(grumpy)
    grumpy.ask("POST", "/contacts", {"user_id": sora.id})
    grumpy.ask("PATCH", f"/contacts/{sora.id}", {"state": "blocked"})
    newcomer = Person(browser, server.base_url, "Nobody Yet").come_in()
    stage = Stage(
        server, sora.username, newcomer.username, direct, group, crowd, crowd_size, quiet, long_words, formatted,
        blocked,
    )  # fmt: skip
    for person in (sora, grumpy, newcomer, minjun):
        person.close()  # 정하늘 stays, and is seen to be here
    return stage


def _account(host: Person, number: int) -> str:
    """One more account, made without a browser of its own."""
    form = {
        "username": f"{host.username}-guest-{number}",
        "password": "a quiet wooden hall",
        "display_name": f"Guest {number}",
    }
    request = host.context.request
    state = request.storage_state()
    answer = request.post(f"{host.url}/api/v1/auth/signup", data=form)
    user_id = str(answer.json()["user"]["id"])
    host.context.clear_cookies()
    host.context.add_cookies(state["cookies"])
    return user_id


def entrance(subject: Subject) -> None:
    subject.at("/", None, ".entrance")


def first_visit(subject: Subject) -> None:
    """Nobody has an account yet."""
    subject.at("/", None, ".entrance")
    page = subject.page
    nobody = {"code": "unauthenticated", "status": 401, "ownerless": True}
    page.route("**/api/v1/me", lambda route: route.fulfill(status=401, json=nobody))
    page.reload()
    page.wait_for_selector("#display_name")
    page.unroute_all()


def sign_up_refused(subject: Subject) -> None:
    subject.at("/", None, ".entrance")
    page = subject.page
    page.locator(".entrance-card > .link").click()
    page.fill("#display_name", "소라")
    page.fill("#username", "x y")
    page.fill("#password", "short")
    page.locator("form .primary").click()
    expect(page.locator(".why").last).to_be_visible()


def nothing_yet(subject: Subject) -> None:
    subject.at("/", subject.stage.newcomer, ".empty >> visible=true")


def conversation_list(subject: Subject) -> None:
    subject.at("/", subject.stage.sora, ".channel")
    subject.page.wait_for_selector(".channel .preview:not(:empty)")
    subject.page.wait_for_selector(".channel .presence")


def direct(subject: Subject) -> None:
    subject.at(f"/c/{subject.stage.direct}", subject.stage.sora, ".message")
    subject.page.wait_for_selector(".conversation .names p")


def group(subject: Subject) -> None:
    subject.at(f"/c/{subject.stage.group}", subject.stage.sora, ".message")


def group_details(subject: Subject) -> None:
    subject.at(f"/c/{subject.stage.group}/details", subject.stage.sora, ".details .person")
    subject.page.wait_for_selector(".details .presence")


def hundred_members(subject: Subject) -> None:
    subject.at(f"/c/{subject.stage.crowd}/details", subject.stage.sora, ".details .person")
    expect(subject.page.locator(".details .person")).to_have_count(subject.stage.crowd_size)


def quiet(subject: Subject) -> None:
    subject.at(f"/c/{subject.stage.quiet}", subject.stage.sora, ".silent")


def long_words(subject: Subject) -> None:
    subject.at(f"/c/{subject.stage.long_words}", subject.stage.sora, ".message")


def formatted(subject: Subject) -> None:
    subject.at(f"/c/{subject.stage.formatted}", subject.stage.sora, ".message")
    subject.page.wait_for_selector("pre code span")  # coloured, once the colours have come


def menu(subject: Subject) -> None:
    """What can be done with a conversation."""
    group(subject)
    subject.page.locator(".conversation .pane-header [aria-haspopup=menu]").click()
    subject.page.wait_for_selector("[role=menu]")


def day(subject: Subject) -> None:
    """Going to a day."""
    menu(subject)
    subject.page.locator("[role=menuitem]").first.click()
    subject.page.wait_for_selector("dialog[open]")


def keys(subject: Subject) -> None:
    group(subject)
    subject.page.keyboard.press("Control+/")
    subject.page.wait_for_selector("#keys[open]")


def switcher(subject: Subject) -> None:
    group(subject)
    subject.page.keyboard.press("Control+k")
    subject.page.fill(".switcher input", "ㅎㄴ")
    subject.page.wait_for_selector(".switcher [role=option]")


def emoji(subject: Subject) -> None:
    direct(subject)
    subject.page.locator(".emoji-button").click()
    subject.page.wait_for_selector(".emoji-cells button")


def tools(subject: Subject) -> None:
    """The toolbar, and how a half-written message will look."""
    direct(subject)
    subject.person.field.fill("**금요일**에 만나요\n> 몇 시에?")
    subject.page.locator(".composer-line button").first.click()
    subject.page.locator(".preview-switch").click()
    subject.page.wait_for_selector(".preview strong")


def mention(subject: Subject) -> None:
    """Somebody's name is being completed."""
    subject.at(f"/c/{subject.stage.group}", subject.stage.sora, ".message")
    subject.person.field.press_sequentially("@ㅎㄴ")
    subject.page.wait_for_selector(".completion [role=option]")


def install_hint(subject: Subject) -> None:
    """The line that offers to make an app of the page, on a second visit."""
    conversation_list(subject)
    subject.page.evaluate("() => localStorage.setItem('maru.visits', '2')")
    subject.page.reload()
    subject.person.is_connected("live") if subject.page.locator(".list-footer").is_visible() else None
    subject.page.evaluate("() => dispatchEvent(new Event('beforeinstallprompt'))")
    subject.page.wait_for_selector(".page-line")


def newer(subject: Subject) -> None:
    """The line that tells of a newer build, as its service worker announces it."""
    group(subject)
    subject.page.wait_for_function(
        """() => {
            const news = { data: { kind: "build", build: "another" } };
            navigator.serviceWorker.dispatchEvent(new MessageEvent("message", news));
            return document.querySelector(".page-line");
        }"""
    )


def share(subject: Subject) -> None:
    """What another app shared waits for its conversation."""
    conversation_list(subject)
    subject.page.evaluate(SHARED)
    subject.at("/share", subject.stage.sora, ".share-list")


def new_conversation(subject: Subject) -> None:
    subject.at("/new", subject.stage.sora, ".people-search")
    subject.page.fill(".people-search input", "guest")
    subject.page.wait_for_selector(".person")
    subject.page.locator(".person button").first.click()
    subject.page.locator(".person button").first.click()


def contacts(subject: Subject) -> None:
    subject.at("/contacts", subject.stage.sora, ".person")


def settings(subject: Subject) -> None:
    """The list of its pages; on wide windows beside the first of them."""
    subject.at("/settings", subject.stage.sora, ".sheet a[href^='/settings/']")


def settings_page(name: str, wait_for: str = ".sheet h2") -> Callable[[Subject], None]:
    return lambda subject: subject.at(f"/settings/{name}", subject.stage.sora, wait_for)


def doctor(subject: Subject) -> None:
    """The connection is being examined, through a proxy that cuts held requests."""
    subject.at("/settings/connection", subject.stage.sora, ".sheet section button")
    page = subject.page
    page.route(lambda url: "/sync?" in url and "wait=0" not in url, lambda route: route.fulfill(status=504))
    page.locator(".sheet section button").first.click()
    page.wait_for_selector(".findings [data-found=cut]")
    page.unroute_all()


def failed(subject: Subject) -> None:
    """A message that the server refused: the other one has blocked the writer."""
    subject.at(f"/c/{subject.stage.blocked}", subject.stage.sora, ".scroller")
    if not subject.page.locator(".failed-note").count():
        subject.person.write("혹시 화났어요?")
    subject.page.wait_for_selector(".failed-note")


def offline(subject: Subject) -> None:
    """Without a server, with a message waiting."""
    subject.at(f"/c/{subject.stage.direct}", subject.stage.sora, ".message")
    page = subject.page
    page.route("**/api/v1/sync**", lambda route: route.abort())
    page.route("**/api/v1/me", lambda route: route.abort())
    page.route_web_socket("**/api/v1/ws", lambda socket: socket.close())
    page.reload()
    page.wait_for_selector(".message")
    subject.person.is_connected("offline") if page.locator(".list-footer").is_visible() else None
    subject.person.write("비가 그치면 나갈게요.")
    page.wait_for_selector(".pending")


SETTINGS = ("profile", "look", "notifications", "invites", "connection", "about")
SCENES: dict[str, Callable[[Subject], None]] = {
    "entrance": entrance,
    "first-visit": first_visit,
    "sign-up-refused": sign_up_refused,
    "nothing-yet": nothing_yet,
    "list": conversation_list,
    "direct": direct,
    "group": group,
    "group-details": group_details,
    "hundred-members": hundred_members,
    "quiet": quiet,
    "long-words": long_words,
    "formatted": formatted,
    "menu": menu,
    "day": day,
    "keys": keys,
    "switcher": switcher,
    "emoji": emoji,
    "tools": tools,
    "mention": mention,
    "install-hint": install_hint,
    "newer": newer,
    "share": share,
    "failed": failed,
    "new-conversation": new_conversation,
    "contacts": contacts,
    "settings": settings,
    **{f"settings-{name}": settings_page(name) for name in SETTINGS},
    "settings-devices": settings_page("devices", ".sessions li"),
    "doctor": doctor,
    "offline": offline,  # the last: what comes after it would be offline too
}
