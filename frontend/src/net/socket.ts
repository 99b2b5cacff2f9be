// One WebSocket: hello, frames in, actions out. It does not reconnect; the ladder does.
import { readFrame } from "../protocol/parse";
import type { Action, ChannelId, ClientFrame, Cursor, ServerEntry, ServerFrame } from "../protocol/types";
import type { Clock } from "../platform/clock";
import type { Delivery, Inbox } from "./inbox";
import { outcomeOfCode, type Outcome } from "./outcome";

export const OPEN_MS = 5_000; // PROTOCOL "The client's duties" 3
const WELCOME_MS = 10_000;
const ANSWER_MS = 15_000;
const ACTIVE_BEAT_MS = 10_000;
const ACK_EVENTS = 50;
const ACK_MS = 1_000;
const ASKED_FOR = 1000;

export interface Closing {
  code: number;
  /** Milliseconds from the welcome to the end; 0 if there was no welcome. */
  lived: number;
  /** What the server asked for in its `bye`. */
  afterMs: number;
  /** The server is going away and said so; these it names to go on with. */
  drained: boolean;
  servers: ServerEntry[];
}

/** The part of the browser's WebSocket that is used. */
export type Wire = Pick<WebSocket, "send" | "close" | "readyState" | "onopen" | "onmessage" | "onclose" | "onerror">;

export interface SocketParts {
  open: () => Wire;
  inbox: Inbox;
  clock: Clock;
  device: string;
  /** For a server on another host. */
  ticket: string | null;
  isActive: () => boolean;
  onScreen: () => ChannelId | null;
  /** The missed events are through. */
  onLive: () => void;
}

export class Socket {
  /** True once the server said welcome; false when it ended, or took too long, before. */
  readonly welcomed: Promise<boolean>;
  readonly closed: Promise<Closing>;

  private readonly wire: Wire;
  private readonly ended = new AbortController();
  private welcomedAt = 0;
  private bye: Extract<ServerFrame, { type: "bye" }> | null = null;
  private heardAt: number;
  private toldActive = false;
  private silenceMs = 60_000;
  private resolveWelcomed!: (welcomed: boolean) => void;
  private resolveClosed!: (closing: Closing) => void;

  private nextId = 1;
  private readonly asked = new Map<number, (outcome: Outcome) => void>();

  private queue: Delivery[] = [];
  private draining = false;
  private readonly deferred: (() => void)[] = [];
  private unacked: { cursor: Cursor; events: number; since: number } | null = null;

  constructor(private readonly parts: SocketParts) {
    this.welcomed = new Promise((resolve) => (this.resolveWelcomed = resolve));
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    this.heardAt = parts.clock.now();
    this.wire = parts.open();
    this.wire.onopen = () => void this.greet();
    this.wire.onmessage = (event: MessageEvent<unknown>) => this.receive(event.data);
    this.wire.onclose = (event: CloseEvent) => this.end(event.code);
    this.wire.onerror = () => undefined; // a close follows
    void this.giveUpIfUnopened();
  }

  get live(): boolean {
    return this.welcomedAt > 0 && !this.ended.signal.aborted;
  }

  /** Resolves with the server's answer; `broke` if the connection ends first. */
  act(action: Action): Promise<Outcome> {
    const id = this.nextId++;
    const answered = new Promise<Outcome>((resolve) => this.asked.set(id, resolve));
    this.tell({ ...action, id });
    void this.parts.clock.sleep(ANSWER_MS, this.ended.signal).then(() => {
      if (this.asked.has(id)) this.close(); // nothing else is coming through either
    });
    return answered;
  }

  tell(frame: ClientFrame): void {
    if (this.wire.readyState === 1) this.wire.send(JSON.stringify(frame));
  }

  /** Tell whether the page is in use, and what is on its screen. */
  attend(): void {
    if (!this.live) return;
    this.toldActive = this.parts.isActive();
    this.tell({ type: "heartbeat", active: this.toldActive, open: this.parts.onScreen() });
  }

  /** The page woke up: if the line was silent for long, it is dead without knowing it. */
  suspect(afterMs: number): void {
    if (this.live && this.parts.clock.now() - this.heardAt > afterMs) this.close();
  }

  close(): void {
    this.wire.close(ASKED_FOR);
    this.end(1006); // not waiting for a peer that may be gone
  }

  // --- from the server

  private async greet(): Promise<void> {
    const cursor = await this.parts.inbox.cursor();
    const { device, ticket, isActive } = this.parts;
    this.toldActive = isActive();
    this.tell({ type: "hello", cursor, device, active: this.toldActive, ...(ticket ? { ticket } : {}) });
  }

  private receive(data: unknown): void {
    if (this.ended.signal.aborted) return;
    this.heardAt = this.parts.clock.now();
    try {
      this.understand(readFrame(String(data)));
    } catch {
      this.close(); // unreadable: the stored cursor is where to go on
    }
  }

