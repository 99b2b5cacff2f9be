// Everything a signed-in person sees, drawn from what the device keeps and from what changes.
import { batch, computed, signal, type Signal } from "@preact/signals";
import { forgetPerson, type ChannelRecord, type MaruDatabase, type OutboxItem } from "../db/database";
import { fillRandom, type Clock } from "../platform/clock";
import { leadWhenAlone, TabLine, tabsCanElect } from "../platform/tabs";
import { orderedUuids, uuid7 } from "../protocol/ids";
import { wellFormed } from "../protocol/text";
import type { Action, Channel, ChannelId, User, UserId } from "../protocol/types";
import type { Rumour } from "../net/inbox";
import type { LinkState } from "../net/ladder";
import type { Rest } from "../net/rest";
import { unreadOf } from "../sync/apply";
import { changeOf, type Change } from "../sync/change";
import { Engine } from "../sync/engine";
import { History } from "../sync/history";
import { Ledger } from "../sync/ledger";
import { Conversation } from "./conversation";

/** What the connection is, as this tab knows it. */
export type Link = LinkState | { kind: "elsewhere"; state: LinkState };

/** What the tabs of one person tell each other. */
type TabMessage =
  | { kind: "change"; change: Change }
  | { kind: "rumour"; rumour: Rumour }
  | { kind: "state"; state: LinkState }
  | { kind: "state?" };

const WARM_CHANNELS = 20;
const WARM_ROWS = 30;
const LOOK_AGAIN_MS = [2_000, 6_000, 20_000]; // after sending: has it been delivered? Receipts tell of reading only

export interface ChatParts {
  db: MaruDatabase;
  rest: Rest;
  clock: Clock;
  me: User;
  onSignedOut: () => void;
}

export class Chat {
  readonly me: Signal<User>;
  readonly link = signal<Link>({ kind: "connecting" });
  readonly channels = signal<ReadonlyMap<ChannelId, ChannelRecord>>(new Map());
  readonly people = signal<ReadonlyMap<UserId, User>>(new Map());
  readonly outbox = signal<ReadonlyMap<string, OutboxItem>>(new Map());
  readonly open = signal<Conversation | null>(null);
  /** Grows whenever something about the contacts changed. */
  readonly contactsVersion = signal(0);
  /** What the device keeps has been read. */
  readonly loaded = signal(false);
  /** The server has told its channels at least once: an empty list is really empty. */
  readonly complete = signal(false);

  /** Most recently active first. */
  readonly list = computed(() =>
    [...this.channels.value.values()].sort((a, b) => b.channel.head.at - a.channel.head.at || (a.id < b.id ? 1 : -1)),
  );
  readonly unread = computed(() => this.list.value.reduce((sum, record) => sum + unreadOf(record), 0));
  readonly waiting = computed(() => [...this.outbox.value.values()].filter((item) => !item.problem).length);

  private readonly ledger: Ledger;
  private readonly history: History;
  private readonly line: TabLine<TabMessage>;
  private readonly closed = new AbortController();
  private readonly newId = orderedUuids(() => this.parts.clock.now(), fillRandom);
  private engine: Engine | null = null;
  private readonly asked = new Set<UserId>();
  private warmed = false;
  private looks = 0;

  constructor(private readonly parts: ChatParts) {
    this.me = signal(parts.me);
    this.ledger = new Ledger(parts.db, parts.me.id);
    this.history = new History(parts.db, this.ledger, parts.rest, (change) => this.publish(change));
    this.line = new TabLine(`maru-${parts.me.id}`, (message) => this.hear(message));
  }

  /** Show what the device keeps. */
  async load(): Promise<void> {
    const [channels, people, items] = await Promise.all([
      this.ledger.channels(),
      this.ledger.people(),
      this.ledger.waiting(),
    ]);
    batch(() => {
      this.channels.value = new Map(channels.map((record) => [record.id, record]));
      this.people.value = new Map([...peers(channels), ...people, this.me.value].map((user) => [user.id, user]));
      this.outbox.value = new Map(items.map((item) => [item.client_message_id, item]));
      this.loaded.value = true;
      if (channels.length > 0) this.complete.value = true;
    });
  }

  /** Connect, once this tab is the one to do it. Only after the server has confirmed who is signed in. */
  connect(): void {
    this.line.post({ kind: "state?" });
    leadWhenAlone(`maru-lead-${this.parts.me.id}`, this.closed.signal, () => void this.lead());
    for (const [target, name] of WAKING_EVENTS) {
      target.addEventListener(name, () => this.wake(name === "online"), { signal: this.closed.signal });
    }
  }

