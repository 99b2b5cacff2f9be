// Reading and merging timeline rows.
import type { ChannelId } from "../protocol/types";
import type { MaruDatabase, Overlay, Row } from "./database";

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
export async function lastRows(
  db: MaruDatabase,
  channel: ChannelId,
  from: number,
  to: number,
  limit: number,
): Promise<Row[]> {
  const found: Row[] = [];
  const range = IDBKeyRange.bound([channel, from], [channel, to]);
  let cursor = await db.transaction("rows").store.openCursor(range, "prev");
  while (cursor && found.length < limit) {
    if (cursor.value.kind !== "overlay") found.push(cursor.value);
    cursor = await cursor.continue();
  }
  return found.reverse();
}

/** Rows of a channel with from <= seq <= to, ascending; of these the first `limit`. */
export async function firstRows(
  db: MaruDatabase,
  channel: ChannelId,
  from: number,
  to: number,
  limit: number,
): Promise<Row[]> {
  const found: Row[] = [];
  const range = IDBKeyRange.bound([channel, from], [channel, to]);
  let cursor = await db.transaction("rows").store.openCursor(range, "next");
  while (cursor && found.length < limit) {
    if (cursor.value.kind !== "overlay") found.push(cursor.value);
    cursor = await cursor.continue();
  }
  return found;
}
