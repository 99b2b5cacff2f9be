// What this device keeps, written in whole transactions: events together with the cursor they lead to.
import type { IDBPTransaction } from "idb";
import type { ChannelRecord, MaruDatabase, MaruSchema, Row, Span } from "../db/database";
import { countAt, merged } from "../db/rows";
import { ifRoom } from "../db/room";
import { withSpan } from "../db/spans";
import type { Channel, ChannelId, ChatEvent, Cursor, Page, User, UserId } from "../protocol/types";
import { applyEvents, isRow, previewed, readUpTo, recordOf, rowKey, type Need, type Touched } from "./apply";
import { changeOf, type Change } from "./change";

const STORES = ["rows", "channels", "outbox", "marks"] as const;
type Transaction = IDBPTransaction<MaruSchema, (typeof STORES)[number][], "readwrite">;

/** What one answer or frame brings. Without a cursor the position stays. */
export interface Batch {
  events: ChatEvent[];
  cursor: Cursor | null;
  /** Channels with too much missed: their rows are dropped, the head becomes the position. */
  reset: Channel[];
  /** Set at a new start: every row is dropped, these are the channels. */
  heads: Channel[] | null;
}

/**
 * Either it is stored, or something must be fetched first and nothing was stored. `behind`: there is room again after
 * there was none; what was only shown meanwhile comes once more when the connection continues from the cursor.
 */
export type Taken = { change: Change; uncounted: ChannelId[]; behind: boolean } | { need: Need };

export class Ledger {
  /** Up to where things were shown while the device had no room to keep them. */
  private shownTo: Cursor | null = null;

  constructor(
    private readonly db: MaruDatabase,
    readonly me: UserId,
  ) {}

  async cursor(): Promise<Cursor | null> {
    const cursor = this.shownTo ?? (await this.db.get("marks", "cursor"));
    return typeof cursor === "string" ? cursor : null;
  }

  /** This browser's id for the server: made once, kept for as long as the person's rows are. */
  async device(fresh: () => string): Promise<string> {
    const tx = this.db.transaction("marks", "readwrite", { durability: "relaxed" });
    const known = await tx.store.get("device");
    const device = typeof known === "string" ? known : fresh();
    if (known !== device) begin(tx.store.put(device, "device"));
    const asked = () => device;
    return ifRoom(tx.done.then(asked), asked);
  }

  channels(): Promise<ChannelRecord[]> {
    return this.db.getAll("channels");
  }
  channel(id: ChannelId): Promise<ChannelRecord | undefined> {
    return this.db.get("channels", id);
  }
  people(): Promise<User[]> {
    return this.db.getAll("people");
  }

  /**
   * Store a batch and the cursor it leads to, in one transaction. Repeating a batch changes nothing.
   * `asked` holds the channels that an earlier try needed. Waits for nothing but the database inside.
   * Without room for it the change is told all the same, and the stored cursor stays until everything can be kept.
   */
  async take(batch: Batch, asked: ReadonlyMap<ChannelId, Channel | null>): Promise<Taken> {
    const tx = this.db.transaction(storesFor(batch), "readwrite", { durability: "relaxed" });
    const fresh = batch.heads ? await startOver(tx, batch.heads) : await startChannelsOver(tx, batch.reset);
    const touched = await this.touchedBy(tx, batch.events, asked);
    const need = applyEvents(touched, batch.events);
    if (need) {
      tx.abort();
      await tx.done.catch(() => undefined); // the abort itself
      return { need };
    }
    const change = this.write(tx, touched, fresh);
    const behind = this.shownTo !== null;
    if (batch.cursor !== null && !behind) begin(tx.objectStore("marks").put(batch.cursor, "cursor"));
    const kept = await ifRoom(tx.done.then(() => true), () => false);
    const full = kept ? (behind ? false : null) : true;
    const shownTo = kept ? null : (batch.cursor ?? this.shownTo ?? (await this.cursor()));
    this.shownTo = shownTo;
    return { change: { ...change, full }, uncounted: [...touched.uncounted], behind: kept && behind };
  }

