// The one connection of a browser: stores what comes, repairs gaps, sends what waits, repeats the read markers.
import type { Clock } from "../platform/clock";
import type { ChannelRecord } from "../db/database";
import type { Delivery, Inbox, Rumour } from "../net/inbox";
import { Ladder, type LinkState } from "../net/ladder";
import { Refused, type Rest } from "../net/rest";
import type { Servers } from "../net/servers";
import type { Wire } from "../net/socket";
import type { Channel, ChannelId, ChatEvent, Cursor } from "../protocol/types";
import { leaves, type Need } from "./apply";
import type { Change } from "./change";
import type { Ledger } from "./ledger";
import type { Outbox } from "./outbox";
import { Sender } from "./sender";

const GAP_PAGE = 200;
const MARKER_MS = 400; // read markers of fast reading are sent together

export interface EngineParts {
  ledger: Ledger;
  outbox: Outbox;
  rest: Rest;
  clock: Clock;
  openWire: (url: string) => Wire;
  servers: Servers;
  device: string;
  isActive: () => boolean;
  isHidden: () => boolean;
  onScreen: () => ChannelId | null;
  publish: (change: Change) => void;
  onState: (state: LinkState) => void;
  onRumour: (rumour: Rumour) => void;
}

/** A gap could not be filled: the position stays where it is and the connection starts again. */
class Unfilled extends Error {}

export class Engine implements Inbox {
  readonly ladder: Ladder;
  private readonly sender: Sender;
  private turn: Promise<void> = Promise.resolve();
  private readonly markersSent = new Map<ChannelId, number>();
  private readonly markersDue = new Map<ChannelId, number>();
  private readonly stopped = new AbortController();

  constructor(private readonly parts: EngineParts) {
    const { outbox, clock, publish } = parts;
    const onState = (state: LinkState) => this.onState(state);
    this.ladder = new Ladder({ ...parts, inbox: this, onState });
    const onSignedOut = () => this.stopSignedOut();
    this.sender = new Sender({ outbox, link: this.ladder, clock, publish, onSignedOut });
  }

  start(): void {
    this.ladder.start();
  }

  stop(): void {
    this.stopped.abort();
    this.ladder.stop();
  }

  /** A change made in any tab: there may be something to send. */
  notice(change: Change): void {
    if (change.waiting.length > 0) void this.sender.pump();
    this.markLater(change.channels);
  }

  // --- Inbox

  cursor(): Promise<Cursor | null> {
    return this.parts.ledger.cursor();
  }

  hear(rumour: Rumour): void {
    this.parts.onRumour(rumour);
  }

  /** One after the other, whatever transport they come by. */
  take(delivery: Delivery): Promise<void> {
    const done = this.turn.then(() => this.store(delivery));
    this.turn = done.catch(() => undefined); // the one who delivered hears of it
    return done;
  }

  private async store(delivery: Delivery): Promise<void> {
    if (this.stopped.signal.aborted) throw new Unfilled("stopped");
    const asked = new Map<ChannelId, Channel | null>();
    let { events } = delivery;
    for (;;) {
      const taken = await this.parts.ledger.take({ ...delivery, events }, asked);
      if ("change" in taken) {
        this.parts.publish(taken.change);
        for (const channel of taken.uncounted) void this.recount(channel);
        if (taken.behind) throw new Unfilled("shown but not kept"); // the connection continues from what is kept
        return;
      }
      if (taken.need.kind === "channel") asked.set(taken.need.channel_id, await this.findChannel(taken.need.channel_id));
      else events = await this.withGapFilled(events, taken.need);
    }
  }

  /** The events with those that were missing before them; without the channel's, when it is no longer ours. */
  private async withGapFilled(events: ChatEvent[], need: Extract<Need, { kind: "gap" }>): Promise<ChatEvent[]> {
    const { channel_id, after } = need;
    try {
      // The log's answer is final: a gap has `after + 1` as its first event.
      const missing = await this.parts.rest.log(channel_id, after, GAP_PAGE);
      const known = new Set(missing.map((event) => event.seq));
      if (!known.has(after + 1)) throw new Unfilled(`${channel_id} has nothing after ${after}`);
      const before = events.filter((event) => event.channel_id === channel_id && event.seq <= after);
      const rest = events.filter((event) => event.channel_id !== channel_id || event.seq > after);
      const beyond = rest.filter((event) => event.channel_id !== channel_id || !known.has(event.seq));
      return [...before, ...missing, ...beyond];
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.status !== 404) throw error;
      const { me } = this.parts.ledger;
      return events.filter((event) => event.channel_id !== channel_id || leaves(event, me));
    }
  }

  private async findChannel(id: ChannelId): Promise<Channel | null> {
    try {
      return await this.parts.rest.channel(id);
    } catch (error) {
      if (error instanceof Refused && error.problem.status === 404) return null;
      throw error;
    }
  }

  private async recount(id: ChannelId): Promise<void> {
    const channel = await this.findChannel(id).catch(() => null); // the count is made right at the next chance
    if (channel) this.parts.publish(await this.parts.ledger.recount(channel));
  }

  // --- what this person does

  private onState(state: LinkState): void {
    this.parts.onState(state);
    if (state.kind !== "live") return;
    void this.sender.pump();
    this.markersSent.clear();
    void this.parts.ledger.channels().then((records) => this.markLater(records));
  }

  private stopSignedOut(): void {
    this.stop();
    this.parts.onState({ kind: "signed_out" });
  }

  private markLater(records: readonly ChannelRecord[]): void {
    const idle = this.markersDue.size === 0;
    for (const { id, read_goal, channel } of records) {
      if (read_goal > Math.max(channel.read_seq, this.markersSent.get(id) ?? 0)) this.markersDue.set(id, read_goal);
    }
    if (idle && this.markersDue.size > 0) {
      void this.parts.clock.sleep(MARKER_MS, this.stopped.signal).then(() => this.mark());
    }
  }

  private mark(): void {
    const due = [...this.markersDue];
    this.markersDue.clear();
    if (!this.ladder.reachable) return; // repeated once it is
    for (const [channel, seq] of due) {
      this.markersSent.set(channel, seq);
      void this.ladder.markRead(channel, seq);
    }
  }
}
