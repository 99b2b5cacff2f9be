// Finding a day in a conversation by a few pages.
import { describe, expect, test } from "vitest";
import type { Row } from "../src/db/database";
import { firstSeqAt } from "../src/state/days";
import { dayOf, startOf } from "../src/views/jump-date";

const LAST = 100_000;
const PAGE = 50;

/** Every tenth seq is an edit and no row; time passes as `atOf` says. */
function talk(atOf: (seq: number) => number, unreachableBelow = 0) {
  let asked = 0;
  const isRow = (seq: number) => seq % 10 !== 0;
  const row = (seq: number) => ({ kind: "message", seq, at: atOf(seq) }) as Row;
  const pageFrom = (seq: number) => {
    asked++;
    if (seq < unreachableBelow) return Promise.resolve(null);
    const rows: Row[] = [];
    let to = seq - 1;
    while (rows.length < PAGE && to < LAST) if (isRow(++to)) rows.push(row(to));
    return Promise.resolve({ rows, from: seq, to });
  };
  return { pageFrom, asked: () => asked, isRow };
}

const firstByHand = (time: number, atOf: (seq: number) => number) => {
  for (let seq = 1; seq <= LAST; seq++) if (seq % 10 !== 0 && atOf(seq) >= time) return seq;
  return LAST;
};

describe("finding a day", () => {
  const paces: Record<string, (seq: number) => number> = {
    "at an even pace": (seq) => seq * 1000,
    "with years of silence in between": (seq) => (seq < 900 ? seq : seq < 60_000 ? 1e9 + seq : 1e11 + seq * 7),
    "with many at the same moment": (seq) => Math.floor(seq / 5000) * 1e6,
  };
  for (const [name, atOf] of Object.entries(paces)) {
    test(`the first row at or after a time is found in few pages, ${name}`, async () => {
      for (const seq of [1, 2, 57, 899, 900, 4_999, 59_999, 60_000, 77_777, 99_999]) {
        const { pageFrom, asked } = talk(atOf);
        expect(await firstSeqAt(atOf(seq), LAST, pageFrom)).toBe(firstByHand(atOf(seq), atOf));
        expect(asked()).toBeLessThan(30);
      }
    });
  }

  test("before the beginning it is the first row, after the end the last one", async () => {
    const { pageFrom } = talk((seq) => seq * 1000);
    expect(await firstSeqAt(-5, LAST, pageFrom)).toBe(1);
    expect(await firstSeqAt(1e15, LAST, pageFrom)).toBe(LAST);
    expect(await firstSeqAt(1, 0, pageFrom)).toBe(0);
  });

  test("without a server it is the first of what the device has", async () => {
    const { pageFrom } = talk((seq) => seq * 1000, 80_001);
    expect(await firstSeqAt(5_000, LAST, pageFrom)).toBe(80_001);
    expect(await firstSeqAt(90_001_000, LAST, pageFrom)).toBe(90_001);
  });

  test("a day begins at midnight where the person is", () => {
    const at = new Date(2026, 1, 3, 23, 59).getTime();
    expect(dayOf(at)).toBe("2026-02-03");
    expect(startOf("2026-02-03")).toBe(new Date(2026, 1, 3).getTime());
    expect(startOf("")).toBeNull();
  });
});
