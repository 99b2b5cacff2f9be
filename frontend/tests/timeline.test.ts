import { describe, expect, test } from "vitest";
import type { OutboxItem, Row } from "../src/db/database";
import { spanAround, withSpan } from "../src/db/spans";
import { mergedRows } from "../src/state/conversation";
import { pathOf, placeOf } from "../src/state/route";
import { initialsOf } from "../src/views/avatar";
import { timelineItems, type Sources } from "../src/views/timeline-items";

const noon = new Date(2026, 4, 5, 12).getTime();
const row = (seq: number, author_id = "you", at = noon + seq * 1000): Row => ({
  kind: "message", channel_id: "c", seq, version: seq, at, author_id, text: `text ${seq}`, count: seq,
});
const edit = (target: number, problem: OutboxItem["problem"] = null): OutboxItem => ({
  client_message_id: "e", channel_id: "c", at: noon, problem,
  action: { type: "edit", channel_id: "c", client_message_id: "e", target, text: "changed" },
});
const draw = (sources: Partial<Sources>) =>
  timelineItems({ rows: [], waiting: [], me: "me", dividerAfter: null, atEnd: true, drawn: new WeakMap(), ...sources });
const kinds = (sources: Partial<Sources>) => draw(sources).map((item) => item.kind);

describe("the timeline", () => {
  test("each day begins with its date", () => {
    const tomorrow = row(2, "you", noon + 86_400_000);
    expect(kinds({ rows: [row(1), tomorrow] })).toEqual(["day", "message", "day", "message"]);
  });

  test("messages of one author within five minutes stand together", () => {
    const rows = [row(1), row(2), row(3, "other"), row(4, "other", noon + 400_000)];
    const firsts = draw({ rows }).flatMap((item) => (item.kind === "message" ? [item.first] : []));
    expect(firsts).toEqual([true, false, true, true]);
  });

  test("the divider stands above the first row of others that was not read", () => {
    const rows = [row(1), row(2, "me"), row(3), row(4)];
    expect(kinds({ rows, dividerAfter: 1 })).toEqual(["day", "message", "message", "unread", "message", "message"]);
    expect(kinds({ rows, dividerAfter: 4 })).not.toContain("unread");
  });

  test("what waits stands below what is stored, but only at the end", () => {
    const action = { type: "send", channel_id: "c", client_message_id: "w", text: "later" } as const;
    const waiting: OutboxItem[] = [{ client_message_id: "w", channel_id: "c", at: noon, problem: null, action }];
    expect(draw({ rows: [row(1)], waiting }).at(-1)).toMatchObject({ message: { text: "later", row: null } });
    expect(kinds({ rows: [row(1)], waiting, atEnd: false })).toEqual(["day", "message"]);
  });

  test("a change on its way is shown as done, a refused one is not", () => {
    const refused = { code: "forbidden", status: 403, detail: "" };
    expect(draw({ rows: [row(1)], waiting: [edit(1)] }).at(-1)).toMatchObject({ message: { text: "changed" } });
    expect(draw({ rows: [row(1)], waiting: [edit(1, refused)] }).at(-1)).toMatchObject({ message: { text: "text 1" } });
  });

  test("a message that did not change is the same object when it is drawn again", () => {
    const rows = [row(1), row(2)];
    const drawn: Sources["drawn"] = new WeakMap();
    const messages = (waiting: OutboxItem[]) =>
      draw({ rows, drawn, waiting }).flatMap((item) => (item.kind === "message" ? [item.message] : []));
    const before = messages([]);
    const after = messages([edit(2)]);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  test("a row is drawn once, in its newest version", () => {
    const newer = { ...row(1), version: 5, text: "new" } as Row;
    expect(mergedRows([newer, row(3)], [row(1), row(2)])).toEqual([newer, row(2), row(3)]);
  });
});

describe("spans", () => {
  test("spans that touch or overlap become one", () => {
    expect(withSpan([[1, 3], [7, 9]], [4, 6])).toEqual([[1, 9]]);
    expect(withSpan([[1, 3], [8, 9]], [5, 6])).toEqual([[1, 3], [5, 6], [8, 9]]);
    expect(withSpan([[2, 8]], [4, 5])).toEqual([[2, 8]]);
    expect(withSpan([[2, 8]], [9, 8])).toEqual([[2, 8]]);
  });

  test("a seq is found in the span that holds it", () => {
    expect(spanAround([[1, 3], [5, 6]], 5)).toEqual([5, 6]);
    expect(spanAround([[1, 3], [5, 6]], 4)).toBeNull();
  });
});

describe("addresses and names", () => {
  test("a place survives being written as an address", () => {
    for (const path of ["/", "/new", "/settings", "/contacts", "/c/0123", "/c/0123/details", "/invite/x-y"]) {
      expect(pathOf(placeOf(path))).toBe(path);
    }
    expect(placeOf("/", "?invite=abc")).toEqual({ screen: "invite", code: "abc" });
    expect(placeOf("/i/abc")).toEqual({ screen: "invite", code: "abc" });
    expect(placeOf("/c/%")).toMatchObject({ id: "%" });
  });

  test("a pebble carries the last two syllables of a Hangul name, otherwise initials", () => {
    expect(initialsOf("김민수")).toBe("민수");
    expect(initialsOf("Alice Kim")).toBe("AK");
    expect(initialsOf("bob_the-builder")).toBe("BT");
    expect(initialsOf("")).toBe("");
  });
});
