/* eslint-disable */
// Made by `make types` from the structs that parse the wire in the server. Not to be changed by hand.

/**
 * The body of every error answer.
 */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  fields?: {
    [k: string]: string;
  } | null;
  retry_after?: number | null;
  ownerless?: boolean;
}
/**
 * A person as everybody sees them; `is_admin`, `locale` and `presence` only in one's own.
 */
export interface User {
  id: string;
  username: string;
  display_name: string;
  avatar_id: string | null;
  is_admin?: boolean;
  locale?: string | null;
  presence?: "contacts" | "everyone" | "nobody";
}
/**
 * A new account. `invite`: the code of an invitation.
 */
export interface SignUp {
  username: string;
  password: string;
  display_name: string;
  invite?: string | null;
}
/**
 * `token`: answer with a bearer token too, for programs.
 */
export interface LogIn {
  username: string;
  password: string;
  token?: boolean;
}
/**
 * A chat server a client may use.
 */
export interface ServerEntry {
  id: string;
  url: string;
  region: string;
}
export interface UserAnswer {
  user: User;
}
/**
 * `servers`: best first.
 */
export interface LoginAnswer {
  user: User;
  servers: ServerEntry[];
  token?: string;
}
export interface UsersAnswer {
  users: User[];
}
/**
 * What is absent stays as it is. `locale`: a BCP 47 tag, or null for the browser's. `presence`: who may see
 * whether I am here.
 */
export interface ProfileChange {
  display_name?: string;
  locale?: string | null;
  avatar_id?: string | null;
  presence?: "contacts" | "everyone" | "nobody";
}
/**
 * `ids`: several people, comma-separated. Otherwise a search by `q` in usernames and names (Hangul initials
 * match), in the order of usernames, beyond the person `after`.
 */
export interface UserQuery {
  q?: string;
  ids?: string | null;
  after?: string | null;
  limit?: number;
}
/**
 * A sign-in. `current`: the one that asks.
 */
export interface Session {
  id: string;
  device: string;
  ip: string;
  created_at: number;
  last_seen_at: number;
  current: boolean;
}
export interface SessionsAnswer {
  sessions: Session[];
}
/**
 * Where I stand with somebody, since when. `incoming`: they asked me.
 */
export interface Contact {
  user: User;
  state: "accepted" | "blocked" | "none" | "requested";
  incoming: boolean;
  since: number;
}
export interface ContactRequest {
  user_id: string;
}
export interface ContactChange {
  state: "accepted" | "blocked" | "requested";
}
export interface ContactAnswer {
  contact: Contact;
}
export interface ContactsAnswer {
  contacts: Contact[];
}
/**
 * `uses`: how many people may come by it; null: as many as come before it expires.
 */
export interface NewInvite {
  expires_in_seconds?: number;
  uses?: number | null;
}
/**
 * An invitation, as whoever holds its code sees it. `valid`: one can sign up with it now.
 */
export interface Invite {
  code: string;
  server_name: string;
  invited_by: User;
  created_at: number;
  expires_at: number;
  uses_left: number | null;
  valid: boolean;
}
export interface InviteAnswer {
  invite: Invite;
}
/**
 * A channel as one member sees it.
 *
 * `name` is empty for a direct channel: show the peer's. `unread`: messages after the read marker, deleted ones too.
 * `mentions`: unread messages that name the person; always 0 until mentions come with notifications.
 */
export interface Channel {
  id: string;
  kind: "direct" | "group";
  name: string;
  topic: string;
  role: "admin" | "member" | "owner";
  member_count: number;
  head: Head;
  read_seq: number;
  unread: number;
  mentions: number;
  notification_level: "all" | "mentions" | "none";
  peer?: User | null;
  avatar_id?: string | null;
  muted_until?: number | null;
  closed?: boolean;
}
/**
 * A channel's latest position; `count` is its messages, `at` the time of the latest event.
 */
export interface Head {
  seq: number;
  count: number;
  at: number;
}
export interface ChannelAnswer {
  channel: Channel;
}
/**
 * Most recently active first.
 */
