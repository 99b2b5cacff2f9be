import { describe, expect, test } from "vitest";
import { orderedUuids, uuid7 } from "../src/protocol/ids";
import { readFrame, readSyncAnswer, UnreadableAnswer } from "../src/protocol/parse";
import { codePoints, wellFormed } from "../src/protocol/text";

const random = (bytes: Uint8Array<ArrayBuffer>) => void crypto.getRandomValues(bytes);

describe("ids", () => {
  test("a UUID is of version 7 and carries its time", () => {
    const id = uuid7(0x0123456789ab, random);
    expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("ids sort in the order they were asked for, though the clock stands still or steps back", () => {
    let now = 1_000;
    const next = orderedUuids(() => now, random);
    const ids = Array.from({ length: 50 }, () => (now = now > 990 ? now - 1 : now, next()));
    expect([...ids].sort()).toEqual(ids);
  });
});

describe("texts", () => {
  test("lone surrogates, carriage returns and control characters do not reach the server", () => {
    expect(wellFormed("a\r\nb\rc\u0000d\u0085e\tf")).toBe("a\nb\ncde\tf");
    expect(wellFormed("x\ud800y\udc00z😀")).toBe("x\ufffdy\ufffdz😀");
    expect(wellFormed("\u1112\u1161\u11ab")).toBe("한");
  });

  test("length is counted in code points", () => {
    expect(codePoints("한😀a")).toBe(3);
  });
});

describe("what arrives", () => {
  const head = { channel_id: "c", seq: 3, at: 5, author_id: "u", version: 3 };

  test("an event of an unknown kind keeps its place", () => {
    const frame = readFrame(JSON.stringify({ type: "events", events: [{ ...head, kind: "reaction", emoji: "👍" }] }));
    expect(frame).toMatchObject({ type: "events", events: [{ kind: "other", channel_id: "c", seq: 3 }] });
  });

  test("unknown fields are ignored, unknown frames too", () => {
    expect(readFrame('{"type":"live","more":1}')).toEqual({ type: "live" });
    expect(readFrame('{"type":"weather","users":{}}')).toEqual({ type: "other" });
  });

  test("a state of presence from the future is not known", () => {
    const users = { a: { state: "online", last_active_at: 5 }, b: { state: "asleep", last_active_at: null } };
    expect(readFrame(JSON.stringify({ type: "presence", users }))).toEqual({
      type: "presence",
      users: { a: { state: "online", last_active_at: 5 }, b: { state: "unknown", last_active_at: null } },
    });
  });

  test("what breaks its shape is refused and not half read", () => {
    expect(() => readFrame("{")).toThrow(UnreadableAnswer);
    expect(() => readFrame('{"type":"events","events":[{"kind":"message","seq":"3"}]}')).toThrow(UnreadableAnswer);
    expect(() => readSyncAnswer({ cursor: "c" })).toThrow(UnreadableAnswer);
  });
});
