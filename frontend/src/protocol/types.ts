// The shapes on the wire, by their wire names. Ids and cursors are opaque strings, times milliseconds since 1970.

export type UserId = string;
export type ChannelId = string;
export type Cursor = string;

export interface User {
  id: UserId;
  username: string;
  display_name: string;
  avatar_id?: string | null | undefined;
  is_admin?: boolean | undefined;
  locale?: string | null | undefined;
  presence?: Visibility | undefined;
}

/** Who may see whether somebody is here. `everyone`: all who share a channel with them, and their contacts. */
export type Visibility = "everyone" | "contacts" | "nobody";

/** `away`: connected, with no device in use. `unknown`: not to be seen, or not known just now. */
export interface Presence {
  state: "online" | "away" | "offline" | "unknown";
  last_active_at?: number | null | undefined;
}
export type Presences = Record<UserId, Presence>;

export type Role = "owner" | "admin" | "member";

/** What of a channel calls for the person's attention. */
export type NotificationLevel = "all" | "mentions" | "none";

/** A channel's latest position, its number of messages, and when it was last active. */
export interface Head {
  seq: number;
  count: number;
  at: number;
}

export interface Channel {
  id: ChannelId;
  kind: "direct" | "group";
  name?: string | null | undefined;
  topic?: string | null | undefined;
  role?: Role | null | undefined;
  member_count: number;
  head: Head;
  read_seq: number;
  unread: number;
  mentions?: number | undefined;
  notification_level?: NotificationLevel | undefined;
  /** Milliseconds since 1970. */
  muted_until?: number | null | undefined;
  peer?: User | null | undefined;
  closed?: boolean | undefined;
}

export interface Member {
  user: User;
  role: Role;
  joined_at: number;
  read_seq: number;
  delivered_seq: number;
}

interface EventHead {
  channel_id: ChannelId;
  seq: number;
  at: number;
  author_id: UserId;
  client_message_id?: string | null | undefined;
  /** Seq of the last event that changed this row; its own seq at first. */
  version: number;
}

export interface MessageEvent extends EventHead {
  kind: "message";
  text?: string | undefined;
  reply_to?: number | null | undefined;
  /** How many messages the channel had with this one. */
  count: number;
  edited_at?: number | null | undefined;
  deleted?: boolean | undefined;
}
export interface EditEvent extends EventHead {
  kind: "edit";
  target: number;
  /** Empty once edited again or deleted. */
  text: string;
}
export interface DeleteEvent extends EventHead {
  kind: "delete";
  target: number;
}
export interface JoinEvent extends EventHead {
  kind: "join";
  user_ids: UserId[];
}
export interface LeaveEvent extends EventHead {
  kind: "leave";
  user_id: UserId;
}
export interface RoleEvent extends EventHead {
  kind: "role";
  user_id: UserId;
  role: Role;
}
export interface ChannelEvent extends EventHead {
  kind: "channel";
  name?: string | null | undefined;
  topic?: string | null | undefined;
  closed?: boolean | undefined;
}
export interface ReadEvent extends EventHead {
  kind: "read";
  target_channel_id: ChannelId;
  read_seq: number;
}
export interface ContactEvent extends EventHead {
  kind: "contact";
  user_id: UserId;
  state?: string | null | undefined;
}
/** What this person changed of their own profile, as it is now; what is absent stayed. */
export type ProfileChange = Partial<Pick<User, "display_name" | "locale" | "avatar_id" | "presence">>;
export interface SettingsEvent extends EventHead {
  kind: "settings";
  /** How this channel notifies; absent: the profile changed. */
  target_channel_id?: ChannelId | null | undefined;
  notification_level?: NotificationLevel | null | undefined;
  muted_until?: number | null | undefined;
  profile?: ProfileChange | null | undefined;
}
/** A kind this page does not know: it holds its place in the order and changes nothing. */
export interface OtherEvent extends EventHead {
  kind: "other";
}

export type ChatEvent =
  | MessageEvent
  | EditEvent
  | DeleteEvent
  | JoinEvent
  | LeaveEvent
  | RoleEvent
  | ChannelEvent
  | ReadEvent
  | ContactEvent
  | SettingsEvent
  | OtherEvent;

/** What `/sync` answers; the frames of a socket are brought into the same shape. */
export interface SyncAnswer {
  cursor: Cursor;
  resync: boolean;
  events: ChatEvent[];
  more: boolean;
  reset: Channel[];
  heads: Channel[] | null;
}

export interface Page {
  events: ChatEvent[];
  has_before: boolean;
  has_after: boolean;
}

export interface Problem {
  code: string;
  status: number;
  detail: string;
  fields?: Record<string, string> | undefined;
  retry_after?: number | undefined;
  /** Nobody has an account yet. */
  ownerless?: boolean | undefined;
}

export interface Session {
  id: string;
  /** What the browser or program called itself. */
  device: string;
  ip: string;
  created_at: number;
  last_seen_at: number;
  current: boolean;
}

export type ContactState = "requested" | "accepted" | "blocked";

export interface Contact {
  user: User;
  state: ContactState;
  /** With `requested`: the other person asked. */
  incoming?: boolean | undefined;
}

/** An invitation, as whoever holds the link sees it. `valid`: one can sign up with it now. */
export interface Invite {
  code: string;
  invited_by: User;
  valid: boolean;
}

/** A chat server this page may use. `url`: the public origin, a path below it, or another host. */
export interface ServerEntry {
  id: string;
  url: string;
  region: string;
}

/** Best first. `ticket`: shown once in `hello` to a server on another host, which knows no cookie of this page. */
export interface ServerList {
  servers: ServerEntry[];
  ticket?: string | null | undefined;
}

export interface Version {
  version: string;
}

/** Frames of the socket, server to page. */
export type ServerFrame =
  | {
      type: "welcome";
      cursor: Cursor;
      resync: boolean;
      heads?: Channel[] | null | undefined;
      reset: Channel[];
      heartbeat_seconds: number;
    }
  | { type: "events"; events: ChatEvent[]; cursor?: Cursor | null | undefined }
  | { type: "heartbeat"; cursor: Cursor }
  | { type: "live" }
  | { type: "ok"; id: number; event?: ChatEvent | null | undefined; duplicate?: boolean | undefined }
  | {
      type: "error";
      id?: number | null | undefined;
      code: string;
      detail?: string | undefined;
      retry_after?: number | null | undefined;
    }
  | { type: "receipt"; channel_id: ChannelId; user_id: UserId; read_seq: number }
  | { type: "user"; user: User }
  | { type: "presence"; users: Presences }
  | { type: "typing"; channel_id: ChannelId; user_id: UserId }
  | { type: "bye"; code: string; after_ms?: number | null | undefined; servers?: ServerEntry[] | null | undefined }
  | { type: "other" };

/** What a person does to a channel: the same action over the socket and over REST. */
export type Action =
  | { type: "send"; channel_id: ChannelId; client_message_id: string; text: string; reply_to?: number | undefined }
  | { type: "edit"; channel_id: ChannelId; client_message_id: string; target: number; text: string }
  | { type: "delete"; channel_id: ChannelId; client_message_id: string; target: number };

export type ClientFrame =
  | { type: "hello"; cursor: Cursor | null; device: string; active: boolean; ticket?: string | undefined }
  | (Action & { id: number })
  | { type: "read"; channel_id: ChannelId; seq: number }
  | { type: "ack"; cursor: Cursor }
  | { type: "typing"; channel_id: ChannelId }
  /** `open`: the channel on the screen. */
  | { type: "heartbeat"; active: boolean; open: ChannelId | null };
