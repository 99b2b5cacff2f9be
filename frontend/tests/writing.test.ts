// What helps while writing: formatting, completing, finding people and emoji by their names.
import lines from "virtual:emoji";
import { describe, expect, it } from "vitest";
import { candidates } from "../src/text/candidates";
import { begunWord, closedShortcode } from "../src/text/completing";
import { byShortcode, drawnOf, findEmoji, readEmoji, withTone } from "../src/text/emoji";
import { formatted, type Format } from "../src/text/formatting";
import { indexOfName } from "../src/text/hangul";
import { folded, whoIsMeant } from "../src/text/mentions";
import { isOnlyEmoji } from "../src/text/only-emoji";
import { Readings } from "../src/text/readings";

/** `[` and `]` stand for the selection, before and after. */
function applied(format: Format, drawn: string): string {
  const start = drawn.indexOf("⟦");
  const end = drawn.indexOf("⟧") - 1;
  const text = drawn.replace(/[⟦⟧]/g, "");
  const change = formatted(format, { text, start, end });
  const after = text.slice(0, change.from) + change.insert + text.slice(change.to);
  return `${after.slice(0, change.start)}⟦${after.slice(change.start, change.end)}⟧${after.slice(change.end)}`;
}

describe("formatting", () => {
  it.each<[Format, string, string]>([
    ["bold", "이건 ⟦중요⟧하다", "이건 **⟦중요⟧**하다"],
    ["bold", "이건 **⟦중요⟧**하다", "이건 ⟦중요⟧하다"],
    ["bold", "a⟦ word ⟧b", "a **⟦word⟧** b"],
    ["italic", "⟦⟧", "_⟦⟧_"],
    ["code", "⟦a\nb⟧", "```\n⟦a\nb⟧\n```"],
    ["quote", "one\nt⟦wo\nthr⟧ee", "one\n⟦> two\n> three⟧"],
    ["quote", "⟦> two\n> three⟧", "⟦two\nthree⟧"],
    ["list", "one⟦⟧", "- one⟦⟧"],
    ["link", "see ⟦here⟧", "see [here](⟦https://⟧)"],
    ["link", "see ⟦https://a.b⟧", "see [⟦⟧](https://a.b)"],
  ])("%s: %s", (format, before, after) => expect(applied(format, before)).toBe(after));
});

describe("the word that is begun", () => {
  it.each([
    ["@", "person", ""],
    ["hey @ㄱㅁ", "person", "ㄱㅁ"],
    ["안녕@mi", "person", "mi"],
    ["so :smi", "emoji", "smi"],
    ["좋아 :하트", "emoji", "하트"],
  ])("in %j is completed", (text, kind, query) => expect(begunWord(text, text.length)).toMatchObject({ kind, query }));
  it.each(["ada@mi", "at 10:30", "https://a", "a :b", "done @mi "])("in %j is not", (text) =>
    expect(begunWord(text, text.length)).toBeNull(),
  );
  it("ends where a shortcode is closed", () => {
    expect(closedShortcode("ok :smile:", 10)).toEqual({ name: "smile", from: 3 });
    expect(closedShortcode("10:30:", 6)).toBeNull();
  });
});

describe("people", () => {
  const people = [
    { id: "1", username: "minsu", display_name: "김민수" },
    { id: "2", username: "ada.l", display_name: "Ada Lovelace" },
    { id: "3", username: "지민", display_name: "Jimin" },
  ];
  it.each([
    ["ㄱㅁ", ["1"]],
    ["민ㅅ", ["1"]],
    ["기", ["1"]],
    ["미", ["3", "1"]],
    ["love", ["2"]],
    ["ADA", ["2"]],
    ["지", ["3"]],
    ["zz", []],
  ])("are found by %s", (query, ids) => expect(candidates(people, query, 8).map((one) => one.id)).toEqual(ids));
  it("are all offered at first", () => expect(candidates(people, "", 2)).toHaveLength(2));

  const byUsername = new Map(people.map((person) => [folded(person.username), person]));
  it.each([
    ["minsu야", "1", "야"],
    ["MINSU", "1", ""],
    ["minsu.", "1", "."],
    ["ada.l", "2", ""],
    ["지민이", "3", "이"],
  ])("are meant by @%s", (name, id, rest) => expect(whoIsMeant(name, byUsername)).toMatchObject({ person: { id }, rest }));
  it("are not meant by the beginning of another name", () => expect(whoIsMeant("minsub", byUsername)).toBeNull());
});

it("finds Hangul names by initials, syllables and the syllable in the making", () => {
  expect(indexOfName("배포 채널", "ㅂㅍ")).toBe(0);
  expect(indexOfName("우리 점심", "점심")).toBe(3);
  expect(indexOfName("김민수", "김미")).toBe(0);
  expect(indexOfName("김민수", "미수")).toBe(-1);
});

describe("emoji", () => {
  const all = readEmoji(lines);
  it.each([
    ["thumbsup", "👍️"],
    ["red heart", "❤️"],
    ["엄지", "👍️"],
    ["ㅍㅌ", "🎉"],
  ])("are found by %s", (query, emoji) => expect(findEmoji(all, query, 8).map((one) => one.emoji)).toContain(emoji));
  it("have names in both languages, and shortcodes", () => {
    expect(all.length).toBeGreaterThan(1_800);
    expect(all.filter((one) => !one.english[0] || !one.korean[0])).toEqual([]);
    expect(byShortcode(all, "tada")?.emoji).toBe("🎉");
  });
  it("of a version that the fonts do not have are left out, those of old are not asked about", () => {
    const asked: string[] = [];
    const drawn = drawnOf(all, (emoji) => asked.push(emoji) > 0 && emoji !== "🫩");
    expect(asked).toHaveLength(new Set(all.map((one) => one.version)).size - 1);
    expect(drawn).toEqual(all.filter((one) => one.version !== 16));
    expect(byShortcode(drawn, "tada")?.emoji).toBe("🎉");
  });
  it("take a skin tone where one person stands for it", () => {
    expect(withTone(byShortcode(all, "thumbsup")!, "\u{1f3fd}")).toBe("👍🏽");
    expect(withTone(byShortcode(all, "tada")!, "\u{1f3fd}")).toBe("🎉");
  });
  it.each(["👍", "👍🏽 ❤️", "👨‍👩‍👧‍👦🇰🇷🎉", "🏴󠁧󠁢󠁳󠁣󠁴󠁿1️⃣🧑🏽‍💻"])("alone are large: %s", (text) => expect(isOnlyEmoji(text)).toBe(true));
  it.each(["👍 yes", "1", "👍👍👍👍", "", "#", "©", "🇰"])("are not: %j", (text) => expect(isOnlyEmoji(text)).toBe(false));
});

it("keeps what was read, up to so many letters, and lets go of what was not used longest", () => {
  const readings = new Readings(10);
  const first = readings.read("aaaa");
  readings.read("bbbb");
  expect(readings.read("aaaa")).toBe(first);
  readings.read("cccc"); // lets "bbbb" go
  expect(readings.read("aaaa")).toBe(first);
});
