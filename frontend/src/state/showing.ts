// Which conversation this tab shows, and where it was read; who is in it, and how far they have read.
import { signal, type ReadonlySignal } from "@preact/signals";
import type { ChannelRecord } from "../db/database";
import type { Receipt } from "../net/inbox";
import type { Rest } from "../net/rest";
import type { Clock } from "../platform/clock";
import type { Channel, ChannelId, User } from "../protocol/types";
import type { Change } from "../sync/change";
import type { History } from "../sync/history";
import { Conversation } from "./conversation";
import type { Spot } from "./route";

const LOOK_AGAIN_MS = [2_000, 6_000, 20_000]; // after sending: has it been delivered? Receipts tell of reading only

export interface ShowingParts {
  history: History;
  rest: Rest;
  clock: Clock;
  closed: AbortSignal;
  me: ReadonlySignal<User>;
  channels: ReadonlySignal<ReadonlyMap<ChannelId, ChannelRecord>>;
  learn: (people: User[]) => Promise<void>;
  /** Another conversation is shown, or none. */
  onTurn: () => void;
  /** A conversation is drawn whose people are of interest. */
  onDraw: () => void;
}

export class Showing {
  readonly open = signal<Conversation | null>(null);
  private readonly spots = new Map<ChannelId, Spot>();
  /** Where the person was brought last. */
  private spot: Spot | null = null;
  private looks = 0;

  constructor(private readonly parts: ShowingParts) {}

  /** What is known of the channel that is shown. */
  get channel(): Channel | null {
    const open = this.open.value;
    return (open && this.parts.channels.value.get(open.id)?.channel) ?? null;
  }

  /**
   * `spot`: where to read; otherwise where one read last, the first unread message, or the end. Showing the same once
   * more changes nothing. Resolves when the messages are there.
   */
  async show(id: ChannelId | null, spot: Spot | null): Promise<void> {
    const again = spot === this.spot;
    this.spot = spot;
    if (id === (this.open.value?.id ?? null)) {
      if (spot && !again) await this.open.value?.goTo(spot);
      return;
    }
    const record = () => (id === null ? undefined : this.parts.channels.value.get(id));
    const place = spot ?? (id === null ? null : (this.spots.get(id) ?? null));
    const conversation = id === null ? null : new Conversation(id, this.parts.history, record, place);
    this.open.value = conversation;
    this.parts.onTurn();
    if (conversation && record()) await this.fill(conversation);
  }

  /** The conversation is left: where it was read, null at its end. */
  keepSpot(id: ChannelId, spot: Spot | null): void {
    if (spot) this.spots.set(id, spot);
    else this.spots.delete(id);
  }

  apply(change: Change): void {
    const conversation = this.open.value;
    if (!conversation) return;
    if (!conversation.started && this.channel) void this.fill(conversation);
    conversation.apply(change);
    const rows = change.rows.filter((row) => row.channel_id === conversation.id);
    if (rows.some((row) => row.kind === "join" || row.kind === "leave")) void this.readMembers();
    const mine = rows.findLast((row) => row.kind === "message" && row.author_id === this.parts.me.value.id);
    if (mine) void this.lookAgain(conversation, mine.seq);
  }

  hear({ channel_id, user_id, read_seq }: Receipt): void {
    if (channel_id === this.open.value?.id) this.open.value.hasRead(user_id, read_seq);
  }

  /** The connection stands: what could not be read is read now, and what was not told is asked for. */
  refresh(): void {
    const conversation = this.open.value;
    if (conversation?.phase.value === "failed") void conversation.open();
    void this.readMembers();
    this.parts.onDraw();
  }

  /** Who is in it, and how far they have read. */
  async readMembers(): Promise<void> {
    const conversation = this.open.value;
    if (!conversation) return;
    try {
      const members = await this.parts.rest.members(conversation.id);
      conversation.setMembers(members);
      await this.parts.learn(members.map((member) => member.user));
    } catch {
      return; // shown without read numbers; asked again at the next connection or opening
    }
  }

  private fill(conversation: Conversation): Promise<void> {
    void this.readMembers();
    this.parts.onDraw();
    return conversation.open();
  }

  /** After sending: look now and then whether it has been delivered. */
  private async lookAgain(conversation: Conversation, seq: number): Promise<void> {
    const { clock, closed, me } = this.parts;
    const look = ++this.looks;
    for (const ms of LOOK_AGAIN_MS) {
      await clock.sleep(ms, closed);
      const outdated = look !== this.looks || this.open.value !== conversation || closed.aborted;
      if (outdated || conversation.deliveredToAll(seq, me.value.id)) return;
      await this.readMembers();
    }
  }
}