export interface ChannelsAnswer {
  channels: Channel[];
}
/**
 * A channel of two: `member_ids` names the other person.
 */
export interface CreateDirect {
  kind: "direct";
  member_ids: string[];
}
/**
 * A group. `name`: 1 to 80 characters; `topic`: up to 250.
 */
export interface CreateGroup {
  kind: "group";
  member_ids: string[];
  name: string;
  topic?: string;
}
/**
 * What is left out stays as it is; an empty topic takes it away.
 */
export interface PatchChannel {
  name?: string;
  topic?: string;
}
export interface AddMember {
  user_id: string;
}
export interface PatchMember {
  role: "admin" | "member" | "owner";
}
/**
 * A present member. `delivered_seq`: all up to it has reached a device of theirs, as far as this server process
 * knows; never below `read_seq`.
 */
export interface Member {
  user: User;
  role: "admin" | "member" | "owner";
  joined_at: number;
  read_seq: number;
  delivered_seq: number;
}
export interface MemberAnswer {
  member: Member;
}
export interface MembersAnswer {
  members: Member[];
}
/**
 * How far the person has read.
 */
export interface PutRead {
  seq: number;
}
/**
 * Where the read marker stands now: never behind where it was, never beyond the head.
 */
export interface ReadAnswer {
  read_seq: number;
}
/**
 * How the channel notifies; `muted_until` null: not muted.
 */
export interface PutNotifications {
  level: "all" | "mentions" | "none";
  muted_until?: number | null;
}
/**
 * A new message. `client_message_id`: a UUID made by the sender (version 7 please); the same again is safe.
 * `text`: 1 to 20,000 characters.
 */
export interface SendMessage {
  client_message_id: string;
  text: string;
  reply_to?: number | null;
}
/**
 * New text for a message of one's own.
 */
export interface EditMessage {
  client_message_id: string;
  text: string;
}
/**
 * Where the page lies: one of the three bounds, each exclusive but the middle of `around`; none: the latest.
 */
export interface HistoryQuery {
  before?: number | null;
  after?: number | null;
  around?: number | null;
  limit?: number;
}
/**
 * The log beyond `after`.
 */
export interface LogQuery {
  after?: number;
  limit?: number;
}
/**
 * One event. `duplicate`: it was committed before, by a request with the same id and content.
 */
export interface EventAnswer {
  event:
    | MessageEvent
    | EditEvent
    | DeleteEvent
    | JoinEvent
    | LeaveEvent
    | RoleEvent
    | ChannelEvent
    | ReadEvent
    | ContactEvent
    | SettingsEvent;
  duplicate?: boolean;
}
/**
 * What a person wrote, in its present state. A deleted one has no text.
 */
export interface MessageEvent {
  kind: "message";
  channel_id: string;
  seq: number;
  at: number;
  author_id: string;
  version: number;
  client_message_id?: string | null;
  count: number;
  text?: string | null;
  reply_to?: number | null;
  edited_at?: number | null;
  deleted?: boolean;
}
/**
 * New text of message `target`; empty once edited again or deleted.
 */
export interface EditEvent {
  kind: "edit";
  channel_id: string;
  seq: number;
  at: number;
  author_id: string;
  version: number;
  client_message_id?: string | null;
  target: number;
  text: string;
}
export interface DeleteEvent {
  kind: "delete";
  channel_id: string;
  seq: number;
  at: number;
  author_id: string;
  version: number;
  client_message_id?: string | null;
  target: number;
}
export interface JoinEvent {
  kind: "join";
  channel_id: string;
  seq: number;
  at: number;
  author_id: string;
  version: number;
  client_message_id?: string | null;
  user_ids: string[];
}
export interface LeaveEvent {
  kind: "leave";
  channel_id: string;
  seq: number;
  at: number;
  author_id: string;
  version: number;
  client_message_id?: string | null;
  user_id: string;
}
export interface RoleEvent {
  kind: "role";
  channel_id: string;
  seq: number;
  at: number;
  author_id: string;
  version: number;
  client_message_id?: string | null;
  user_id: string;
  role: "admin" | "member" | "owner";
}
/**
 * What changed of the channel itself; an empty topic or avatar means it was taken away.
 */
