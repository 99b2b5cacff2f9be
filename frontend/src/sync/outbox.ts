// The outbox: what this person wrote and the server has not (yet) decided about. Kept before it is sent.
import type { MaruDatabase, OutboxItem, Overlay, Row } from "../db/database";
import { ifRoom } from "../db/room";
import { laidOn, merged } from "../db/rows";
import type { Action, ChatEvent, Problem } from "../protocol/types";
import { isRow } from "./apply";
import { changeOf, type Change } from "./change";

export class Outbox {
  /** Through, and still stored because the device is full. Sent again at the next start, the server knows them. */
  private readonly through = new Set<string>();

  constructor(private readonly db: MaruDatabase) {}

  /** In the order they were written, refused ones included. */
  async items(): Promise<OutboxItem[]> {
    const items = await this.db.getAll("outbox");
    return items.filter((item) => !this.through.has(item.client_message_id));
  }

  async keep(item: OutboxItem): Promise<Change> {
    await this.db.put("outbox", item);
    return changeOf({ waiting: [item] });
  }

  /** The server refused it for good: it stays, with the reason, until the person decides. */
  refuse(id: string, problem: Problem): Promise<Change> {
    return this.change(id, (item) => ({ ...item, problem }));
  }

  /** Send it once more, as the same message. */
  retry(id: string): Promise<Change> {
    return this.change(id, (item) => ({ ...item, problem: null }));
  }

  async discard(id: string): Promise<Change> {
    await this.db.delete("outbox", id);
    return changeOf({ settled: [id] });
  }

  /**
   * The server has done it: the row shows so and the item leaves the outbox, in one transaction. Moves no position.
   * `event` is null where the answer carries none (deletions over REST).
   */
  async settle(item: OutboxItem, event: ChatEvent | null): Promise<Change> {
    const tx = this.db.transaction(["rows", "channels", "outbox"], "readwrite");
    const { action, client_message_id } = item;
    const seq = action.type === "send" ? event?.seq : action.target;
    const known = await tx.objectStore("channels").get(item.channel_id);
    const stored = seq === undefined ? undefined : await tx.objectStore("rows").get([item.channel_id, seq]);
    const row = known ? rowAfter(stored, action, event) : null;
    const writes = [row && tx.objectStore("rows").put(row), tx.objectStore("outbox").delete(client_message_id)];
    for (const write of writes) write?.catch(() => undefined); // the transaction tells
    const change = changeOf({ rows: row ? [row] : [], settled: [client_message_id] });
    return ifRoom(tx.done.then(() => change), () => {
      this.through.add(client_message_id);
      return { ...change, full: true };
    });
  }

  private async change(id: string, changed: (item: OutboxItem) => OutboxItem): Promise<Change> {
    const tx = this.db.transaction("outbox", "readwrite");
    const item = await tx.store.get(id);
    if (!item) return changeOf({ settled: [id] });
    await tx.store.put(changed(item));
    await tx.done;
    return changeOf({ waiting: [changed(item)] });
  }
}

/** The row that an action of one's own leads to, as far as its answer tells; the event itself is yet to come. */
function rowAfter(stored: Row | Overlay | undefined, action: Action, event: ChatEvent | null): Row | null {
  if (action.type === "send") return event && isRow(event) ? merged(stored, event) : null;
  if (stored?.kind !== "message" || (event && event.seq <= stored.version)) return null;
  const { channel_id, seq, version } = stored;
  const text = action.type === "edit" ? action.text : null;
  // Without an event the version stays, so that the event itself is still applied when it comes.
  return laidOn(stored, {
    kind: "overlay",
    channel_id,
    seq,
    text,
    edited_at: event?.at ?? stored.at,
    version: event?.seq ?? version,
  });
}
