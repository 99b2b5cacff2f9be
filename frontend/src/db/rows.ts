// Reading and merging timeline rows.
import type { ChannelId } from "../protocol/types";
import type { IDBPObjectStore } from "idb";
import type { MaruSchema, Overlay, Row, Span } from "./database";
import { spanAround } from "./spans";

type StoreName = "rows" | "channels" | "outbox" | "people" | "drafts" | "marks";
/** The store of rows inside somebody's transaction. */
export type RowStore = Pick<
  IDBPObjectStore<MaruSchema, StoreName[], "rows", IDBTransactionMode>,
  "openCursor" | "getAll"
>;

/** What is stored once `incoming` meets what was there: the newer version wins, an overlay is laid on its row. */
export function merged(stored: Row | Overlay | undefined, incoming: Row): Row {
  if (stored === undefined || stored.version <= incoming.version) return incoming;
  if (stored.kind !== "overlay") return stored;
  return incoming.kind === "message" ? laidOn(incoming, stored) : incoming;
}

/** A message row with a change laid on it. */
export function laidOn(row: Extract<Row, { kind: "message" }>, change: Overlay): Row {
  const { text: _old, ...rest } = row;
  if (change.text === null) return { ...rest, deleted: true, version: change.version };
  return { ...row, text: change.text, edited_at: change.edited_at, version: change.version };
}

/** Rows of a channel with from <= seq <= to, ascending; of these the last `limit`. */
export async function lastRows(store: RowStore, channel: ChannelId, [from, to]: Span, limit: number): Promise<Row[]> {
  let found: Row[] = [];
  // Not every seq is a row, and whole stretches are read much quicker than one by one.
  for (let width = limit; found.length < limit && from <= to; width *= 2) {
    const first = Math.max(from, to - width + 1);
    found = [...rowsOf(await store.getAll(IDBKeyRange.bound([channel, first], [channel, to]))), ...found];
    to = first - 1;
  }
  return found.slice(-limit);
}

/** Rows of a channel with from <= seq <= to, ascending; of these the first `limit`, which may be Infinity. */
export async function firstRows(store: RowStore, channel: ChannelId, [from, to]: Span, limit: number): Promise<Row[]> {
  const found: Row[] = [];
  while (found.length < limit && from <= to) {
    const most = limit < Infinity ? limit - found.length : undefined;
    const stretch = await store.getAll(IDBKeyRange.bound([channel, from], [channel, to]), most);
    if (stretch.length === 0) break;
    found.push(...rowsOf(stretch));
    from = stretch.at(-1)!.seq + 1;
  }
  return found;
}

const rowsOf = (stored: (Row | Overlay)[]) => stored.filter((one): one is Row => one.kind !== "overlay");

/** How many messages the channel had at `seq`, by the latest message at or below it; undefined if that is not kept. */
export async function countAt(
  rows: RowStore,
  channel: ChannelId,
  spans: readonly Span[],
  seq: number,
): Promise<number | undefined> {
  const span = spanAround(spans, seq);
  if (!span) return undefined;
  let cursor = await rows.openCursor(IDBKeyRange.bound([channel, span[0]], [channel, seq]), "prev");
  while (cursor) {
    if (cursor.value.kind === "message") return cursor.value.count;
    cursor = await cursor.continue();
  }
  return span[0] === 1 ? 0 : undefined;
}
