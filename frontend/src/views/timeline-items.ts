// From rows and waiting messages to what stands below each other: days, the unread divider, groups. Pure.
import type { OutboxItem, Row } from "../db/database";
import { sameDay } from "../platform/locale";
import type { UserId } from "../protocol/types";

type MessageRow = Extract<Row, { kind: "message" }>;

/** A message as it is drawn: stored, or still on its way. */
export interface ShownMessage {
  key: string;
  author_id: UserId;
  at: number;
  text: string;
  deleted: boolean;
  edited: boolean;
  /** Null while it is on its way. */
  row: MessageRow | null;
  /** What is on its way: the message itself, or a change of it. */
  item: OutboxItem | null;
}

export type TimelineItem =
  | { kind: "day"; key: string; at: number }
  | { kind: "unread"; key: string }
  | { kind: "event"; key: string; row: Exclude<Row, { kind: "message" }> }
  | { kind: "message"; key: string; message: ShownMessage; first: boolean };

export type DayItem = Exclude<TimelineItem, { kind: "day" }>;

export interface Day {
  key: string;
  at: number;
  items: DayItem[];
}

const GROUP_MS = 5 * 60_000; // messages of one author closer than this stand together

export interface Sources {
  rows: readonly Row[];
  /** Of this channel, in the order they were written. */
  waiting: readonly OutboxItem[];
  me: UserId;
  /** The divider stands above the first row of somebody else after this seq. */
  dividerAfter: number | null;
  /** The newest rows are among `rows`: what waits stands below them. */
  atEnd: boolean;
  /** What was drawn of each row the last time: what has not changed stays the same object, and is not drawn again. */
  drawn: WeakMap<Row, ShownMessage>;
}

export function timelineItems({ rows, waiting, me, dividerAfter, atEnd, drawn }: Sources): TimelineItem[] {
  const items: TimelineItem[] = [];
  let before: { at: number; author_id: UserId | null } | null = null;
  let divided = dividerAfter === null;

  const startDay = (at: number) => {
    if (before && (at <= before.at || sameDay(before.at, at))) return; // this device's clock may be behind
    items.push({ kind: "day", key: `day ${new Date(at).toDateString()}`, at });
    before = null;
  };
  const addMessage = (message: ShownMessage) => {
    startDay(message.at);
    const first = before?.author_id !== message.author_id || message.at - before.at > GROUP_MS;
    items.push({ kind: "message", key: message.key, message, first });
    before = { at: message.at, author_id: message.author_id };
  };

  const changes = changesByTarget(waiting);
  for (const row of rows) {
    if (!divided && row.seq > dividerAfter! && row.author_id !== me) {
      divided = true;
      startDay(row.at);
      items.push({ kind: "unread", key: "unread" });
      before = { at: row.at, author_id: null };
    }
    if (row.kind === "message") {
      addMessage(shownOf(row, changes.get(row.seq) ?? null, drawn));
      continue;
    }
    startDay(row.at);
    items.push({ kind: "event", key: `event ${row.seq}`, row });
    before = { at: row.at, author_id: null };
  }
  if (atEnd) for (const item of waiting) if (item.action.type === "send") addMessage(waitingMessage(item, me));
  return items;
}

/** The same, each day by itself. */
export function byDay(items: readonly TimelineItem[]): Day[] {
  const days: Day[] = [];
  for (const item of items) {
    if (item.kind === "day") days.push({ key: item.key, at: item.at, items: [] });
    else days.at(-1)?.items.push(item);
  }
  return days;
}

function shownOf(row: MessageRow, item: OutboxItem | null, drawn: WeakMap<Row, ShownMessage>): ShownMessage {
  const before = drawn.get(row);
  if (before && before.item === item) return before;
  const message = storedMessage(row, item);
  drawn.set(row, message);
  return message;
}

function storedMessage(row: MessageRow, item: OutboxItem | null): ShownMessage {
  const action = item?.problem ? undefined : item?.action; // a refused change is not shown as done
  return {
    key: keyOf(row),
    author_id: row.author_id,
    at: row.at,
    text: action?.type === "edit" ? action.text : (row.text ?? ""),
    deleted: row.deleted === true || action?.type === "delete",
    edited: row.edited_at != null || action?.type === "edit",
    row,
    item,
  };
}

function waitingMessage(item: OutboxItem, me: UserId): ShownMessage {
  const text = item.action.type === "send" ? item.action.text : "";
  const { client_message_id, at } = item;
  return { key: `${me} ${client_message_id}`, author_id: me, at, text, deleted: false, edited: false, row: null, item };
}

/** The same for a message on its way and stored, so that its element stays. */
const keyOf = (row: MessageRow) => `${row.author_id} ${row.client_message_id ?? row.seq}`;

function changesByTarget(waiting: readonly OutboxItem[]): Map<number, OutboxItem> {
  const changes = new Map<number, OutboxItem>();
  for (const item of waiting) if (item.action.type !== "send") changes.set(item.action.target, item);
  return changes;
}