  /** A page of history: its rows, and that nothing is missing in `span`. Null when the channel is no longer kept. */
  async takePage(channel: ChannelId, page: Page, span: Span): Promise<Change | null> {
    const tx = this.db.transaction(["rows", "channels"], "readwrite", { durability: "relaxed" });
    let record = await tx.objectStore("channels").get(channel);
    if (!record) return null;
    const rows: Row[] = [];
    for (const incoming of page.events) {
      if (!isRow(incoming)) continue;
      const row = merged(await tx.objectStore("rows").get([channel, incoming.seq]), incoming);
      rows.push(row);
      begin(tx.objectStore("rows").put(row));
      if (row.kind === "message") record = { ...record, ...previewed(record, row) };
    }
    record = { ...record, spans: withSpan(record.spans, span) };
    begin(tx.objectStore("channels").put(record));
    return done(tx, changeOf({ rows, channels: [record] }), { rows });
  }

  /** A channel this person just made or was told of: kept from its head on, unless it is kept already. */
  async meet(channel: Channel): Promise<Change> {
    const tx = this.db.transaction("channels", "readwrite");
    const known = await tx.store.get(channel.id);
    if (known) return changeOf({ channels: [known] });
    const record = recordOf(channel);
    begin(tx.store.put(record));
    return done(tx, changeOf({ channels: [record] }));
  }

  /** How the channel notifies this person, as the server has just taken it. */
  async keepNotifications(channel: Channel): Promise<Change> {
    const tx = this.db.transaction("channels", "readwrite");
    const known = await tx.store.get(channel.id);
    if (!known) return changeOf({});
    const { notification_level, muted_until } = channel;
    const record = { ...known, channel: { ...known.channel, notification_level, muted_until } };
    await tx.store.put(record);
    await tx.done;
    return changeOf({ channels: [record] });
  }

  /** The server's own count of what is unread, told with the channel. */
  async recount(channel: Channel): Promise<Change> {
    const tx = this.db.transaction("channels", "readwrite");
    const known = await tx.store.get(channel.id);
    if (!known) return changeOf({});
    const record = { ...known, ...readUpTo(known, channel.read_seq, channel.head.count - channel.unread) };
    begin(tx.store.put(record));
    return done(tx, changeOf({ channels: [record] }));
  }

  /** The person has seen everything up to `seq`, the row of the `count`th message. */
  async readHere(channel: ChannelId, seq: number, count: number): Promise<Change | null> {
    const tx = this.db.transaction("channels", "readwrite", { durability: "relaxed" });
    const known = await tx.store.get(channel);
    if (!known || (known.read_goal >= seq && known.read_count >= count)) return null;
    const goal = Math.max(known.read_goal, seq);
    const record = { ...known, read_goal: goal, read_count: Math.max(known.read_count, count) };
    begin(tx.store.put(record));
    return done(tx, changeOf({ channels: [record] }));
  }

  async keepPeople(people: User[]): Promise<Change> {
    const tx = this.db.transaction("people", "readwrite", { durability: "relaxed" });
    for (const user of people) begin(tx.store.put(user));
    return done(tx, changeOf({ people }));
  }

  // --- inside the transaction of `take`

  private async touchedBy(
    tx: Transaction,
    events: readonly ChatEvent[],
    asked: ReadonlyMap<ChannelId, Channel | null>,
  ): Promise<Touched> {
    const personal = await tx.objectStore("marks").get("personal");
    const counts = new Map<string, number>();
    const touched: Touched = {
      me: this.me,
      personal: typeof personal === "number" ? personal : 0,
      channels: new Map(),
      rows: new Map(),
      asked,
      changedRows: new Set(),
      changedChannels: new Set(),
      gone: new Set(),
      settled: new Set(),
      lastBefore: new Map(),
      counts,
      uncounted: new Set(),
      contacts: false,
      profile: {},
    };
    for (const [channel, seqs] of touchedRows(events)) await this.load(tx, touched, channel, seqs);
    for (const event of events) {
      if (event.kind !== "read") continue;
      const record = touched.channels.get(event.target_channel_id);
      if (!record) continue;
      const seq = Math.min(event.read_seq, record.last); // what is beyond comes with the batch, or is not known
      const count = await countAt(tx.objectStore("rows"), record.id, record.spans, seq);
      if (count !== undefined) counts.set(rowKey(record.id, event.read_seq), count);
    }
    return touched;
  }

  private async load(tx: Transaction, touched: Touched, channel: ChannelId, seqs: Iterable<number>): Promise<void> {
    const record = await tx.objectStore("channels").get(channel);
    if (record) {
      touched.channels.set(channel, record);
      touched.lastBefore.set(channel, record.last);
    }
    for (const seq of seqs) {
      const row = await tx.objectStore("rows").get([channel, seq]);
      if (row) touched.rows.set(rowKey(channel, seq), row);
    }
  }

