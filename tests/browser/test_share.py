"""Installing the page, and what other apps share to it."""

import json
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.test_offline import keeps_the_page
from tests.serving import Server

Visitor = Callable[..., Person]

SHARE = """() => {
    const form = document.createElement("form");
    Object.assign(form, { method: "POST", action: "/share", enctype: "multipart/form-data" });
    for (const [name, value] of [["title", "A walk"], ["text", "Look at this"], ["url", "https://example.org/walk"]]) {
        const field = document.createElement("input");
        Object.assign(field, { name, value });
        form.append(field);
    }
    const files = document.createElement("input");
    Object.assign(files, { type: "file", name: "files" });
    const picked = new DataTransfer();
    picked.items.add(new File(["not yet"], "walk.jpg"));
    files.files = picked.files;
    form.append(files);
    document.body.append(form);
    form.submit();
}"""


# Of the pictures that the manifest names, those that are not what it says of them.
UNTRUE = """async () => {
    const { icons, screenshots } = await (await fetch("/manifest.webmanifest")).json();
    const drawn = [...icons, ...screenshots].filter((one) => one.sizes !== "any");
    const found = await Promise.all(drawn.map(async ({ src, sizes, type }) => {
        const picture = await (await fetch(src)).blob();
        const { width, height } = await createImageBitmap(picture);
        return picture.type === type && `${width}x${height}` === sizes ? [] : [src];
    }));
    return found.flat();
}"""


def test_what_is_shared_goes_into_the_draft_of_the_chosen_conversation_and_a_file_is_left_out(
    server: Server, visitor: Visitor
) -> None:
    me = visitor(server.base_url, "Me", worker=True).come_in()
    other = visitor(server.base_url, "Other").come_in()
    channel = me.direct_with(other)
    keeps_the_page(me).is_connected("live")
    me.page.evaluate(SHARE)
    expect(me.page.locator(".shared")).to_have_text("A walk\nLook at this\nhttps://example.org/walk")
    expect(me.page.locator(".sheet .why")).to_have_text("Maru cannot send files yet: the file is left out.")
    me.page.locator(".share-list button").click()
    me.page.wait_for_url(f"**/c/{channel}")
    expect(me.field).to_have_value("A walk\nLook at this\nhttps://example.org/walk")
    assert me.page.evaluate("async () => (await caches.keys()).includes('maru-shared')") is False


def test_the_browser_finds_nothing_that_speaks_against_installing(server: Server, visitor: Visitor) -> None:
    me = visitor(server.base_url, "Me", worker=True).come_in()
    keeps_the_page(me)
    devtools = me.context.new_cdp_session(me.page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert me.page.evaluate(UNTRUE) == []
    shown = {one["form_factor"] for one in json.loads(manifest["data"])["screenshots"]}
    assert shown == {"wide", "narrow"}, "browsers show them to who installs, on a desktop and on a phone"
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {error["errorId"] for error in errors} <= {"in-incognito"}, "tests have nothing but such windows"


def test_who_comes_back_is_offered_the_app_in_one_line_and_may_refuse_for_good(
    server: Server, visitor: Visitor
) -> None:
    me = visitor(server.base_url, "Me")
    me.page.add_init_script("setTimeout(() => dispatchEvent(new Event('beforeinstallprompt')), 300)")
    me.come_in().is_connected("live")
    assert me.page.locator(".page-line").count() == 0
    again = me.context.new_page()
    again.add_init_script("setTimeout(() => dispatchEvent(new Event('beforeinstallprompt')), 300)")
    again.goto(server.base_url)
    expect(again.locator(".page-line")).to_contain_text("Maru can be an app on this device")
    again.get_by_role("button", name="No, thanks").click()
    expect(again.locator(".page-line")).to_have_count(0)
    assert again.evaluate("() => localStorage.getItem('maru.install')") == "no"
