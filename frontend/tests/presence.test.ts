import { signal } from "@preact/signals";
import { describe, expect, test } from "vitest";
import { Gaze } from "../src/platform/gaze";
import { en } from "../src/platform/en";
import { ko } from "../src/platform/ko";
import { Language } from "../src/platform/locale";
import type { Channel } from "../src/protocol/types";
import { Attention } from "../src/state/attention";
import type { Link } from "../src/state/calm";
import { Presences } from "../src/state/presences";
import { Typists } from "../src/state/typists";
import { wordsOf } from "../src/views/presence";
import { HeldClock } from "./held-clock";
import { World } from "./world";

const MINUTE = 60_000;

/** A page as it stands on the screen. */
function pageOf(clock: HeldClock) {
  const view = { visible: true, focused: true };
  const returns: number[] = [];
  const seen = { visible: () => view.visible, focused: () => view.focused };
  const gaze = new Gaze(clock, seen, () => void returns.push(clock.now()));
  return { view, gaze, returns };
}

describe("whether somebody is at the page", () => {
  test("a page in front is in use until nothing was touched for five minutes, and then again with the first touch", async () => {
    const clock = new HeldClock();
    const { gaze, returns } = pageOf(clock);
    await clock.pass(4 * MINUTE);
    expect(gaze.active).toBe(true);
    await clock.pass(MINUTE + 5_000);
    expect(gaze.active).toBe(false);
    expect(returns).toEqual([]);
    gaze.used();
    expect(gaze.active).toBe(true);
    expect(returns).toEqual([clock.now()]);
  });

  test("who looks away for a moment is still here; who stays away is not", async () => {
    const clock = new HeldClock();
    const { gaze, view, returns } = pageOf(clock);
    await clock.pass(MINUTE);
    view.visible = view.focused = false;
    gaze.left();
    await clock.pass(4_900);
    expect(gaze.active).toBe(true);
    await clock.pass(200);
    expect(gaze.active).toBe(false);
    gaze.used(); // a hand on a page that is not to be seen
    expect(gaze.active).toBe(false);
    expect(returns).toEqual([]);
    view.visible = view.focused = true; // the browser tells of it when it is so already
    gaze.used();
    gaze.used();
    expect(returns).toEqual([clock.now()]);
  });

  test("a window beside the one in front is in use while the pointer moves over it", async () => {
    const clock = new HeldClock();
    const { gaze, view } = pageOf(clock);
    view.focused = false;
    expect(gaze.active).toBe(false);
    gaze.used();
    expect(gaze.active).toBe(true);
    await clock.pass(6_000);
    expect(gaze.active).toBe(false);
  });
});

describe("where the attention is", () => {
  function tab(clock: HeldClock, shown: string | null) {
    const { gaze, view } = pageOf(clock);
    return { attention: new Attention({ gaze, clock, shown: () => shown }), view };
  }

  test("the tab in use speaks for all, whichever holds the connection", async () => {
    const clock = new HeldClock();
    const { attention, view } = tab(clock, "mine");
    expect(attention.anywhere).toEqual({ active: true, open: "mine" });
    attention.hear("two", { active: true, open: "theirs" });
    expect(attention.anywhere).toEqual({ active: true, open: "mine" });
    view.visible = view.focused = false;
    await clock.pass(6_000);
    attention.hear("two", { active: true, open: "theirs" });
    attention.hear("three", { active: false, open: "other" });
    expect(attention.anywhere).toMatchObject({ active: true, open: "theirs" });
    await clock.pass(16_000); // and has not said so again
    expect(attention.anywhere).toEqual({ active: false, open: null });
  });
});

