// How events change what this device keeps. Pure: reads and writes nothing, waits for nothing.
import type { ChannelRecord, Overlay, Preview, Row } from "../db/database";
import { laidOn, merged } from "../db/rows";
import { withSpan } from "../db/spans";
import type { Channel, ChannelId, ChatEvent, MessageEvent, ProfileChange, SettingsEvent, UserId } from "../protocol/types";

/** Something must be asked of the server before the events can be applied. */
export type Need = { kind: "gap"; channel_id: ChannelId; after: number } | { kind: "channel"; channel_id: ChannelId };

/** The part of the store that a batch of events touches. Changed in place by `applyEvents`. */
export interface Touched {
  readonly me: UserId;
  /** Up to which seq the person's own log was applied. */
  personal: number;
  readonly channels: Map<ChannelId, ChannelRecord>;
  readonly rows: Map<string, Row | Overlay>;
  /** Channels the server was asked about; null: it knows none (any more). */
  readonly asked: ReadonlyMap<ChannelId, Channel | null>;
  readonly changedRows: Set<string>;
  readonly changedChannels: Set<ChannelId>;
  readonly gone: Set<ChannelId>;
  /** Outbox keys whose events are stored now. */
  readonly settled: Set<string>;
  /** Where each channel stood before the batch. */
  readonly lastBefore: Map<ChannelId, number>;
  /** How many messages a channel had, by what was stored before the batch, at a seq that a read marker names. */
  readonly counts: ReadonlyMap<string, number>;
  /** Channels whose unread count this device cannot tell: the server must be asked. */
  readonly uncounted: Set<ChannelId>;
  contacts: boolean;
  /** What this person changed of their profile. */
  profile: ProfileChange;
}

export const rowKey = (channel: ChannelId, seq: number) => `${channel} ${seq}`;

/** The record of a channel whose state the server has just told: its position is the head. */
export function recordOf(channel: Channel, readGoal = 0): ChannelRecord {
  return {
    id: channel.id,
    channel,
    last: channel.head.seq,
    spans: [],
    read_count: channel.head.count - channel.unread,
    read_goal: Math.max(readGoal, channel.read_seq),
    preview: null,
  };
}

export const unreadOf = (record: ChannelRecord) => Math.max(0, record.channel.head.count - record.read_count);

/** Applies all of `events`, in order; or returns what is needed first, and then nothing of `touched` may be kept. */
export function applyEvents(touched: Touched, events: readonly ChatEvent[]): Need | null {
  for (const event of events) {
    const need = event.channel_id === touched.me ? applyPersonal(touched, event) : applyToChannel(touched, event);
    if (need) return need;
  }
  return null;
}

/** The three-way check: next in order is taken, old is dropped, what skips ahead needs the gap first. */
function applyToChannel(touched: Touched, event: ChatEvent): Need | null {
  const record = touched.channels.get(event.channel_id);
  if (!record) return meetChannel(touched, event);
  if (event.seq <= record.last) return null;
  const next = event.seq === record.last + 1;
  if (!next && !joins(event, touched.me) && !leaves(event, touched.me)) return { kind: "gap", channel_id: record.id, after: record.last };
  take(touched, record, event);
  return null;
}

/** An event of a channel that is not kept yet: its own join, as a rule. */
function meetChannel(touched: Touched, event: ChatEvent): Need | null {
  const channel = touched.asked.get(event.channel_id);
  if (channel === undefined) return { kind: "channel", channel_id: event.channel_id };
  if (channel === null) return null; // left again since
  const record = { ...recordOf(channel), last: event.seq - 1 };
  touched.channels.set(record.id, record);
  take(touched, record, event);
  return null;
}

function take(touched: Touched, before: ChannelRecord, event: ChatEvent): void {
  if (leaves(event, touched.me)) return forget(touched, before.id);
  const record = { ...before, last: event.seq, spans: withSpan(before.spans, [event.seq, event.seq]) };
  if (event.seq > before.channel.head.seq) record.channel = afterEvent(before.channel, event, touched.me);
  touched.channels.set(record.id, record);
  touched.changedChannels.add(record.id);
  if (event.author_id === touched.me && event.client_message_id) touched.settled.add(event.client_message_id);
  if (event.kind === "edit" || event.kind === "delete") changeRow(touched, record, event);
  else if (isRow(event)) putRow(touched, record, event);
}

function forget(touched: Touched, channel: ChannelId): void {
  touched.channels.delete(channel);
  touched.changedChannels.delete(channel);
  touched.gone.add(channel);
  for (const key of touched.rows.keys()) if (key.startsWith(`${channel} `)) touched.rows.delete(key);
  for (const key of touched.changedRows) if (key.startsWith(`${channel} `)) touched.changedRows.delete(key);
}

function putRow(touched: Touched, record: ChannelRecord, event: Row): void {
  const key = rowKey(event.channel_id, event.seq);
  const row = merged(touched.rows.get(key), event);
  touched.rows.set(key, row);
  touched.changedRows.add(key);
  if (row.kind !== "message") return;
  Object.assign(record, previewed(record, row));
  if (row.author_id === touched.me) Object.assign(record, readUpTo(record, row.seq, row.count));
}

