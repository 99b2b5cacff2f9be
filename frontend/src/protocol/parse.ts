// Checks what arrives against the shapes of types.ts. Unknown fields are dropped, unknown kinds become "other".
import * as v from "valibot";
import type {
  Channel, ChatEvent, Contact, Invite, Member, Page, Presence, Presences, Problem, ServerEntry, ServerFrame,
  ServerList, Session, SyncAnswer, User, Version,
} from "./types";

/** The server said something this page cannot read. */
export class UnreadableAnswer extends Error {}

const id = v.string();
const whole = v.pipe(v.number(), v.integer());
const maybe = <S extends v.GenericSchema>(schema: S) => v.nullish(schema);
const optional = <S extends v.GenericSchema>(schema: S) => v.optional(schema);

const visibility = v.picklist(["everyone", "contacts", "nobody"]);

const user: v.GenericSchema<unknown, User> = v.object({
  id,
  username: v.string(),
  display_name: v.string(),
  avatar_id: maybe(id),
  is_admin: optional(v.boolean()),
  locale: maybe(v.string()),
  presence: optional(visibility),
});

const profileChange = v.object({
  display_name: v.exactOptional(v.string()),
  locale: v.exactOptional(v.nullable(v.string())),
  avatar_id: v.exactOptional(v.nullable(id)),
  presence: v.exactOptional(visibility),
});

const presence: v.GenericSchema<unknown, Presence> = v.object({
  state: v.fallback(v.picklist(["online", "away", "offline", "unknown"]), "unknown"),
  last_active_at: maybe(v.number()),
});
const presences: v.GenericSchema<unknown, Presences> = v.record(id, presence);

const notificationLevel = v.picklist(["all", "mentions", "none"]);

const role = v.picklist(["owner", "admin", "member"]);

const channel: v.GenericSchema<unknown, Channel> = v.object({
  id,
  kind: v.picklist(["direct", "group"]),
  name: maybe(v.string()),
  topic: maybe(v.string()),
  role: maybe(role),
  member_count: whole,
  head: v.object({ seq: whole, count: whole, at: whole }),
  read_seq: whole,
  unread: whole,
  mentions: optional(whole),
  notification_level: optional(notificationLevel),
  muted_until: maybe(whole),
  peer: maybe(user),
  closed: optional(v.boolean()),
});

const member: v.GenericSchema<unknown, Member> = v.object({
  user,
  role,
  joined_at: whole,
  read_seq: whole,
  delivered_seq: whole,
});

const eventHead = {
  channel_id: id,
  seq: whole,
  at: whole,
  author_id: v.nullish(id, ""),
  client_message_id: maybe(id),
  version: whole,
};

const knownEvent = v.variant("kind", [
  v.object({
    ...eventHead,
    kind: v.literal("message"),
    text: optional(v.string()),
    reply_to: maybe(whole),
    count: whole,
    edited_at: maybe(whole),
    deleted: optional(v.boolean()),
  }),
  v.object({ ...eventHead, kind: v.literal("edit"), target: whole, text: v.optional(v.string(), "") }),
  v.object({ ...eventHead, kind: v.literal("delete"), target: whole }),
  v.object({ ...eventHead, kind: v.literal("join"), user_ids: v.array(id) }),
  v.object({ ...eventHead, kind: v.literal("leave"), user_id: id }),
  v.object({ ...eventHead, kind: v.literal("role"), user_id: id, role }),
  v.object({
    ...eventHead,
    kind: v.literal("channel"),
    name: maybe(v.string()),
    topic: maybe(v.string()),
    closed: optional(v.boolean()),
  }),
  v.object({ ...eventHead, kind: v.literal("read"), target_channel_id: id, read_seq: whole }),
  v.object({ ...eventHead, kind: v.literal("contact"), user_id: id, state: maybe(v.string()) }),
  v.object({
    ...eventHead,
    kind: v.literal("settings"),
    target_channel_id: maybe(id),
    notification_level: maybe(notificationLevel),
    muted_until: maybe(whole),
    profile: maybe(profileChange),
  }),
]);
const KNOWN_KINDS = new Set<unknown>(knownEvent.options.map((option) => option.entries.kind.literal));

const otherEvent = v.pipe(
  v.object(eventHead),
  v.transform((head) => ({ ...head, kind: "other" as const })),
);

const event = v.lazy((input): v.GenericSchema<unknown, ChatEvent> => {
  const kind = input !== null && typeof input === "object" ? (input as { kind?: unknown }).kind : undefined;
  return KNOWN_KINDS.has(kind) ? knownEvent : otherEvent;
});

