// What this device keeps of one person: rows of the timelines, where each channel stands, the cursor, the outbox.
import { openDB, deleteDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Action, Channel, ChannelId, ChatEvent, Cursor, Problem, User, UserId } from "../protocol/types";

/**
 * A row of a timeline in its present state. Edits and deletes are no rows: they change the row they aim at,
 * or, when that row is not here yet, leave an overlay that is laid on it when it comes.
 */
export type Row = Exclude<ChatEvent, { kind: "edit" | "delete" | "read" | "contact" | "settings" | "other" }>;

export interface Overlay {
  kind: "overlay";
  channel_id: ChannelId;
  seq: number;
  version: number;
  /** Null when the message was deleted. */
  text: string | null;
  edited_at: number;
}

export interface Preview {
  seq: number;
  author_id: UserId;
  text: string;
  deleted: boolean;
}

/** Closed interval of seqs whose rows are all stored. */
export type Span = [from: number, to: number];

export interface ChannelRecord {
  id: ChannelId;
  channel: Channel;
  /** Every event up to this seq has been applied. */
  last: number;
  /** Spans that are wholly stored, ascending, not touching each other. */
  spans: Span[];
  /** How many messages the channel had at the read marker: unread = head.count - read_count. */
  read_count: number;
  /** The furthest this device has read; repeated to the server until its marker has got there. */
  read_goal: number;
  preview: Preview | null;
}

export interface OutboxItem {
  /** Also the key; sorts by time of writing. */
  client_message_id: string;
  channel_id: ChannelId;
  action: Action;
  at: number;
  /** Null while it waits to be sent; the server's reason once it refused. */
  problem: Problem | null;
}

export interface MaruSchema extends DBSchema {
  rows: { key: [ChannelId, number]; value: Row | Overlay };
  channels: { key: ChannelId; value: ChannelRecord };
  outbox: { key: string; value: OutboxItem };
  people: { key: UserId; value: User };
  drafts: { key: ChannelId; value: string | { text: string; caret: number } };
  /** `cursor`: where the stream of events continues; `device`: this browser's id; `me`: the seq of the personal log. */
  marks: { key: "cursor" | "device" | "personal"; value: Cursor | number };
}

export type MaruDatabase = IDBPDatabase<MaruSchema>;

const VERSION = 1;
const nameFor = (person: UserId) => `maru-${person}`;

/** `onOutdated`: another tab opens a newer version; this connection is closed when that returns. */
export function openDatabase(person: UserId, onOutdated?: () => void): Promise<MaruDatabase> {
  return openDB<MaruSchema>(nameFor(person), VERSION, {
    upgrade(db) {
      db.createObjectStore("rows", { keyPath: ["channel_id", "seq"] });
      db.createObjectStore("channels", { keyPath: "id" });
      db.createObjectStore("outbox", { keyPath: "client_message_id" });
      db.createObjectStore("people", { keyPath: "id" });
      db.createObjectStore("drafts");
      db.createObjectStore("marks");
    },
    // Another tab wants to delete or upgrade: give way, it is the one the person looks at.
    blocking(_current, wanted, event) {
      if (wanted !== null) onOutdated?.();
      (event.target as IDBDatabase).close();
    },
  });
}

/** Forget everything of this person on this device. */
export function forgetPerson(person: UserId): Promise<void> {
  return deleteDB(nameFor(person));
}