  private understand(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        return this.onWelcome(frame);
      case "events":
        return this.deliver({ events: frame.events, cursor: frame.cursor ?? null, reset: [], heads: null });
      case "heartbeat":
        this.deliver({ events: [], cursor: frame.cursor, reset: [], heads: null });
        return this.attend();
      case "live":
        return this.whenDrained(this.parts.onLive);
      case "ok":
        return this.answer(frame.id, { kind: "done", event: frame.event ?? null });
      case "error":
        return this.onError(frame);
      case "bye":
        this.bye = frame;
        return;
      case "receipt":
      case "user":
      case "presence":
      case "typing":
        return this.parts.inbox.hear(frame);
      case "other":
        return;
    }
  }

  private onWelcome(frame: Extract<ServerFrame, { type: "welcome" }>): void {
    this.welcomedAt = this.parts.clock.now();
    this.silenceMs = frame.heartbeat_seconds * 2_000 + 5_000;
    // Heads come with a new start only: at the very beginning, or when the position cannot be continued.
    this.deliver({ events: [], cursor: frame.cursor, reset: frame.reset, heads: frame.heads ?? null });
    this.resolveWelcomed(true);
    if (this.parts.onScreen() !== null) this.attend();
    void this.beat();
    void this.watch();
  }

  private onError(frame: Extract<ServerFrame, { type: "error" }>): void {
    if (typeof frame.id !== "number") return;
    const retry_after = frame.retry_after ?? undefined;
    this.answer(frame.id, outcomeOfCode({ code: frame.code, status: 0, detail: frame.detail ?? "", retry_after }));
  }

  private answer(id: number, outcome: Outcome): void {
    this.asked.get(id)?.(outcome);
    this.asked.delete(id);
  }

  // --- to the inbox, in order, several frames at a time when they come faster than they are stored

  private deliver(delivery: Delivery): void {
    this.queue.push(delivery);
    if (!this.draining) void this.drain();
  }

  private whenDrained(then: () => void): void {
    if (this.draining) this.deferred.push(then);
    else then();
  }

  private async drain(): Promise<void> {
    this.draining = true;
    try {
      while (this.queue.length > 0 && !this.ended.signal.aborted) {
        const batch = joined(this.queue.splice(0, whole(this.queue)));
        await this.parts.inbox.take(batch);
        this.stored(batch);
      }
      for (const then of this.deferred.splice(0)) then();
    } catch {
      this.close(); // not stored: again from the stored cursor
    } finally {
      this.draining = false;
    }
  }

  private stored(batch: Delivery): void {
    if (batch.cursor === null) return;
    const events = (this.unacked?.events ?? 0) + batch.events.length;
    const waiting = this.unacked !== null;
    this.unacked = { cursor: batch.cursor, events, since: this.unacked?.since ?? this.parts.clock.now() };
    if (events >= ACK_EVENTS) this.acknowledge();
    else if (!waiting) void this.parts.clock.sleep(ACK_MS, this.ended.signal).then(() => this.acknowledge());
  }

  private acknowledge(): void {
    if (!this.unacked) return;
    this.tell({ type: "ack", cursor: this.unacked.cursor });
    this.unacked = null;
  }

  // --- the life of the line

  private async giveUpIfUnopened(): Promise<void> {
    const { clock } = this.parts;
    await clock.sleep(OPEN_MS, this.ended.signal);
    if (this.wire.readyState !== 1) return this.close();
    await clock.sleep(WELCOME_MS, this.ended.signal);
    if (!this.welcomedAt) this.close();
  }

  /** The server hears every 10 s that the page is in use, and once that it no longer is. */
  private async beat(): Promise<void> {
    while (!this.ended.signal.aborted) {
      await this.parts.clock.sleep(ACTIVE_BEAT_MS, this.ended.signal);
      if (this.toldActive || this.parts.isActive()) this.attend();
    }
  }

  private async watch(): Promise<void> {
    while (!this.ended.signal.aborted) {
      await this.parts.clock.sleep(this.silenceMs / 4, this.ended.signal);
      this.suspect(this.silenceMs);
    }
  }

  private end(code: number): void {
    if (this.ended.signal.aborted) return;
    this.ended.abort();
    const lived = this.welcomedAt ? this.parts.clock.now() - this.welcomedAt : 0;
    this.resolveWelcomed(false);
    for (const answer of this.asked.values()) answer({ kind: "broke" });
    this.asked.clear();
    const { bye } = this;
    const drained = bye?.code === "drain";
    this.resolveClosed({ code, lived, afterMs: bye?.after_ms ?? 0, drained, servers: bye?.servers ?? [] });
  }
}

/** How many of the waiting deliveries can be stored together: a new start stands alone. */
function whole(queue: readonly Delivery[]): number {
  const startsOver = (delivery: Delivery) => delivery.heads !== null || delivery.reset.length > 0;
  const next = queue.findIndex((delivery, place) => startsOver(delivery) || place >= 100);
  return next === -1 ? queue.length : Math.max(next, 1);
}

function joined(deliveries: Delivery[]): Delivery {
  if (deliveries.length === 1) return deliveries[0]!;
  const cursor = deliveries.reduce<Cursor | null>((latest, delivery) => delivery.cursor ?? latest, null);
  return { events: deliveries.flatMap((delivery) => delivery.events), cursor, reset: [], heads: null };
}
