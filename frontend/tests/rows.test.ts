import "fake-indexeddb/auto";
import { describe, expect, test } from "vitest";
import { openDatabase, type MaruDatabase, type Overlay, type Row } from "../src/db/database";
import { firstRows, lastRows } from "../src/db/rows";

const CHANNEL = "c".repeat(16);
const row = (seq: number, channel_id = CHANNEL) => ({ kind: "join", channel_id, seq, version: seq }) as unknown as Row;
const overlay = (seq: number): Overlay => ({ kind: "overlay", channel_id: CHANNEL, seq, version: seq, text: null, edited_at: 0 });
const seqs = (rows: Row[]) => rows.map((one) => one.seq);

async function keeping(...stored: (Row | Overlay)[]): Promise<MaruDatabase> {
  const db = await openDatabase(crypto.randomUUID());
  for (const one of stored) await db.put("rows", one);
  return db;
}

const rowsIn = (db: MaruDatabase) => db.transaction("rows").store;

describe("stretches of stored rows", () => {
  // Edits and deletions have seqs too, and are no rows.
  const sparse = [1, 2, 50, 51, 400, 401, 402].map((seq) => row(seq));

  test("the last ones are found however far apart they lie", async () => {
    const db = await keeping(...sparse);
    expect(seqs(await lastRows(rowsIn(db), CHANNEL, [1, 402], 5))).toEqual([50, 51, 400, 401, 402]);
    expect(seqs(await lastRows(rowsIn(db), CHANNEL, [1, 401], 2))).toEqual([400, 401]);
    expect(seqs(await lastRows(rowsIn(db), CHANNEL, [51, 402], 60))).toEqual([51, 400, 401, 402]);
    expect(await lastRows(rowsIn(db), CHANNEL, [3, 49], 5)).toEqual([]);
    expect(await lastRows(rowsIn(db), CHANNEL, [5, 4], 5)).toEqual([]);
  });

  test("the first ones too", async () => {
    const db = await keeping(...sparse);
    expect(seqs(await firstRows(rowsIn(db), CHANNEL, [2, 402], 3))).toEqual([2, 50, 51]);
    expect(seqs(await firstRows(rowsIn(db), CHANNEL, [50, 402], Infinity))).toEqual([50, 51, 400, 401, 402]);
    expect(seqs(await firstRows(rowsIn(db), CHANNEL, [1, 400], 60))).toEqual([1, 2, 50, 51, 400]);
    expect(await firstRows(rowsIn(db), CHANNEL, [403, 900], 5)).toEqual([]);
  });

  test("overlays and other channels are none of them", async () => {
    const db = await keeping(row(1), overlay(2), row(3), overlay(4), row(5), row(2, "d".repeat(16)));
    expect(seqs(await firstRows(rowsIn(db), CHANNEL, [1, 5], 3))).toEqual([1, 3, 5]);
    expect(seqs(await lastRows(rowsIn(db), CHANNEL, [1, 5], 2))).toEqual([3, 5]);
  });
});