  close(): void {
    this.closed.abort();
    this.engine?.stop();
    this.line.close();
    this.parts.db.close();
  }

  /** Remove everything of this person from the device. */
  async forget(): Promise<void> {
    this.close();
    await forgetPerson(this.parts.me.id);
  }

  // --- what the person does

  show(id: ChannelId | null): void {
    if (id === (this.open.value?.id ?? null)) return;
    if (id === null) {
      this.open.value = null;
      return;
    }
    const conversation = new Conversation(id, this.history, () => this.channels.value.get(id));
    this.open.value = conversation;
    if (this.channels.value.has(id)) this.fill(conversation);
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

  retry(item: OutboxItem): void {
    if (item.problem?.code !== "conflict") return void this.ledger.retry(item.client_message_id).then(this.publish);
    void this.ledger.discard(item.client_message_id).then(this.publish); // that id says something else already
    this.act({ ...item.action, client_message_id: this.newId() });
  }
  discard(item: OutboxItem): void {
    void this.ledger.discard(item.client_message_id).then(this.publish);
  }

  /** The rows up to `seq`, the `count`th message, were seen with the window in focus. */
  sawUpTo(channel: ChannelId, seq: number, count: number): void {
    const record = this.channels.value.get(channel);
    if (!record || (record.read_goal >= seq && record.read_count >= count)) return;
    void this.ledger.readHere(channel, seq, count).then((change) => change && this.publish(change));
  }

  async openDirect(peer: UserId): Promise<ChannelId> {
    return this.meet(await this.parts.rest.makeDirect(peer));
  }
  async openGroup(name: string, members: UserId[]): Promise<ChannelId> {
    return this.meet(await this.parts.rest.makeGroup(name, members));
  }

  draft(channel: ChannelId): Promise<string> {
    return this.ledger.draft(channel);
  }
  keepDraft(channel: ChannelId, text: string): void {
    void this.ledger.keepDraft(channel, text);
  }

  // --- names

  /** The name of a person; asked for, and empty for the moment, when it is not known yet. */
  nameOf(id: UserId): string {
    const user = this.people.value.get(id);
    if (!user) this.learn(id);
    return user?.display_name ?? "";
  }

  private learn(id: UserId): void {
    if (this.asked.has(id)) return;
    const first = this.asked.size === 0;
    this.asked.add(id);
    if (first) queueMicrotask(() => void this.learnAsked());
  }

  private async learnAsked(): Promise<void> {
    const ids = [...this.asked];
    try {
      for (let i = 0; i < ids.length; i += 50) {
        this.publish(await this.ledger.keepPeople(await this.parts.rest.users(ids.slice(i, i + 50))));
      }
      await this.parts.clock.sleep(60_000, this.closed.signal); // who is unknown is not asked for again soon
    } catch {
      await this.parts.clock.sleep(3_000, this.closed.signal); // without a name for now: the next drawing asks again
    } finally {
      this.asked.clear();
    }
  }

  setMe(user: User): void {
    this.me.value = user;
    this.people.value = new Map(this.people.value).set(user.id, user);
  }

  // --- members of the open channel

  async readMembers(): Promise<void> {
    const conversation = this.open.value;
    if (!conversation) return;
    try {
      const members = await this.parts.rest.members(conversation.id);
      conversation.setMembers(members);
      this.publish(await this.ledger.keepPeople(members.map((member) => member.user)));
    } catch {
      return; // shown without read numbers; asked again at the next connection or opening
    }
  }

  /** After sending: look now and then whether it has been delivered. */
  private async lookAgain(): Promise<void> {
    const look = ++this.looks;
    for (const ms of LOOK_AGAIN_MS) {
      await this.parts.clock.sleep(ms, this.closed.signal);
      if (look !== this.looks || this.closed.signal.aborted) return;
      await this.readMembers();
    }
  }

  // --- changes

  private act(action: Action): void {
    const { client_message_id, channel_id } = action;
    const item: OutboxItem = { client_message_id, channel_id, action, at: this.parts.clock.now(), problem: null };
    this.apply(changeOf({ waiting: [item] })); // on the screen now; sent once it is kept
    this.ledger.keep(item).then(this.publish, () => this.notKept(item));
  }

  private notKept(item: OutboxItem): void {
    const problem = { code: "not_stored", status: 0, detail: "" };
    this.apply(changeOf({ waiting: [{ ...item, problem }] }));
  }

  private async meet(channel: Channel): Promise<ChannelId> {
    this.publish(await this.ledger.meet(channel));
    return channel.id;
  }

  private readonly publish = (change: Change): void => {
    this.apply(change);
    this.line.post({ kind: "change", change });
    this.engine?.notice(change);
  };

  private apply(change: Change): void {
    batch(() => {
      if (change.channels.length || change.gone.length) {
        const channels = new Map(this.channels.value);
        for (const record of change.channels) channels.set(record.id, record);
        for (const id of change.gone) channels.delete(id);
        this.channels.value = channels;
        this.complete.value = true;
      }
      if (change.waiting.length || change.settled.length) {
        const outbox = new Map(this.outbox.value);
        for (const item of change.waiting) outbox.set(item.client_message_id, item);
        for (const id of change.settled) outbox.delete(id);
        this.outbox.value = outbox;
      }
      const people = [...change.people, ...peers(change.channels)];
      if (people.length) this.people.value = new Map([...this.people.value, ...people.map((u) => [u.id, u] as const)]);
      if (change.contacts) this.contactsVersion.value++;
      this.applyToOpen(change);
    });
  }

  private applyToOpen(change: Change): void {
    const conversation = this.open.value;
    if (!conversation) return;
    const known = this.channels.value.has(conversation.id);
    if (known && !conversation.started) this.fill(conversation);
    conversation.apply(change);
    const rows = change.rows.filter((row) => row.channel_id === conversation.id);

    if (rows.some((row) => row.kind === "join" || row.kind === "leave")) void this.readMembers();
    if (rows.some((row) => row.kind === "message" && row.author_id === this.me.value.id)) void this.lookAgain();
  }

  private fill(conversation: Conversation): void {
    void conversation.open();
    void this.readMembers();
  }

  // --- tabs and the connection

  private async lead(): Promise<void> {
    const newDevice = () => uuid7(this.parts.clock.now(), fillRandom);
    const device = tabsCanElect() ? await this.ledger.device(newDevice) : newDevice();
    if (this.closed.signal.aborted) return;
    this.engine = new Engine({
      ledger: this.ledger,
      rest: this.parts.rest,
      clock: this.parts.clock,
      device,
      openWire: () => new WebSocket(socketUrl()),
      isActive: () => document.visibilityState === "visible" && document.hasFocus(),
      isHidden: () => document.visibilityState === "hidden",
      publish: this.publish,
      onState: (state) => this.onState(state),
      onRumour: (rumour) => {
        this.onRumour(rumour);
        this.line.post({ kind: "rumour", rumour });
      },
    });
    this.engine.start();
  }

  private wake(networkChanged: boolean): void {
    if (document.visibilityState === "visible" || networkChanged) this.engine?.ladder.nudge(networkChanged);
  }

  private onState(state: LinkState): void {
    this.link.value = state;
    this.line.post({ kind: "state", state });
    this.onLinkChanged(state);
  }

  private onLinkChanged(state: LinkState): void {
    if (state.kind === "signed_out") return this.parts.onSignedOut();
    if (state.kind !== "live") return;
    this.complete.value = true;
    const conversation = this.open.value;
    if (conversation) {
      if (conversation.phase.value === "failed") void conversation.open();
      void this.readMembers();
    }
    if (!this.warmed) void this.warm();
  }

  private onRumour(rumour: Rumour): void {
    if (rumour.type === "user") void this.ledger.keepPeople([rumour.user]).then(this.publish);
    else if (rumour.channel_id === this.open.value?.id) this.open.value.hasRead(rumour.user_id, rumour.read_seq);
  }

  private hear(message: TabMessage): void {
    switch (message.kind) {
      case "change":
        this.apply(message.change);
        this.engine?.notice(message.change);
        return;
      case "rumour":
        return this.onRumour(message.rumour);
      case "state":
        if (this.engine) return;
        this.link.value = { kind: "elsewhere", state: message.state };
        return this.onLinkChanged(message.state);
      case "state?":
        if (this.engine) this.line.post({ kind: "state", state: this.engine.ladder.state });
        return;
    }
  }

  /** Read the latest rows of the most active channels, so that they open at once and show their last words. */
  private async warm(): Promise<void> {
    this.warmed = true;
    for (const record of this.list.value.slice(0, WARM_CHANNELS)) {
      if (record.preview || this.closed.signal.aborted) continue;
      try {
        await this.history.before(record.id, record.last + 1, WARM_ROWS);
      } catch {
        return; // they are read when they are opened
      }
    }
  }
}

const WAKING_EVENTS: [EventTarget, string][] = [
  [window, "online"],
  [window, "focus"],
  [document, "visibilitychange"],
];

function peers(records: readonly ChannelRecord[]): User[] {
  return records.flatMap((record) => record.channel.peer ?? []);
}

function socketUrl(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/ws`;
}
