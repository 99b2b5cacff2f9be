// Everything a signed-in person sees, drawn from what the device keeps and from what changes.
import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { forgetPerson, openDatabase, type ChannelRecord, type MaruDatabase, type OutboxItem } from "../db/database";
import { Drafts } from "../db/drafts";
import { fillRandom, type Clock } from "../platform/clock";
import { askToPersist } from "../platform/device";
import { orderedUuids } from "../protocol/ids";
import { wellFormed } from "../protocol/text";
import type { Action, Channel, ChannelId, ServerList, User, UserId } from "../protocol/types";
import type { Rumour } from "../net/inbox";
import type { LinkState } from "../net/ladder";
import type { Rest } from "../net/rest";
import { unreadOf } from "../sync/apply";
import { changeOf, type Change } from "../sync/change";
import { History } from "../sync/history";
import { Ledger } from "../sync/ledger";
import { Outbox } from "../sync/outbox";
import { Readings } from "../text/readings";
import type { Link } from "./calm";
import type { Conversation } from "./conversation";
import { isMuted, type Notifications } from "./muting";
import { People } from "./people";
import { Presences } from "./presences";
import type { Spot } from "./route";
import { Seat } from "./seat";
import { Showing } from "./showing";
import { Typists } from "./typists";
import { Unsent } from "./unsent";
import { Warming } from "./warming";

const TYPING_MS = 3_000; // PROTOCOL: more is not passed on
const STORED_MS = 150; // what the device has of a channel is read by then, as a rule
const NOT_STORED = "not_stored"; // not of the catalogue: the device's own refusal

export interface ChatParts {
  db: MaruDatabase;
  rest: Rest;
  clock: Clock;
  me: User;
  onSignedOut: () => void;
}

export interface Arrival extends Omit<ChatParts, "db"> {
  /** The device's memory is of a newer build now. */
  onOutdated: () => void;
}

export class Chat {
  readonly me: Signal<User>;
  readonly channels = signal<ReadonlyMap<ChannelId, ChannelRecord>>(new Map());
  private readonly unsent = new Unsent();
  readonly outbox = this.unsent.items;
  readonly waiting = this.unsent.waiting;
  /** Grows whenever something about the contacts changed. */
  readonly contactsVersion = signal(0);
  /** The server has told its channels at least once: an empty list is really empty. */
  readonly complete = signal(false);

  /** The device has no room left: what comes is shown, and not kept. */
  readonly full = signal(false);

  /** Most recently active first. */
  readonly list = computed(() =>
    [...this.channels.value.values()].sort((a, b) => b.channel.head.at - a.channel.head.at || (a.id < b.id ? 1 : -1)),
  );
  /** Conversations with something unread that may call for attention. */
  readonly calling = computed(() =>
    this.list.value.filter((record) => unreadOf(record) > 0 && !isMuted(record, this.parts.clock.now())),
  );
  readonly unread = computed(() => this.calling.value.reduce((sum, record) => sum + unreadOf(record), 0));

  readonly readings = new Readings();
  readonly presences: Presences;
  readonly typists: Typists;
  readonly drafts: Drafts;
  /** What was begun and not sent. */
  readonly drafted = signal<ReadonlyMap<ChannelId, string>>(new Map());
  private readonly ledger: Ledger;
  private readonly kept: Outbox;
  private readonly seat: Seat;
  private readonly people: People;
  private readonly showing: Showing;
  private readonly warming: Warming;
  private readonly newId: () => string;
  /** What changed while the device's memory is read; null once it has been. */
  private meanwhile: Change[] | null = null;
  private typedAt = 0;

  /** Opens what the device keeps of the person. */
  static async of({ onOutdated, ...parts }: Arrival): Promise<Chat> {
    return new Chat({ ...parts, db: await openDatabase(parts.me.id, onOutdated) });
  }

  private constructor(private readonly parts: ChatParts) {
    const { db, rest, clock, me } = parts;
    this.me = signal(me);
    this.newId = orderedUuids(() => clock.now(), fillRandom);
    this.ledger = new Ledger(db, me.id);
    this.kept = new Outbox(db);
    this.drafts = new Drafts(db, clock, me.id);
    this.seat = new Seat({
      me: me.id,
      ledger: this.ledger,
      outbox: this.kept,
      rest,
      clock,
      onChange: (change) => this.apply(change),
      onRumour: (rumour) => this.onRumour(rumour),
      onLink: (state) => this.onLink(state),
      onReturn: () => void this.showing.readMembers(),
      onTakeover: () => this.readAgain(),
      shown: () => this.showing.channel?.id ?? null,
      rumours: () => [{ type: "presence", users: this.presences.all() }],
    });
    const { closed, link, publish } = this.seat;
    this.presences = new Presences({ rest, clock, link, shown: () => this.showing.channel, closed });
    this.typists = new Typists(clock, closed);
    const tell = (people: User[]) => publish(changeOf({ people }));
    this.people = new People({ ledger: this.ledger, rest, clock, tell, closed });
    const history = new History(db, this.ledger, rest, publish);
    this.warming = new Warming(history, clock, closed);
    this.showing = new Showing({
      history,
      rest,
      clock,
      closed,
      me: this.me,
      channels: this.channels,
      learn: (people) => this.people.learn(people),
      onTurn: () => void this.seat.attend(),
      onDraw: () => void this.presences.look(),
    });
    const going = { signal: closed };
    addEventListener("pagehide", () => this.drafts.leave(), going);
    const turned = () => (document.hidden ? this.drafts.leave() : void this.drafts.flush());
    document.addEventListener("visibilitychange", turned, going);
  }

