// Calls to the server over HTTP: JSON there, checked JSON or a typed refusal back.
import * as read from "../protocol/parse";
import { UnreadableAnswer } from "../protocol/parse";
import type {
  Action, Channel, ChannelId, ChatEvent, Contact, ContactState, Cursor,
  Invite, Member, NotificationLevel, Page, Presences, Problem, ServerList, Session,
  SyncAnswer, User, UserId, Version, Visibility,
} from "../protocol/types";

/** The server answered, and the answer is no. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.status} ${problem.code}`);
  }
  /** The same request may succeed later: the server did not decide, or could not. */
  get again(): boolean {
    return this.problem.status >= 500 || this.problem.status === 429 || this.problem.status === 408;
  }
}

/** No answer, or none that can be read: whether the server acted is unknown. */
export class Unreachable extends Error {}

const ROOT = "/api/v1";
const TIMEOUT_MS = 15_000;
const SERVERS_MS = 5_000; // without the list there is still the page's own origin

/** A position of this device, asked about. */
export interface SyncPlace {
  /** What stands before the API's root: "" for the page's own origin, or the path of a chat server. */
  path: string;
  cursor: Cursor | null;
  /** Seconds: 0 answers at once, more holds the request until something comes. */
  wait: number;
  device: string;
  active: boolean;
}