const syncAnswer: v.GenericSchema<unknown, SyncAnswer> = v.object({
  cursor: id,
  resync: v.boolean(),
  events: v.array(event),
  more: v.boolean(),
  reset: v.array(channel),
  heads: v.nullish(v.array(channel), null),
});

const servers: v.GenericSchema<unknown, ServerEntry[]> = v.array(
  v.object({ id, url: v.string(), region: v.optional(v.string(), "") }),
);

const knownFrame = v.variant("type", [
  v.object({
    type: v.literal("welcome"),
    cursor: id,
    resync: v.optional(v.boolean(), false),
    heads: maybe(v.array(channel)),
    reset: v.nullish(v.array(channel), []),
    heartbeat_seconds: v.number(),
  }),
  v.object({ type: v.literal("events"), events: v.array(event), cursor: maybe(id) }),
  v.object({ type: v.literal("heartbeat"), cursor: id }),
  v.object({ type: v.literal("live") }),
  v.object({ type: v.literal("ok"), id: whole, event: maybe(event), duplicate: optional(v.boolean()) }),
  v.object({
    type: v.literal("error"),
    id: maybe(whole),
    code: v.string(),
    detail: optional(v.string()),
    retry_after: maybe(v.number()),
  }),
  v.object({ type: v.literal("receipt"), channel_id: id, user_id: id, read_seq: whole }),
  v.object({ type: v.literal("user"), user }),
  v.object({ type: v.literal("presence"), users: presences }),
  v.object({ type: v.literal("typing"), channel_id: id, user_id: id }),
  v.object({ type: v.literal("bye"), code: v.string(), after_ms: maybe(v.number()), servers: maybe(servers) }),
]);
const KNOWN_FRAMES = new Set<unknown>(knownFrame.options.map((option) => option.entries.type.literal));

const problem = v.object({
  code: v.string(),
  status: whole,
  detail: v.optional(v.string(), ""),
  fields: optional(v.record(v.string(), v.string())),
  retry_after: optional(v.number()),
  ownerless: optional(v.boolean()),
});

const session: v.GenericSchema<unknown, Session> = v.object({
  id,
  device: v.string(),
  ip: v.string(),
  created_at: whole,
  last_seen_at: whole,
  current: v.boolean(),
});

const contact: v.GenericSchema<unknown, Contact> = v.object({
  user,
  state: v.picklist(["requested", "accepted", "blocked"]),
  incoming: optional(v.boolean()),
});

const invite: v.GenericSchema<unknown, Invite> = v.object({
  code: v.string(),
  invited_by: user,
  valid: v.boolean(),
});

function reader<T>(schema: v.GenericSchema<unknown, T>): (input: unknown) => T {
  return (input) => {
    const result = v.safeParse(schema, input);
    if (result.success) return result.output;
    throw new UnreadableAnswer(`${v.getDotPath(result.issues[0]) ?? ""}: ${result.issues[0].message}`);
  };
}

/** `{"name": thing}` read as the thing. */
function under<T>(name: string, schema: v.GenericSchema<unknown, T>): (input: unknown) => T {
  const read = reader(v.object({ [name]: schema }));
  return (input) => read(input)[name] as T;
}

export const readUser = under("user", user);
export const readSignedIn: (input: unknown) => { user: User } & ServerList = reader(
  v.object({ user, servers: v.optional(servers, []) }),
);
export const readServers: (input: unknown) => ServerList = reader(v.object({ servers, ticket: maybe(v.string()) }));
export const readUsers = under("users", v.array(user));
export const readChannel = under("channel", channel);
export const readChannels = under("channels", v.array(channel));
export const readMembers = under("members", v.array(member));
export const readMember = under("member", member);
export const readPresences = under("presence", presences);
export const readEvent = under<ChatEvent>("event", event);
export const readEvents = under<ChatEvent[]>("events", v.array(event));
export const readSessions = under("sessions", v.array(session));
export const readContacts = under("contacts", v.array(contact));
export const readInvite = under("invite", invite);
export const readVersion: (input: unknown) => Version = reader(v.object({ version: v.string() }));
export const readSyncAnswer = reader(syncAnswer);
export const readPage: (input: unknown) => Page = reader(
  v.object({ events: v.array(event), has_before: v.boolean(), has_after: v.boolean() }),
);
export const readProblem: (input: unknown) => Problem = reader(problem);
const readKnownFrame = reader<ServerFrame>(knownFrame);

/** One text frame of the socket. Raises UnreadableAnswer for what is no JSON object of a known shape. */
export function readFrame(text: string): ServerFrame {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    throw new UnreadableAnswer("not JSON");
  }
  const type = input !== null && typeof input === "object" ? (input as { type?: unknown }).type : undefined;
  return KNOWN_FRAMES.has(type) ? readKnownFrame(input) : { type: "other" };
}
