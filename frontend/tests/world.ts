// A small server of one store, for tests of the client's own rules: logs, present states, memberships.
import type { Channel, ChatEvent, MessageEvent, Page, Problem, User } from "../src/protocol/types";
import { Refused } from "../src/net/rest";
import { isRow } from "../src/sync/apply";

export const ME = "me";
export const PEER = "peer";

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type Said = Without<ChatEvent, "channel_id" | "seq" | "at" | "version" | "count"> & { count?: number };

export const userOf = (id: string): User => ({ id, username: id, display_name: `The ${id}` });

export class World {
  /** Per channel, every event as it was committed. */
  readonly logs = new Map<string, ChatEvent[]>();
  /** Commit order over all channels. */
  readonly commits: ChatEvent[] = [];
  private readonly readSeqs = new Map<string, number>();
  gone = new Set<string>();

  say(channel_id: string, said: Said): ChatEvent {
    const log = this.logs.get(channel_id) ?? [];
    this.logs.set(channel_id, log);
    const seq = log.length + 1;
    const count = log.filter((event) => event.kind === "message").length + 1;
    const event = { ...said, channel_id, seq, at: 1_000 + this.commits.length, version: seq } as ChatEvent;
    if (event.kind === "message") event.count = count;
    log.push(event);
    this.commits.push(event);
    return event;
  }
  write(channel: string, text: string, author_id = PEER, client_message_id?: string): MessageEvent {
    return this.say(channel, { kind: "message", author_id, text, client_message_id }) as MessageEvent;
  }
  start(channel: string, users = [ME, PEER]): ChatEvent {
    return this.say(channel, { kind: "join", author_id: PEER, user_ids: users });
  }
  read(channel: string, seq: number): ChatEvent {
    this.readSeqs.set(channel, seq);
    return this.say(ME, { kind: "read", author_id: ME, target_channel_id: channel, read_seq: seq });
  }

  /** The timeline as a fresh device would read it. */
  timeline(channel: string, upTo = Infinity): ChatEvent[] {
    const rows = new Map<number, ChatEvent>();
    for (const event of (this.logs.get(channel) ?? []).filter((one) => one.seq <= upTo)) {
      if (event.kind !== "edit" && event.kind !== "delete") {
        if (isRow(event)) rows.set(event.seq, event);
        continue;
      }
      const row = rows.get(event.target);
      if (row?.kind !== "message") continue;
      const { text, ...rest } = row;
      if (event.kind === "delete") rows.set(row.seq, { ...rest, deleted: true, version: event.seq });
      else if (!row.deleted) rows.set(row.seq, { ...rest, text: event.text, edited_at: event.at, version: event.seq });
      else rows.set(row.seq, { ...rest, ...(text === undefined ? {} : { text }) });
    }
    return [...rows.values()];
  }

  channelNow(id: string): Channel {
    const log = this.logs.get(id) ?? [];
    const messages = log.filter((event) => event.kind === "message");
    const readSeq = this.readSeqs.get(id) ?? 0;
    const read = messages.filter((event) => event.seq <= readSeq).length;
    const head = { seq: log.length, count: messages.length, at: log.at(-1)?.at ?? 0 };
    const unread = messages.length - read;
    return { id, kind: "group", name: id, member_count: 2, head, read_seq: readSeq, unread, peer: null };
  }

  // --- what the client asks

  channel(id: string): Promise<Channel> {
    return this.gone.has(id) ? refuse(404) : Promise.resolve(this.channelNow(id));
  }
  log(id: string, after: number, limit: number): Promise<ChatEvent[]> {
    if (this.gone.has(id)) return refuse(404);
    return Promise.resolve((this.logs.get(id) ?? []).filter((event) => event.seq > after).slice(0, limit));
  }
  page(id: string, place: { before?: number; after?: number }, limit: number): Promise<Page> {
    const rows = this.timeline(id);
    const fits = rows.filter((row) => row.seq < (place.before ?? Infinity) && row.seq > (place.after ?? 0));
    const events = place.after === undefined ? fits.slice(-limit) : fits.slice(0, limit);
    const has_before = rows[0] !== undefined && events[0] !== undefined && events[0].seq > rows[0].seq;
    const has_after = (events.at(-1)?.seq ?? 0) < (rows.at(-1)?.seq ?? 0);
    return Promise.resolve({ events, has_before, has_after });
  }
}

export function refuse(status: number, code = status === 404 ? "not_found" : "unavailable"): Promise<never> {
  const problem: Problem = { status, code, detail: "" };
  return Promise.reject(new Refused(problem));
}
