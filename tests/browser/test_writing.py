"""Writing: Enter in every script, drafts, and the keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser.axe import findings
from tests.browser.people import Person
from tests.serving import Server

Visitor = Callable[..., Person]


@pytest.fixture
def talk(server: Server, visitor: Visitor) -> tuple[Person, str]:
    """Somebody with an open conversation."""
    writer = visitor(server.base_url, "Writer").come_in()
    other = visitor(server.base_url, "Other").come_in()
    channel = writer.direct_with(other)
    return writer.open(channel), channel


def compose(keyboard: CDPSession, text: str) -> None:
    """What an input method shows while a word is being composed."""
    keyboard.send(
        "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
    )


def press_enter_while_composing(keyboard: CDPSession) -> None:
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def test_enter_in_the_middle_of_a_hangul_syllable_sends_all_of_it_once(talk: tuple[Person, str]) -> None:
    writer, _ = talk
    keyboard = writer.context.new_cdp_session(writer.page)
    writer.field.focus()
    keyboard.send("Input.insertText", {"text": "점심 머"})
    compose(keyboard, "ㄱ")
    compose(keyboard, "거")
    press_enter_while_composing(keyboard)
    keyboard.send("Input.insertText", {"text": "거"})  # the input method commits the syllable after the key
    writer.sees("점심 머거")
    expect(writer.field).to_have_value("")
    writer.write("다음")
    writer.sees("다음")
    assert writer.texts() == ["점심 머거", "다음"]


def test_enter_that_chooses_a_japanese_candidate_sends_nothing(talk: tuple[Person, str]) -> None:
    writer, _ = talk
    keyboard = writer.context.new_cdp_session(writer.page)
    writer.field.focus()
    compose(keyboard, "にほんご")
    press_enter_while_composing(keyboard)
    keyboard.send("Input.insertText", {"text": "日本語"})
    expect(writer.field).to_have_value("日本語")
    assert writer.texts() == []
    writer.field.press("Enter")
    writer.sees("日本語")


def test_enter_on_a_phone_is_a_new_line_and_the_button_sends(server: Server, visitor: Visitor) -> None:
    writer = visitor(server.base_url, "Phone", screen="phone").come_in()
    other = visitor(server.base_url, "Other").come_in()
    writer.open(writer.direct_with(other))
    writer.field.press_sequentially("one")
    writer.field.press("Enter")
    writer.field.press_sequentially("two")
    expect(writer.field).to_have_value("one\ntwo")
    writer.page.locator(".composer .send").click()
    expect(writer.page.locator(".message .text")).to_have_text("one\ntwo", use_inner_text=True)


def test_shift_enter_starts_a_new_line(talk: tuple[Person, str]) -> None:
    writer, _ = talk
    writer.field.press_sequentially("one")
    writer.field.press("Shift+Enter")
    writer.field.press_sequentially("two")
    writer.field.press("Enter")
    expect(writer.page.locator(".message .text")).to_have_text("one\ntwo", use_inner_text=True)


def test_blank_messages_are_not_sent(talk: tuple[Person, str]) -> None:
    writer, _ = talk
    writer.write("   ")
    writer.field.fill("")
    writer.write("something")
    writer.sees("something")
    assert writer.texts() == ["something"]


def test_a_draft_is_there_again_after_a_reload(talk: tuple[Person, str]) -> None:
    writer, channel = talk
    writer.field.fill("half a thou")
    kept = """(channel) => new Promise((done) => {
        const open = indexedDB.open("maru-" + JSON.parse(localStorage["maru.me"]).id);
        open.onsuccess = () => {
            const read = open.result.transaction("drafts").objectStore("drafts").get(channel);
            read.onsuccess = () => { open.result.close(); done(read.result); };
        };
    })"""
    writer.until(lambda: writer.page.evaluate(kept, channel) == "half a thou", "the draft is kept")
    writer.page.reload()
    expect(writer.field).to_have_value("half a thou")


def test_the_list_tells_what_was_begun_until_there_is_news_or_it_is_sent(
    server: Server, visitor: Visitor
) -> None:
    writer = visitor(server.base_url, "Writer").come_in()
    ada, blaise = (visitor(server.base_url, name).come_in() for name in ("Ada", "Blaise"))
    channel, elsewhere = writer.direct_with(ada), writer.direct_with(blaise)
    writer.open(channel)
    writer.write("said")
    writer.sees_kept("said")
    writer.field.fill("half a **thought**")
    last_words = writer.page.locator(f'.channel[href="/c/{channel}"] .preview')
    expect(last_words).to_have_text("You: said")  # where it is written, the field shows it
    writer.open(elsewhere)
    expect(last_words).to_have_text("[Draft] half a thought")
    writer.page.reload()
    expect(last_words).to_have_text("[Draft] half a thought")
    ada.post(channel, "news")
    expect(last_words).to_have_text("news")
    writer.open(channel)
    writer.field.press("Enter")
    writer.open(elsewhere)
    expect(last_words).to_have_text("You: half a thought")


def test_the_caret_of_a_draft_is_kept_and_editing_leaves_the_draft_alone(
    server: Server, visitor: Visitor
) -> None:
    writer = visitor(server.base_url, "Writer").come_in()
    others = [visitor(server.base_url, name).come_in() for name in ("Ada", "Blaise")]
    channels = [writer.direct_with(other) for other in others]
    writer.open(channels[0])
    writer.write("typo")
    writer.sees_kept("typo")
    writer.page.keyboard.press("ArrowUp")
    expect(writer.field).to_have_value("typo")
    writer.page.keyboard.press("Escape")
    expect(writer.field).to_have_value("")
    writer.field.press_sequentially("half thought")
    for _ in range(8):
        writer.field.press("ArrowLeft")
    writer.message("typo").hover()
    writer.message("typo").locator('[aria-label="Edit"]').click()
    writer.write("mended")
    expect(writer.page.locator(".message .text")).to_contain_text("mended")
    expect(writer.field).to_have_value("half thought")
    writer.open(channels[1])
    expect(writer.field).to_have_value("")
    writer.open(channels[0])
    expect(writer.field).to_have_value("half thought")
    writer.field.press_sequentially("a ")
    expect(writer.field).to_have_value("halfa  thought")


def test_what_is_formatted_is_shown_so_to_everybody_and_nothing_of_it_is_html(
    server: Server, visitor: Visitor
) -> None:
    writer = visitor(server.base_url, "Writer").come_in()
    reader = visitor(server.base_url, "김민수").come_in()
    channel = writer.direct_with(reader)
    code = "```python\ndef hall():\n    return '마루'\n```"
    text = (
        f"**굵게**는 <img src=x onerror=alert(1)> [here](https://maru.example/a) [x](javascript:alert(1))\n"
        f"- one\n- two\n> quoted\n||the butler|| @{reader.username}야\n{code}"
    )
    writer.post(channel, text)
    words = reader.open(channel).page.locator(".message .text")
    expect(words.locator("strong")).to_have_text("굵게")
    expect(words.locator("img, script")).to_have_count(0)
    expect(words.locator("a")).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(words.locator("a")).to_have_count(1)
    expect(words.locator(".host")).to_have_text("(maru.example)")
    expect(words.locator("li")).to_have_text(["one", "two"])
    expect(words.locator("blockquote")).to_have_text("quoted")
    expect(words.locator(".mention.me bdi")).to_have_text("@김민수")
    expect(words.locator("pre .hljs-keyword").first).to_have_text(
        "def"
    )  # the highlighter came, under the policy
    spoiler = words.locator("button.spoiler")
    expect(spoiler).to_have_accessible_name("Hidden words. Show them")
    spoiler.focus()
    reader.page.keyboard.press("Enter")
    expect(words.locator("span.spoiler")).to_be_focused()
    expect(words.locator("span.spoiler")).to_have_text("the butler")
    assert findings(reader.page) == []
    reader.page.locator(".message").hover()
    reader.page.locator('[aria-label="Copy text"]').click()
    assert reader.page.evaluate("navigator.clipboard.readText()") == text


def test_people_are_mentioned_by_the_initials_of_their_names(server: Server, visitor: Visitor) -> None:
    writer = visitor(server.base_url, "Writer").come_in()
    others = [visitor(server.base_url, name).come_in() for name in ("김민수", "이지은")]
    writer.open(writer.group_with("마루", *others))
    option = writer.page.get_by_role("option")
    writer.field.press_sequentially("안녕 @")
    expect(option).to_have_count(2)
    keyboard = writer.context.new_cdp_session(writer.page)
    compose(keyboard, "ㅈ")
    expect(option).to_have_count(1)
    expect(option).to_contain_text("이지은")
    expect(writer.field).to_have_attribute("aria-activedescendant", "completions-0")
    assert findings(writer.page) == []
    press_enter_while_composing(keyboard)
    keyboard.send("Input.insertText", {"text": "ㅈ"})
    expect(writer.field).to_have_value(f"안녕 @{others[1].username} ")
    writer.field.press("Enter")
    expect(writer.page.locator(".message .mention bdi")).to_have_text("@이지은")


def test_emoji_come_by_shortcode_by_search_and_by_keyboard(talk: tuple[Person, str]) -> None:
    writer, _ = talk
    writer.field.press_sequentially("done :tada:")
    expect(writer.field).to_have_value("done 🎉")
    writer.field.press_sequentially(" :thumbsu")
    writer.page.get_by_role("option").first.wait_for()
    writer.field.press("Tab")
    expect(writer.field).to_have_value("done 🎉 👍️ ")
    writer.page.get_by_role("button", name="Emoji").click()
    picker = writer.page.get_by_role("dialog", name="Emoji")
    picker.get_by_role("searchbox").fill("하트")
    expect(picker.get_by_role("button", name="red heart")).to_be_visible()
    assert findings(writer.page) == []
    picker.get_by_role("searchbox").fill("unicorn")
    expect(picker.get_by_role("button", name="unicorn")).to_be_visible()
    writer.page.keyboard.press("ArrowDown")
    writer.page.keyboard.press("Enter")
    expect(writer.field).to_have_value("done 🎉 👍️ 🦄")
    writer.field.press("Enter")
    writer.sees("done 🎉 👍️ 🦄")


EMPTY_CELLS = """() => {
    const cells = [...document.querySelectorAll(".emoji-cells button")];
    const context = new OffscreenCanvas(48, 48).getContext("2d", { willReadFrequently: true });
    context.font = getComputedStyle(cells[0]).font;
    const drawn = (text) => {
        context.clearRect(0, 0, 48, 48);
        context.fillText(text, 4, 40);
        return context.getImageData(0, 0, 48, 48).data.join();
    };
    const nothing = [drawn(""), drawn("\\u{10ffff}")];
    return [cells.length, cells.map((cell) => cell.textContent).filter((text) => nothing.includes(drawn(text)))];
}"""


def test_no_emoji_is_offered_that_the_fonts_do_not_have(talk: tuple[Person, str]) -> None:
    writer, _ = talk
    writer.page.get_by_role("button", name="Emoji").click()
    writer.page.get_by_role("dialog", name="Emoji").wait_for()
    count, empty = writer.page.evaluate(EMPTY_CELLS)
    assert count > 100
    assert empty == []


def test_the_formatting_buttons_act_on_the_selection_and_show_what_comes(talk: tuple[Person, str]) -> None:
    writer, _ = talk
    writer.field.press_sequentially("very important")
    writer.field.press("Control+Shift+ArrowLeft")
    writer.field.press("Control+b")
    expect(writer.field).to_have_value("very **important**")
    writer.page.get_by_role("button", name="Formatting").click()
    tools = writer.page.get_by_role("toolbar", name="Formatting")
    tools.get_by_role("button", name="Bold").focus()
    writer.page.keyboard.press("ArrowRight")
    writer.page.keyboard.press("Enter")
    expect(writer.field).to_have_value("very **_important_**")
    tools.get_by_role("button", name="Preview").click()
    expect(writer.page.locator(".preview strong em")).to_have_text("important")
    assert findings(writer.page) == []
    writer.field.press("Control+z")
    expect(writer.field).to_have_value("very **important**")


PASTE = """([html, plain]) => {
    const data = new DataTransfer();
    if (html) data.setData("text/html", html);
    if (plain) data.setData("text/plain", plain);
    if (!html && !plain) data.items.add(new File(["x"], "a.png", { type: "image/png" }));
    const field = document.querySelector(".composer textarea");
    field.focus();
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    return !field.dispatchEvent(event);
}"""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a <b>bold</b> and <i>thin</i> day</p><p>next</p>", "a **bold** and _thin_ day\n\nnext"),
        ('<b style="font-weight:normal"><span style="font-weight:700">굵게</span>는</b>', "**굵게**는"),
        ("<ul><li>one<ol><li>deep</li></ol></li><li>two</li></ul>", "- one\n  1. deep\n- two"),
        ('<a href="https://a.example/b">here</a>', "[here](https://a.example/b)"),
        ('<b>x</b> <a href="javascript:alert(1)">bad</a><script>alert(1)</script>', "**x** bad"),
        ("<blockquote>said<br>so</blockquote><pre>a\n  b</pre>", "> said\n> so\n\n```\na\n  b\n```"),
        ("<b>sum</b> 2 *3* `x` a_b", "**sum** 2 \\*3\\* \\`x\\` a\\_b"),
        ("<div>only words</div>", "what the plain text says"),
    ],
)
def test_rich_text_is_pasted_as_what_people_write_here(
    talk: tuple[Person, str], html: str, text: str
) -> None:
    writer, _ = talk
    assert writer.page.evaluate(PASTE, [html, "what the plain text says"])
    expect(writer.field).to_have_value(text)


def test_a_pasted_picture_is_said_to_come_later_and_the_text_stays(talk: tuple[Person, str]) -> None:
    writer, _ = talk
    writer.field.press_sequentially("look:")
    assert writer.page.evaluate(PASTE, ["", ""])
    expect(writer.page.locator(".composer .note")).to_contain_text("cannot be sent yet")
    expect(writer.field).to_have_value("look:")


def test_too_long_a_text_is_told_before_it_is_sent(talk: tuple[Person, str]) -> None:
    writer, _ = talk
    writer.field.fill("가" * 19_990)
    expect(writer.page.locator(".composer .note")).to_have_text("10 characters left")
    writer.field.fill("가" * 20_002)
    expect(writer.page.get_by_role("alert")).to_have_text("2 characters too many")
    expect(writer.page.locator(".composer .send")).to_be_disabled()


def test_one_s_own_message_is_painted_at_once(talk: tuple[Person, str]) -> None:
    """In the next frame but one after Enter at the latest, each of them. Milliseconds are `make bench-ui`'s."""
    writer, _ = talk
    writer.write("warm")
    writer.sees_kept("warm")
    measure = """async (text) => {
        const field = document.querySelector('.composer textarea');
        field.focus();
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((resolve) => setTimeout(resolve, 30));
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
        for (let frames = 1; ; frames++) {
            await new Promise(requestAnimationFrame);
            const texts = [...document.querySelectorAll('.message .text')];
            if (texts.some((one) => one.textContent === text)) return frames;
        }
    }"""
    frames = [writer.page.evaluate(measure, f"quick {number}") for number in range(20)]
    assert max(frames) <= 2, frames


def test_alt_arrows_move_between_conversations_and_ctrl_k_finds_one(server: Server, visitor: Visitor) -> None:
    me = visitor(server.base_url, "Me").come_in()
    others = [visitor(server.base_url, name).come_in() for name in ("Ada", "Blaise")]
    channels = [me.direct_with(other) for other in others]
    me.post(channels[0], "to Ada")
    me.post(channels[1], "to Blaise")
    page = me.page
    expect(page.locator(".channel").first).to_contain_text("to Blaise")  # the list has its last order
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".conversation h1")).to_have_text("Blaise")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".conversation h1")).to_have_text("Ada")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".conversation h1")).to_have_text("Blaise")
    page.keyboard.press("Control+k")
    page.keyboard.type("ad")
    page.keyboard.press("Enter")
    expect(page.locator(".conversation h1")).to_have_text("Ada")
    page.keyboard.press("Control+/")
    expect(page.locator("#keys")).to_contain_text("Ctrl/⌘ + Shift + XStrikethrough")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
