// What changed on this device, told to the screens of all tabs. Plain data: it is cloned between them.
import type { ChannelRecord, OutboxItem, Row } from "../db/database";
import type { ChannelId, ProfileChange, User } from "../protocol/types";

export interface Change {
  /** Rows that are new or have a new state. */
  rows: Row[];
  channels: ChannelRecord[];
  /** Channels that are no longer this person's. */
  gone: ChannelId[];
  /** Channels whose stored rows were dropped: what is shown of them must be read again. */
  cleared: ChannelId[];
  /** Outbox items that are new or have a new state. */
  waiting: OutboxItem[];
  /** Outbox items that are through or were discarded, by client_message_id. */
  settled: string[];
  people: User[];
  /** Something about the person's contacts changed. */
  contacts: boolean;
  /** What this person changed of their profile, on whichever device. */
  profile: ProfileChange;
  /** The device has no room to keep more, or has some again; null: nothing new about it. */
  full: boolean | null;
}

const NOTHING: Change = {
  rows: [], channels: [], gone: [], cleared: [], waiting: [], settled: [], people: [], contacts: false,
  profile: {}, full: null,
};

export const changeOf = (parts: Partial<Change>): Change => ({ ...NOTHING, ...parts });