  /** Show what the device keeps, and of the channel `open`, which is read at `spot`, the messages. */
  async load(open: ChannelId | null, spot: Spot | null): Promise<void> {
    const { ledger, kept, drafts } = this;
    const meanwhile: Change[] = (this.meanwhile = []);
    const [channels, people, items, begun] = await Promise.all([
      ledger.channels(), ledger.people(), kept.items(), drafts.texts(),
    ]);
    batch(() => {
      this.drafted.value = begun;
      this.channels.value = new Map(channels.map((record) => [record.id, record]));
      this.people.add([...peers(channels), ...people, this.me.value]);
      this.unsent.load(items);
      if (channels.length > 0) this.complete.value = true;
      this.meanwhile = null;
      for (const change of meanwhile) this.apply(change); // told by another tab, and newer than what was read
    });
    // One drawing for the list and the messages; but nobody waits for what only the server has.
    await Promise.race([this.show(open, spot), this.parts.clock.sleep(STORED_MS)]);
  }

  /** What another tab has kept and did not tell of. */
  private async readAgain(): Promise<void> {
    const { ledger, kept } = this;
    const shown = [...this.outbox.value.values()].filter((item) => item.problem?.code !== NOT_STORED);
    const gone = new Set(this.channels.value.keys());
    const settled = new Set(shown.map((item) => item.client_message_id));
    const open = this.open.value;
    const [waiting, channels, people, stored] = await Promise.all([
      kept.items(), ledger.channels(), ledger.people(), open?.stored(),
    ]);
    for (const item of waiting) settled.delete(item.client_message_id);
    for (const record of channels) gone.delete(record.id);
    const rows = stored?.rows ?? [];
    const cleared = open && !stored ? [open.id] : [];
    const missed = { channels, people, waiting, rows, cleared, gone: [...gone], settled: [...settled], contacts: true };
    this.apply(changeOf(missed));
  }

  /** `list`: the chat servers, where they were told already. */
  connect(list: ServerList | null): void {
    this.seat.take(list);
    void this.presences.lookNowAndThen();
  }

  /** How messages travel just now. */
  get link(): ReadonlySignal<Link> {
    return this.seat.link;
  }
  /** The same as the person is told: without interruptions that are over at once. */
  get calmLink(): ReadonlySignal<Link> {
    return this.seat.calm.told;
  }

  /** What the device keeps is all there is to know just now: the connection has caught up, or there is none. */
  readonly caughtUp = computed(() => {
    const link = this.link.value;
    return (link.kind === "elsewhere" ? link.state : link).kind !== "connecting";
  });

  /** The server does not even say who is signed in. */
  unreachable(): void {
    this.seat.unreachable();
  }

  /** There may be something to send or to fetch. */
  wake(): void {
    this.seat.wake();
  }

  close(): void {
    void this.drafts.flush();
    this.seat.leave();
    this.parts.db.close(); // once what was begun on it is done
  }

  /** Remove everything of this person from the device. */
  async forget(): Promise<void> {
    this.close();
    this.drafts.forget();
    await forgetPerson(this.parts.me.id);
  }

  // --- what the person does

  /** The conversation on this tab's screen. */
  get open(): ReadonlySignal<Conversation | null> {
    return this.showing.open;
  }
  /** Of one conversation, or none: see Showing. */
  show(id: ChannelId | null, spot: Spot | null = null): Promise<void> {
    return this.showing.show(id, spot);
  }
  keepSpot(id: ChannelId, spot: Spot | null): void {
    this.showing.keepSpot(id, spot);
  }

  send(channel_id: ChannelId, text: string): void {
    this.act({ type: "send", channel_id, client_message_id: this.newId(), text: wellFormed(text) });
  }
  edit(channel_id: ChannelId, target: number, text: string): void {
    this.act({ type: "edit", channel_id, client_message_id: this.newId(), target, text: wellFormed(text) });
  }
  remove(channel_id: ChannelId, target: number): void {
    this.act({ type: "delete", channel_id, client_message_id: this.newId(), target });
  }

  /** Send a refused item once more. */
  async retry(item: OutboxItem): Promise<void> {
    if (item.problem?.code === NOT_STORED) return this.act(item.action); // there may be room by now
    if (item.problem?.code !== "conflict") return this.seat.publish(await this.kept.retry(item.client_message_id));
    await this.discard(item); // that id says something else already
    this.act({ ...item.action, client_message_id: this.newId() });
  }
  async discard(item: OutboxItem): Promise<void> {
    this.seat.publish(await this.kept.discard(item.client_message_id));
  }