/** An edit or delete: applied only above the row's version; on a row that is not here it leaves an overlay. */
function changeRow(
  touched: Touched,
  record: ChannelRecord,
  event: Extract<ChatEvent, { kind: "edit" | "delete" }>,
): void {
  const key = rowKey(event.channel_id, event.target);
  const stored = touched.rows.get(key);
  if (stored && stored.version >= event.seq) return;
  const overlay: Overlay = {
    kind: "overlay",
    channel_id: event.channel_id,
    seq: event.target,
    version: event.seq,
    text: event.kind === "edit" ? event.text : null,
    edited_at: event.at,
  };
  const row = stored?.kind === "message" ? laidOn(stored, overlay) : overlay;
  touched.rows.set(key, row);
  touched.changedRows.add(key);
  if (row.kind === "message") Object.assign(record, previewed(record, row));
}

/** The record with `row` as its preview, if no later message is shown there. */
export function previewed(record: ChannelRecord, row: MessageEvent): Pick<ChannelRecord, "preview"> {
  if (record.preview && record.preview.seq > row.seq) return { preview: record.preview };
  const text = (row.text ?? "").slice(0, 200);
  const preview: Preview = { seq: row.seq, author_id: row.author_id, text, deleted: row.deleted ?? false };
  return { preview };
}

/** The channel as it stands after an event beyond its head. */
function afterEvent(channel: Channel, event: ChatEvent, me: UserId): Channel {
  const head = { ...channel.head, seq: event.seq };
  switch (event.kind) {
    case "message":
      return { ...channel, head: { seq: event.seq, count: event.count, at: event.at } };
    case "join":
      return { ...channel, head, member_count: channel.member_count + event.user_ids.length };
    case "leave":
      return { ...channel, head, member_count: channel.member_count - 1 };
    case "role":
      return event.user_id === me ? { ...channel, head, role: event.role } : { ...channel, head };
    case "channel":
      return {
        ...channel,
        head,
        name: event.name ?? channel.name,
        topic: event.topic ?? channel.topic,
        closed: event.closed ?? channel.closed,
      };
    default:
      return { ...channel, head };
  }
}

/** Absolute values: the latest wins, gaps don't matter. */
function applyPersonal(touched: Touched, event: ChatEvent): null {
  if (event.seq <= touched.personal) return null;
  touched.personal = event.seq;
  if (event.kind === "contact") touched.contacts = true;
  if (event.kind === "settings") Object.assign(touched.profile, event.profile);
  if (event.kind === "settings" && event.target_channel_id) applyNotifications(touched, event);
  if (event.kind !== "read") return null;
  const record = touched.channels.get(event.target_channel_id);
  if (!record) return null;
  const count = countAt(touched, record, event.read_seq);
  touched.channels.set(record.id, { ...record, ...readUpTo(record, event.read_seq, count) });
  touched.changedChannels.add(record.id);
  return null;
}

function applyNotifications(touched: Touched, event: SettingsEvent): void {
  const record = touched.channels.get(event.target_channel_id ?? "");
  if (!record) return; // met later, with what the server says then
  const { notification_level, muted_until = null } = event;
  const channel = { ...record.channel, muted_until, ...(notification_level ? { notification_level } : {}) };
  touched.channels.set(record.id, { ...record, channel });
  touched.changedChannels.add(record.id);
}

/** How many messages the channel had at `seq`, as far as this device can tell: never too many. */
function countAt(touched: Touched, record: ChannelRecord, seq: number): number {
  if (seq >= record.channel.head.seq) return record.channel.head.count;
  const count = countInBatch(touched, record, seq) ?? touched.counts.get(rowKey(record.id, seq));
  if (count === undefined) touched.uncounted.add(record.id);
  return count ?? record.read_count;
}

/** By the latest message at or below `seq` that this batch brought. */
function countInBatch(touched: Touched, record: ChannelRecord, seq: number): number | undefined {
  const before = touched.lastBefore.get(record.id) ?? 0;
  let latest: MessageEvent | undefined;
  for (const row of touched.rows.values()) {
    if (row.kind !== "message" || row.channel_id !== record.id || row.seq > seq || row.seq <= before) continue;
    if (!latest || row.seq > latest.seq) latest = row;
  }
  return latest?.count;
}

/** The read marker moves forward only. */
export function readUpTo(
  record: ChannelRecord,
  seq: number,
  count: number,
): Pick<ChannelRecord, "channel" | "read_count" | "read_goal"> {
  return {
    channel: { ...record.channel, read_seq: Math.max(record.channel.read_seq, seq) },
    read_count: Math.max(record.read_count, count),
    read_goal: Math.max(record.read_goal, seq),
  };
}

export const leaves = (event: ChatEvent, me: UserId) => event.kind === "leave" && event.user_id === me;
const joins = (event: ChatEvent, me: UserId) => event.kind === "join" && event.user_ids.includes(me);

/** It stands in the timeline by itself. */
export function isRow(event: ChatEvent): event is Row {
  return !["edit", "delete", "read", "contact", "settings", "other"].includes(event.kind);
}