export interface ChannelEvent {
  kind: "channel";
  channel_id: string;
  seq: number;
  at: number;
  author_id: string;
  version: number;
  client_message_id?: string | null;
  name?: string | null;
  topic?: string | null;
  avatar_id?: string | null;
  closed?: boolean;
}
/**
 * Personal channel only: how far the person has read elsewhere. The latest wins.
 */
export interface ReadEvent {
  kind: "read";
  channel_id: string;
  seq: number;
  at: number;
  author_id: string;
  version: number;
  client_message_id?: string | null;
  target_channel_id: string;
  read_seq: number;
}
/**
 * Personal channel only: where a contact stands. `none`: no longer a contact.
 */
export interface ContactEvent {
  kind: "contact";
  channel_id: string;
  seq: number;
  at: number;
  author_id: string;
  version: number;
  client_message_id?: string | null;
  user_id: string;
  state: "accepted" | "blocked" | "none" | "requested";
  incoming?: boolean;
}
/**
 * Personal channel only: how a channel notifies this person, or what they changed of their `profile`. The latest
 * wins.
 */
export interface SettingsEvent {
  kind: "settings";
  channel_id: string;
  seq: number;
  at: number;
  author_id: string;
  version: number;
  client_message_id?: string | null;
  target_channel_id?: string | null;
  notification_level?: ("all" | "mentions" | "none") | null;
  muted_until?: number | null;
  profile?: ProfileChanged | null;
}
/**
 * What a person changed of their profile, as it is now; what is absent stayed. null: nothing is chosen any more.
 */
export interface ProfileChanged {
  display_name?: string;
  locale?: string | null;
  avatar_id?: string | null;
  presence?: "contacts" | "everyone" | "nobody";
}
/**
 * Events oldest first, and whether there are more on either side.
 */
export interface EventPage {
  events: (
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
  )[];
  has_before: boolean;
  has_after: boolean;
}
/**
 * `region`: where the client is, in the operator's own names.
 */
export interface ServersQuery {
  region?: string;
}
/**
 * Best first. `ticket` is for `hello` on a server of another host, good once and for a minute; null when none of
 * them is on another host.
 */
export interface ServersAnswer {
  servers: ServerEntry[];
  ticket?: string | null;
}
/**
 * The process is up.
 */
export interface HealthAnswer {
  status?: string;
}
/**
 * Everything that is needed is reachable, and the server is not going away. `checks`: what was looked at.
 */
export interface ReadyAnswer {
  status: string;
  checks: string[];
}
export interface VersionAnswer {
  version: string;
}
/**
 * No cursor: the start. `wait` in seconds: how long the request may be held when there is nothing new.
 */
export interface SyncQuery {
  cursor?: string | null;
  wait?: number;
  device?: string | null;
  active?: boolean;
}
/**
 * What was missed; `more`: ask again at once. `resync` and a first answer carry `heads` instead.
 */
export interface SyncAnswer {
  /**
   * Opaque: a device's position in its inbox
   */
  cursor: string;
  resync: boolean;
  events: (
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
  )[];
  more: boolean;
  reset: Channel[];
  heads: Channel[] | null;
}
/**
 * The first frame. `cursor` null: from the start. Without `device` no older connection is superseded. `ticket`: on
 * a server of another host, where no cookie says who this is.
 */
export interface Hello {
  type: "hello";
  cursor?: string | null;
  device?: string | null;
  active?: boolean;
  ticket?: string | null;
}
/**
 * Say something; `client_message_id` makes it safe to repeat.
 */
export interface Send {
  type: "send";
  /**
   * Chosen by the client, echoed in the answer
   */
  id: number;
  channel_id: string;
  client_message_id: string;
  text: string;
  reply_to?: number | null;
}
/**
 * New text for one's own message.
 */
export interface Edit {
  type: "edit";
  /**
   * Chosen by the client, echoed in the answer
   */
  id: number;
  channel_id: string;
  client_message_id: string;
  target: number;
  text: string;
}
/**
 * Take a message back.
 */