  /** The rows up to `seq`, the `count`th message, were seen with the window in focus. */
  async sawUpTo(channel: ChannelId, seq: number, count: number): Promise<void> {
    const record = this.channels.value.get(channel);
    if (!record || (record.read_goal >= seq && record.read_count >= count)) return;
    const change = await this.ledger.readHere(channel, seq, count);
    if (change) this.seat.publish(change);
  }

  async openDirect(peer: UserId): Promise<ChannelId> {
    return this.meet(await this.parts.rest.makeDirect(peer));
  }
  async openGroup(name: string, members: UserId[]): Promise<ChannelId> {
    return this.meet(await this.parts.rest.makeGroup(name, members));
  }

  /** What of this channel calls for attention. Not kept for later: without a connection nothing changes. */
  async notify(channel: ChannelId, wanted: Notifications): Promise<void> {
    const told = await this.parts.rest.notify(channel, wanted);
    this.seat.publish(await this.ledger.keepNotifications(told));
  }

  /** The person writes in this channel: others may hear of it. */
  typing(channel: ChannelId): void {
    const now = this.parts.clock.now();
    if (now - this.typedAt < TYPING_MS) return;
    this.typedAt = now;
    this.seat.typing(channel);
  }

  /** What was begun in a channel; "" when it was sent or taken back. */
  keepDraft(channel: ChannelId, text: string, caret?: number): void {
    this.drafts.write(channel, text, caret);
    const drafted = new Map(this.drafted.value);
    if (text.trim()) drafted.set(channel, text);
    else drafted.delete(channel);
    this.drafted.value = drafted;
  }

  nameOf(id: UserId): string {
    return this.people.nameOf(id);
  }
  get byUsername(): ReadonlySignal<ReadonlyMap<string, User>> {
    return this.people.byUsername;
  }

  /** Everybody whose name this device has heard. */
  get knownPeople(): ReadonlySignal<ReadonlyMap<UserId, User>> {
    return this.people.known;
  }

  setMe(user: User): void {
    this.me.value = user;
    this.people.add([user]);
  }

  readMembers(): Promise<void> {
    return this.showing.readMembers();
  }

  // --- changes

  private act(action: Action): void {
    const { client_message_id, channel_id } = action;
    const item: OutboxItem = { client_message_id, channel_id, action, at: this.parts.clock.now(), problem: null };
    this.apply(changeOf({ waiting: [item] })); // on the screen now; sent once it is kept
    this.kept.keep(item).then(this.seat.publish, () => this.notKept(item));
    void askToPersist();
  }

  private notKept(item: OutboxItem): void {
    const problem = { code: NOT_STORED, status: 0, detail: "" };
    this.apply(changeOf({ waiting: [{ ...item, problem }], full: true }));
  }

  private async meet(channel: Channel): Promise<ChannelId> {
    this.seat.publish(await this.ledger.meet(channel));
    return channel.id;
  }

  private apply(change: Change): void {
    this.meanwhile?.push(change);
    batch(() => {
      this.applyToChannels(change);
      this.unsent.apply(change);
      this.people.add(change.people);
      if (change.full !== null) this.full.value = change.full;
      const me = change.people.find((user) => user.id === this.me.value.id);
      if (me || Object.keys(change.profile).length > 0) this.me.value = { ...this.me.value, ...me, ...change.profile };
      if (change.contacts) this.contactsVersion.value++;
      for (const row of change.rows) if (row.kind === "message") this.typists.stop(row.channel_id, row.author_id);
      this.showing.apply(change);
    });
  }

  private applyToChannels({ channels, gone }: Change): void {
    if (channels.length === 0 && gone.length === 0) return;
    const all = new Map(this.channels.value);
    for (const record of channels) all.set(record.id, record);
    for (const id of gone) all.delete(id);
    this.channels.value = all;
    this.people.add(peers(channels).filter((peer) => !this.people.known.value.has(peer.id)));
    this.complete.value = true;
  }

  // --- the connection

  private onLink(state: LinkState): void {
    if (state.kind === "signed_out") return this.parts.onSignedOut();
    void this.presences.linkIs(state.kind === "live");
    if (state.kind !== "live") return;
    this.complete.value = true;
    this.showing.refresh();
    void this.warming.begin(this.list.value);
  }

  private onRumour(rumour: Rumour): void {
    switch (rumour.type) {
      case "user":
        return void this.people.learn([rumour.user]);
      case "presence":
        return this.presences.hear(rumour.users);
      case "receipt":
        return this.showing.hear(rumour);
      case "typing":
        return void this.typists.hear(rumour.channel_id, rumour.user_id);
    }
  }
}

function peers(records: readonly ChannelRecord[]): User[] {
  return records.flatMap((record) => record.channel.peer ?? []);
}
