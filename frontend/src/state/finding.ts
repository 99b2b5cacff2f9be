// What a few letters find: conversations and people, by name. Pure.
import type { ChannelRecord } from "../db/database";
import type { User } from "../protocol/types";
import { unreadOf } from "../sync/apply";
import { indexOfName } from "../text/hangul";
import { isMuted } from "./muting";

export type Found =
  | { kind: "channel"; key: string; title: string; record: ChannelRecord }
  | { kind: "person"; key: string; title: string; user: User };

export interface Ground {
  /** Most recently active first. */
  channels: readonly ChannelRecord[];
  titleOf: (record: ChannelRecord) => string;
  people: readonly User[];
  me: string;
  /** The conversation on the screen: nobody looks for that. */
  open: string | null;
  now: number;
}

const MOST = 12;

/**
 * The nearest first: names that begin with the letters, then those that have them later. Of those alike, unread
 * conversations first, then the recent ones, then people one has none with.
 */
export function find(query: string, ground: Ground): Found[] {
  const asked = query.trim();
  const found = [...channelsOf(ground), ...(asked ? peopleOf(ground) : [])];
  const ranked = found.flatMap((one) => {
    const at = asked ? placeIn(one, asked) : 0;
    return at < 0 ? [] : [{ one, rank: Math.min(at, 1) * 2 + (calls(one, ground.now) ? 0 : 1) }];
  });
  return ranked.sort((a, b) => a.rank - b.rank).slice(0, MOST).map(({ one }) => one); // stable: recent stays before
}

function channelsOf({ channels, titleOf, open }: Ground): Found[] {
  const others = channels.filter((record) => record.id !== open);
  return others.map((record) => ({ kind: "channel", key: record.id, title: titleOf(record), record }));
}

/** Whom one has no direct conversation with yet; the others stand among the conversations. */
function peopleOf({ channels, people, me }: Ground): Found[] {
  const met = new Set([me, ...channels.map(({ channel }) => (channel.kind === "direct" ? channel.peer?.id : ""))]);
  const others = new Map(people.filter((user) => !met.has(user.id)).map((user) => [user.id, user]));
  return [...others.values()].map((user) => ({ kind: "person", key: user.id, title: user.display_name, user }));
}

/** Where the letters stand in the name, or in the username; -1: nowhere. */
function placeIn(found: Found, asked: string): number {
  const inTitle = indexOfName(found.title, asked);
  const username = found.kind === "person" ? found.user.username : found.record.channel.peer?.username;
  const inUsername = username ? indexOfName(username, asked.replace(/^@/, "")) : -1;
  return inTitle < 0 || inUsername < 0 ? Math.max(inTitle, inUsername) : Math.min(inTitle, inUsername);
}

const calls = (found: Found, now: number) =>
  found.kind === "channel" && unreadOf(found.record) > 0 && !isMuted(found.record, now);