interface Call {
  /** Instead of the API's own. */
  root?: string;
  /** See SyncPlace. */
  at?: string;
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export class Rest {
  // --- people and sessions

  signUp(form: { username: string; password: string; display_name: string; invite?: string }): Promise<User> {
    return this.ask("/auth/signup", read.readUser, { method: "POST", body: form });
  }
  signIn(form: { username: string; password: string }): Promise<{ user: User } & ServerList> {
    return this.ask("/auth/login", read.readSignedIn, { method: "POST", body: form });
  }
  signOut(): Promise<void> {
    return this.tell("/auth/logout", { method: "POST" });
  }
  me(): Promise<User> {
    return this.ask("/me", read.readUser);
  }
  changeMe(change: { display_name?: string; locale?: string; presence?: Visibility }): Promise<User> {
    return this.ask("/me", read.readUser, { method: "PATCH", body: change });
  }
  sessions(): Promise<Session[]> {
    return this.ask("/sessions", read.readSessions);
  }
  endSession(id: string): Promise<void> {
    return this.tell(`/sessions/${seg(id)}`, { method: "DELETE" });
  }
  findUsers(query: string, signal?: AbortSignal): Promise<User[]> {
    return this.ask(`/users?q=${seg(query)}`, read.readUsers, signal ? { signal } : {});
  }
  users(ids: UserId[]): Promise<User[]> {
    return this.ask(`/users?ids=${ids.map(seg).join(",")}`, read.readUsers);
  }
  contacts(): Promise<Contact[]> {
    return this.ask("/contacts", read.readContacts);
  }
  addContact(user_id: UserId): Promise<void> {
    return this.tell("/contacts", { method: "POST", body: { user_id } });
  }
  changeContact(user_id: UserId, state: ContactState): Promise<void> {
    return this.tell(`/contacts/${seg(user_id)}`, { method: "PATCH", body: { state } });
  }
  removeContact(user_id: UserId): Promise<void> {
    return this.tell(`/contacts/${seg(user_id)}`, { method: "DELETE" });
  }
  makeInvite(): Promise<Invite> {
    return this.ask("/invites", read.readInvite, { method: "POST", body: {} });
  }
  invite(code: string): Promise<Invite> {
    return this.ask(`/invites/${seg(code)}`, read.readInvite);
  }

  /** Which Maru this is. */
  version(): Promise<Version> {
    return this.ask("/version", read.readVersion, { root: "" });
  }

  // --- chat servers

  /** Where to connect, best first. */
  servers(): Promise<ServerList> {
    return this.ask("/servers", read.readServers, { timeoutMs: SERVERS_MS });
  }

  // --- channels

  makeDirect(peer: UserId): Promise<Channel> {
    return this.ask("/channels", read.readChannel, { method: "POST", body: { kind: "direct", member_ids: [peer] } });
  }
  makeGroup(name: string, member_ids: UserId[]): Promise<Channel> {
    return this.ask("/channels", read.readChannel, { method: "POST", body: { kind: "group", name, member_ids } });
  }
  channel(id: ChannelId): Promise<Channel> {
    return this.ask(`/channels/${seg(id)}`, read.readChannel);
  }
  renameChannel(id: ChannelId, name: string): Promise<Channel> {
    return this.ask(`/channels/${seg(id)}`, read.readChannel, { method: "PATCH", body: { name } });
  }
  members(id: ChannelId): Promise<Member[]> {
    return this.ask(`/channels/${seg(id)}/members`, read.readMembers);
  }
  presences(id: ChannelId): Promise<Presences> {
    return this.ask(`/channels/${seg(id)}/presence`, read.readPresences);
  }
  addMember(id: ChannelId, user_id: UserId): Promise<void> {
    return this.tell(`/channels/${seg(id)}/members`, { method: "POST", body: { user_id } });
  }
  removeMember(id: ChannelId, user_id: UserId): Promise<void> {
    return this.tell(`/channels/${seg(id)}/members/${seg(user_id)}`, { method: "DELETE" });
  }
  notify(id: ChannelId, wanted: { level: NotificationLevel; muted_until: number | null }): Promise<Channel> {
    return this.ask(`/channels/${seg(id)}/notifications`, read.readChannel, { method: "PUT", body: wanted });
  }
  markRead(id: ChannelId, seq: number): Promise<void> {
    return this.tell(`/channels/${seg(id)}/read`, { method: "PUT", body: { seq } });
  }

  // --- messages

  /** The stored event, or null where the answer carries none (a deletion). */
  async act(action: Action): Promise<ChatEvent | null> {
    const messages = `/channels/${seg(action.channel_id)}/messages`;
    const { client_message_id } = action;
    switch (action.type) {
      case "send": {
        const { text, reply_to } = action;
        const body = { client_message_id, text, ...(reply_to === undefined ? {} : { reply_to }) };
        return this.ask(messages, read.readEvent, { method: "POST", body });
      }
      case "edit": {
        const body = { client_message_id, text: action.text };
        return this.ask(`${messages}/${action.target}`, read.readEvent, { method: "PATCH", body });
      }
      case "delete":
        await this.tell(`${messages}/${action.target}`, { method: "DELETE" });
        return null;
    }
  }
  /** Present state, oldest first: rows below `before`, or above `after`, or on both sides of `around`. */
  page(id: ChannelId, place: { before?: number; after?: number; around?: number }, limit: number): Promise<Page> {
    const query = new URLSearchParams({ limit: String(limit) });
    for (const [name, seq] of Object.entries(place)) query.set(name, String(seq));
    return this.ask(`/channels/${seg(id)}/messages?${query}`, read.readPage);
  }
  /** The log after `after`, every kind, oldest first. */
  log(id: ChannelId, after: number, limit: number): Promise<ChatEvent[]> {
    return this.ask(`/channels/${seg(id)}/events?after=${after}&limit=${limit}`, read.readEvents);
  }
  sync(place: SyncPlace, signal?: AbortSignal): Promise<SyncAnswer> {
    const query = new URLSearchParams({ wait: String(place.wait), device: place.device });
    if (place.cursor !== null) query.set("cursor", place.cursor);
    if (place.active) query.set("active", "true");
    const call = { at: place.path, timeoutMs: place.wait * 1000 + TIMEOUT_MS };
    return this.ask(`/sync?${query}`, read.readSyncAnswer, signal ? { ...call, signal } : call);
  }

  // --- the call itself

  private async ask<T>(path: string, readAnswer: (input: unknown) => T, call: Call = {}): Promise<T> {
    const response = await this.fetched(path, call);
    try {
      return readAnswer(await response.json());
    } catch (error) {
      if (error instanceof UnreadableAnswer) throw error;
      throw new Unreachable("the answer broke off", { cause: error });
    }
  }

  private async tell(path: string, call: Call): Promise<void> {
    await this.fetched(path, call);
  }

  private async fetched(path: string, call: Call): Promise<Response> {
    const init: RequestInit = { method: call.method ?? "GET", credentials: "same-origin", cache: "no-store" };
    if (call.body !== undefined) {
      init.body = JSON.stringify(call.body);
      init.headers = { "Content-Type": "application/json" };
    }
    const timeout = AbortSignal.timeout(call.timeoutMs ?? TIMEOUT_MS);
    init.signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
    let response: Response;
    try {
      response = await fetch((call.at ?? "") + (call.root ?? ROOT) + path, init);
    } catch (error) {
      throw new Unreachable("no answer", { cause: error });
    }
    if (!response.ok) throw new Refused(await problemOf(response));
    return response;
  }
}

/** What a refusal says; a proxy's page instead of problem+json is read by its status alone. */
async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
  const bare = { code: response.status >= 500 ? "unavailable" : "unknown", status: response.status, detail: "" };
  try {
    const problem = read.readProblem(await response.json());
    return { ...problem, status: response.status, retry_after: problem.retry_after ?? retryAfter };
  } catch {
    return { ...bare, retry_after: retryAfter }; // not ours: an error page of something in between
  }
}

const seg = encodeURIComponent;