  /** Waits for nothing: the transaction tells whether it was kept. */
  private write(tx: Transaction, touched: Touched, fresh: Partial<Change>): Change {
    for (const id of touched.gone) {
      begin(dropRows(tx, id));
      begin(tx.objectStore("channels").delete(id));
    }
    const rows: Row[] = [];
    for (const key of touched.changedRows) {
      const row = touched.rows.get(key);
      if (!row) continue;
      begin(tx.objectStore("rows").put(row));
      if (row.kind !== "overlay") rows.push(row);
    }
    const channels = new Map(fresh.channels?.map((record) => [record.id, record]));
    for (const id of touched.changedChannels) {
      const record = touched.channels.get(id);
      if (!record) continue;
      begin(tx.objectStore("channels").put(record));
      channels.set(id, record);
    }
    for (const id of touched.settled) begin(tx.objectStore("outbox").delete(id));
    begin(tx.objectStore("marks").put(touched.personal, "personal"));
    const gone = [...touched.gone].filter((id) => !channels.has(id));
    const cleared = [...(fresh.cleared ?? []), ...[...touched.gone].filter((id) => channels.has(id))];
    return changeOf({
      rows,
      channels: [...channels.values()],
      gone: [...(fresh.gone ?? []), ...gone],
      cleared,
      settled: [...touched.settled],
      contacts: touched.contacts,
      profile: touched.profile,
    });
  }
}

/** A heartbeat brings a cursor and nothing else: nobody who reads has to wait for it. */
function storesFor({ events, reset, heads }: Batch): (typeof STORES)[number][] {
  return events.length === 0 && reset.length === 0 && !heads ? ["marks"] : [...STORES];
}

/** One write of a transaction: whether all of them are kept, the transaction tells. */
function begin(write: Promise<unknown>): void {
  write.catch(() => undefined);
}

/** `change` once it is kept; when there is no room, `shown` of it (all, if left out), and that the device is full. */
function done(tx: { done: Promise<void> }, change: Change, shown: Partial<Change> = change): Promise<Change> {
  return ifRoom(tx.done.then(() => change), () => changeOf({ ...shown, full: true }));
}

/** A new start: every row is dropped and the channels are as told. The outbox and the drafts stay. */
async function startOver(tx: Transaction, heads: Channel[]): Promise<Partial<Change>> {
  const store = tx.objectStore("channels");
  const before = new Map((await store.getAll()).map((record) => [record.id, record]));
  await tx.objectStore("rows").clear();
  await store.clear();
  await tx.objectStore("marks").delete("personal");
  const channels = heads.map((channel) => recordOf(channel, before.get(channel.id)?.read_goal));
  for (const record of channels) begin(store.put(record));
  const kept = new Set(heads.map((channel) => channel.id));
  const gone = [...before.keys()].filter((id) => !kept.has(id));
  return { channels, gone, cleared: [...kept] };
}

async function startChannelsOver(tx: Transaction, reset: Channel[]): Promise<Partial<Change>> {
  const channels: ChannelRecord[] = [];
  for (const channel of reset) {
    const before = await tx.objectStore("channels").get(channel.id);
    const record = recordOf(channel, before?.read_goal);
    if (before && before.last >= record.last) continue; // told again: already beyond
    await dropRows(tx, channel.id);
    await tx.objectStore("channels").put(record);
    channels.push(record);
  }
  return { channels, cleared: channels.map((record) => record.id) };
}

async function dropRows(tx: Transaction, channel: ChannelId): Promise<void> {
  await tx.objectStore("rows").delete(IDBKeyRange.bound([channel, 0], [channel, Number.MAX_SAFE_INTEGER]));
}

/** Per channel, the seqs of the rows that the events put or change. */
function touchedRows(events: readonly ChatEvent[]): Map<ChannelId, Set<number>> {
  const touched = new Map<ChannelId, Set<number>>();
  const rowsOf = (channel: ChannelId) => {
    const rows = touched.get(channel) ?? new Set<number>();
    touched.set(channel, rows);
    return rows;
  };
  for (const event of events) {
    if ((event.kind === "read" || event.kind === "settings") && event.target_channel_id) rowsOf(event.target_channel_id);
    rowsOf(event.channel_id).add("target" in event ? event.target : event.seq);
  }
  return touched;
}