export interface Delete {
  type: "delete";
  /**
   * Chosen by the client, echoed in the answer
   */
  id: number;
  channel_id: string;
  client_message_id?: string | null;
  target: number;
}
/**
 * Move the read marker forward; answered only with an `id`.
 */
export interface Read {
  type: "read";
  channel_id: string;
  seq: number;
  id?: number | null;
}
/**
 * All up to the cursor is stored on this device.
 */
export interface Ack {
  type: "ack";
  /**
   * Opaque: a device's position in its inbox
   */
  cursor: string;
  id?: number | null;
}
/**
 * The person is writing in this channel.
 */
export interface Typing {
  type: "typing";
  channel_id: string;
  id?: number | null;
}
/**
 * Still here. `active`: the page is in use; `open`: the channel on its screen, whose receipts it wants (null or
 * left out: those of its direct channels).
 */
export interface Heartbeat {
  type: "heartbeat";
  active?: boolean;
  open?: string | null;
}
/**
 * What a client must keep to, so that it need not know by heart.
 */
export interface Limits {
  max_frame_bytes?: number;
  max_text?: number;
  ack_every_events?: number;
  ack_every_seconds?: number;
  typing_every_seconds?: number;
}
/**
 * The answer to `hello`. `cursor` is where the stream continues: the one presented, or the new start.
 */
export interface Welcome {
  type: "welcome";
  server: string;
  /**
   * Opaque: a device's position in its inbox
   */
  cursor: string;
  resync: boolean;
  heads?: Channel[] | null;
  reset: Channel[];
  heartbeat_seconds: number;
  limits: Limits;
}
/**
 * What happened: first what was missed, then live. `cursor` only if all of one's own up to it has been sent.
 */
export interface Events {
  type: "events";
  events: (
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
  )[];
  cursor?: string | null;
}
/**
 * Still here, and all of yours up to the cursor has been sent on this connection.
 */
export interface Beat {
  type: "heartbeat";
  /**
   * Opaque: a device's position in its inbox
   */
  cursor: string;
}
/**
 * The missed events are through.
 */
export interface Live {
  type: "live";
}
/**
 * It is done, durably. Moves no position; the event comes in `events` too. No event with a read marker.
 */
export interface Ok {
  type: "ok";
  /**
   * Chosen by the client, echoed in the answer
   */
  id: number;
  event?:
    | (
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
      )
    | null;
  duplicate?: boolean;
}
/**
 * It was refused; `code` is of the catalogue. The connection stays.
 */
export interface Error {
  type: "error";
  id?: number | null;
  code: string;
  detail: string;
  fields?: {
    [k: string]: string;
  } | null;
  retry_after?: number | null;
}
/**
 * Somebody is writing; holds for a few seconds.
 */
export interface Writing {
  type: "typing";
  channel_id: string;
  user_id: string;
}
/**
 * Who is here, as far as one may see it: once all one's contacts and those one has a direct channel with, when
 * one is live; then changes. With a group open also its members, refreshed every few seconds.
 */
export interface Presences {
  type: "presence";
  users: {
    [k: string]: Presence;
  };
}
/**
 * Whether somebody is here. `online`: active on some device; `away`: connected, but active on none; `unknown`: it
 * cannot be said, or not to who asks. `last_active_at`: when they last were active on a device; null: not known.
 */
export interface Presence {
  state: "away" | "offline" | "online" | "unknown";
  last_active_at: number | null;
}
/**
 * How far somebody has read in a channel one has open; in a direct channel also told to who has none open.
 */
export interface Receipt {
  type: "receipt";
  channel_id: string;
  user_id: string;
  read_seq: number;
}
/**
 * A person's profile changed.
 */
export interface UserChanged {
  type: "user";
  user: User;
}
/**
 * The connection closes now, for the named reason; come back after `after_ms`. `servers`: there instead of here,
 * best first.
 */
export interface Bye {
  type: "bye";
  code: string;
  after_ms: number;
  servers?: ServerEntry[] | null;
}