describe("who is here", () => {
  const here = { state: "online", last_active_at: 5 } as const;

  async function connected() {
    const clock = new HeldClock();
    const asked: string[] = [];
    const rest = {
      presences: (id: string) => {
        asked.push(id);
        return Promise.resolve({ c: here });
      },
    };
    const link = signal<Link>({ kind: "live", rung: "websocket" });
    const screen: { shown: Channel | null } = { shown: null };
    const closed = new AbortController().signal;
    const presences = new Presences({ rest, clock, link, shown: () => screen.shown, closed });
    void presences.linkIs(true);
    presences.hear({ a: here, b: { state: "away", last_active_at: 3 } });
    await clock.pass(10_000);
    return { clock, presences, asked, link, screen };
  }

  test("what is told is shown, and what is unknown is not", async () => {
    const { presences } = await connected();
    expect(presences.of("a")).toMatchObject(here);
    presences.hear({ a: { state: "unknown", last_active_at: null } });
    expect(presences.of("a")).toBeUndefined();
    expect(presences.of("b")).toMatchObject({ state: "away" });
  });

  test("while a connection is replaced nothing flickers, and what the new one does not tell is forgotten", async () => {
    const { clock, presences } = await connected();
    void presences.linkIs(false);
    await clock.pass(800);
    expect(presences.of("a")).toBeDefined();
    presences.hear({ a: { state: "away", last_active_at: 9 } }); // before the stream is said to be live
    void presences.linkIs(true);
    await clock.pass(1_000);
    expect(presences.of("b")).toBeDefined();
    await clock.pass(6_000);
    expect(presences.of("a")).toMatchObject({ state: "away" });
    expect(presences.of("b")).toBeUndefined();
  });

  const channel = (id: string, kind: "direct" | "group") => ({ ...new World().channelNow(id), kind });

  test("of a group on the screen it is asked for, and of anybody where it does not come by itself", async () => {
    const { presences, asked, link, screen } = await connected();
    screen.shown = channel("two", "direct");
    await presences.look();
    expect(asked).toEqual([]);
    screen.shown = channel("many", "group");
    await presences.look();
    expect(asked).toEqual(["many"]);
    expect(presences.of("c")).toMatchObject(here);
    screen.shown = channel("two", "direct");
    link.value = { kind: "elsewhere", state: { kind: "live", rung: "longpoll" } };
    await presences.look();
    link.value = { kind: "offline" };
    await presences.look();
    expect(asked).toEqual(["many", "two"]);
  });

  test("without a connection nothing is shown", async () => {
    const { clock, presences } = await connected();
    void presences.linkIs(false);
    await clock.pass(1_500);
    expect(presences.of("a")).toBeUndefined();
  });
});

describe("who is writing", () => {
  test("is shown until nothing was heard for five seconds, or the message is here", async () => {
    const clock = new HeldClock();
    const typists = new Typists(clock, new AbortController().signal);
    void typists.hear("c", "a");
    void typists.hear("c", "b");
    void typists.hear("d", "a");
    await clock.pass(3_000);
    void typists.hear("c", "a");
    expect(typists.in("c")).toEqual(["a", "b"]);
    await clock.pass(2_000);
    expect(typists.in("c")).toEqual(["a"]);
    typists.stop("c", "a");
    expect(typists.in("c")).toEqual([]);
    void typists.hear("c", "b");
    await clock.pass(5_000);
    expect(typists.in("c")).toEqual([]);
  });
});

describe("presence in words", () => {
  const NOW = new Date(2026, 2, 20, 12).getTime();
  const ago = (ms: number, locale: "en" | "ko" = "en") =>
    wordsOf({ state: "offline", last_active_at: NOW - ms }, new Language(locale, { en, ko }[locale]), NOW);

  test("who is here is so now, and whoever left a while ago", () => {
    expect(wordsOf({ state: "online", last_active_at: 1 }, new Language("en", en), NOW)).toBe("Active now");
    expect(wordsOf({ state: "away", last_active_at: 1 }, new Language("ko", ko), NOW)).toBe("자리 비움");
    expect(ago(-3_000)).toBe("Active just now"); // by another clock
    expect(ago(5 * MINUTE)).toBe("Active 5 min ago");
    expect(ago(5 * MINUTE, "ko")).toBe("5분 전 활동");
    expect(ago(60 * MINUTE)).toBe("Active 1 hour ago");
    expect(ago(47 * 60 * MINUTE)).toBe("Active 1 day ago");
    expect(ago(3 * 24 * 60 * MINUTE, "ko")).toBe("3일 전 활동");
    expect(ago(10 * 24 * 60 * MINUTE, "ko")).toBe("3월 10일 활동");
  });

  test("nothing is said of whom nothing is known", () => {
    expect(wordsOf({ state: "unknown", last_active_at: null }, new Language("en", en), NOW)).toBe("");
    expect(wordsOf({ state: "offline", last_active_at: null }, new Language("en", en), NOW)).toBe("Not here");
  });
});
