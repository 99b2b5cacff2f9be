// Keeps one connection alive on the best transport the network allows: WebSocket, else long poll, else poll.
import type { Action, ChannelId } from "../protocol/types";
import type { Clock } from "../platform/clock";
import type { Inbox } from "./inbox";
import { outcomeOfError, type Outcome } from "./outcome";
import { Refused, type Rest } from "./rest";
import { OPEN_MS, Socket, type Wire } from "./socket";

export type Rung = "websocket" | "longpoll" | "poll";

export type LinkState =
  | { kind: "connecting" }
  | { kind: "live"; rung: Rung }
  | { kind: "offline" }
  /** Another connection of this device took over; this one waits for the person to come back to it. */
  | { kind: "yielded" }
  | { kind: "signed_out" };

const YOUNG_MS = 10_000; // a socket that ends sooner "died young"
const HOLD_SECONDS = 25;
const POLL_MS = 5_000;
const HIDDEN_POLL_MS = 30_000;
const PROBE_MS = 60_000;
const BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
const SUSPICIOUS_SILENCE_MS = 30_000;

// Close codes of PROTOCOL "WebSocket"
const GONE_FOR_GOOD = new Set([4001, 4003]);
const YIELD = new Set([4009]);

/** Full jitter (PROTOCOL): anything between nothing and a bound that doubles, up to 30 s. */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** attempt);
}

export interface LadderParts {
  openWire: () => Wire;
  rest: Rest;
  inbox: Inbox;
  clock: Clock;
  device: string;
  /** The page is visible and in use. */
  isActive: () => boolean;
  isHidden: () => boolean;
  onState: (state: LinkState) => void;
}

/** What a look at `/sync?wait=0` says: it decides when the WebSocket says nothing (a browser cannot see its status). */
type Verdict = "fine" | "down" | "signed_out";

export class Ladder {
  state: LinkState = { kind: "connecting" };
  private socket: Socket | null = null;
  private attempt = 0;
  private retryAfterMs = 0;
  private pause = new AbortController();
  private restart = false;
  private readonly stopped = new AbortController();

  constructor(private readonly parts: LadderParts) {}

  start(): void {
    void this.climb();
  }

  stop(): void {
    this.stopped.abort();
    this.pause.abort();
    this.socket?.close();
  }

  /** Something speaks for trying at once: the network is back, or the page came to the front. */
  nudge(networkChanged: boolean): void {
    this.attempt = 0;
    this.restart ||= networkChanged;
    this.socket?.suspect(networkChanged ? 0 : SUSPICIOUS_SILENCE_MS);
    this.pause.abort();
  }

  get reachable(): boolean {
    return this.state.kind === "live";
  }

  /** One attempt, over the socket if it is live and `avoidSocket` does not forbid it, else over REST. */
  async act(action: Action, avoidSocket: boolean): Promise<Outcome> {
    if (this.socket?.live && !avoidSocket) return this.socket.act(action);
    try {
      return { kind: "done", event: await this.parts.rest.act(action) };
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  /** Best effort: the marker is repeated at every new connection. */
  async markRead(channel_id: ChannelId, seq: number): Promise<void> {
    if (this.socket?.live) return this.socket.tell({ type: "read", channel_id, seq });
    await this.parts.rest.markRead(channel_id, seq).catch((error: unknown) => void outcomeOfError(error));
  }

  // --- the ladder

  private async climb(): Promise<void> {
    let next: Rung | "end" = "websocket";
    let opened: Socket | null = null;
    while (next !== "end" && !this.stopped.signal.aborted) {
      if (next === "websocket") next = await this.bySocket(opened);
      else [next, opened] = next === "longpoll" ? await this.byLongPoll() : await this.byPoll();
    }
  }

  /** Returns when another rung is to be tried. `opened`: a socket that is welcomed already. */
  private async bySocket(opened: Socket | null): Promise<Rung | "end"> {
    let failures = 0; // sockets in a row that did not open or died young
    for (let socket = opened ?? this.newSocket(); ; socket = this.newSocket()) {
      this.socket = socket;
      const startedAt = this.parts.clock.now();
      const welcomed = await socket.welcomed;
      const hung = !welcomed && this.parts.clock.now() - startedAt >= OPEN_MS;
      if (welcomed) this.restart = false;
      const closing = await socket.closed;
      this.socket = null;
      if (this.stopped.signal.aborted) return "end";
      if (GONE_FOR_GOOD.has(closing.code)) return this.signedOut();
      if (YIELD.has(closing.code)) {
        await this.yieldToOther();
        continue;
      }
      if (closing.lived >= YOUNG_MS) {
        failures = 0;
        this.attempt = 0;
      } else failures += hung ? 2 : 1;
      if (!welcomed || failures >= 2) {
        const verdict = await this.look();
        if (verdict === "signed_out") return this.signedOut();
        if (verdict === "fine" && failures >= 2) return "longpoll";
        if (verdict === "down") failures = 0; // the server was away: says nothing about the network's manners
      } else this.show({ kind: "connecting" });
      await this.rest(Math.max(closing.afterMs, this.retryAfterMs));
    }
  }

  private async byLongPoll(): Promise<[Rung | "end", Socket | null]> {
    let cuts = 0;
    const probe = this.probeEveryMinute();
    this.show({ kind: "live", rung: "longpoll" });
    try {
      while (!this.stopped.signal.aborted) {
        const held = await this.hold(probe.found.signal);
        if (probe.socket) return ["websocket", probe.socket];
        if (this.restart) return ["websocket", null];
        if (held === "signed_out") return [this.signedOut(), null];
        if (held === "superseded") await this.yieldToOther();
        else if (held === "fine") cuts = 0;
        else {
          const verdict = await this.look();
          if (verdict === "signed_out") return [this.signedOut(), null];
          cuts = verdict === "fine" ? cuts + 1 : 0;
          if (cuts >= 2) return ["poll", null]; // answered at once, but never when held
          if (verdict === "fine") this.show({ kind: "live", rung: "longpoll" });
          await this.rest(this.retryAfterMs);
        }
      }
      return ["end", null];
    } finally {
      probe.stop();
    }
  }

  private async byPoll(): Promise<[Rung | "end", Socket | null]> {
    const probe = this.probeEveryMinute();
    try {
      while (!this.stopped.signal.aborted) {
        const verdict = await this.look();
        if (verdict === "signed_out") return [this.signedOut(), null];
        if (verdict === "fine") {
          this.show({ kind: "live", rung: "poll" });
          await this.wait(this.parts.isHidden() ? HIDDEN_POLL_MS : POLL_MS, probe.found.signal);
        } else await this.rest(this.retryAfterMs);
        if (probe.socket) return ["websocket", probe.socket];
        if (this.restart) return ["websocket", null];
      }
      return ["end", null];
    } finally {
      probe.stop();
    }
  }

  // --- one step on a rung

  private newSocket(): Socket {
    const { openWire, inbox, clock, device, isActive } = this.parts;
    const onLive = () => this.show({ kind: "live", rung: "websocket" });
    return new Socket({ open: openWire, inbox, clock, device, isActive, onLive });
  }

  /** One held request. */
  private async hold(found: AbortSignal): Promise<"fine" | "cut" | "superseded" | "signed_out"> {
    const signal = AbortSignal.any([this.stopped.signal, this.pauseSignal(), found]);
    try {
      await this.ask(HOLD_SECONDS, signal);
      this.show({ kind: "live", rung: "longpoll" });
      return "fine";
    } catch (error) {
      if (signal.aborted) return "fine"; // let go by this page, not cut
      if (error instanceof Refused && error.problem.code === "superseded") return "superseded";
      return outcomeOfError(error).kind === "signed_out" ? "signed_out" : "cut";
    }
  }

  /** Ask at once for everything missed. */
  private async look(): Promise<Verdict> {
    try {
      await this.ask(0, this.stopped.signal);
      this.retryAfterMs = 0;
      this.attempt = 0;
      return "fine";
    } catch (error) {
      if (this.stopped.signal.aborted) return "down";
      const outcome = outcomeOfError(error);
      if (outcome.kind === "signed_out") return "signed_out";
      this.retryAfterMs = outcome.kind === "again" ? outcome.afterMs : 0;
      this.show({ kind: "offline" });
      return "down";
    }
  }

  private async ask(wait: number, signal: AbortSignal): Promise<void> {
    const { rest, inbox, device, isActive } = this.parts;
    for (let more = true; more; ) {
      const place = { cursor: await inbox.cursor(), wait, device, active: isActive() };
      const answer = await rest.sync(place, signal);
      await inbox.take(answer);
      more = answer.more;
    }
  }

  /** Tries a WebSocket now and then beside the rung in use. `found` fires when one is welcomed. */
  private probeEveryMinute() {
    const ended = new AbortController();
    const found = new AbortController();
    const probe = { socket: null as Socket | null, found, stop: () => ended.abort() };
    const run = async () => {
      while (!ended.signal.aborted) {
        await this.parts.clock.sleep(PROBE_MS, ended.signal);
        if (ended.signal.aborted || this.parts.isHidden()) continue;
        const socket = this.newSocket();
        const welcomed = await socket.welcomed;
        if (ended.signal.aborted) return socket.close();
        if (!welcomed) continue;
        probe.socket = socket;
        return found.abort();
      }
    };
    void run();
    return probe;
  }

  // --- waiting

  /** Back off: at least `atLeastMs`, with full jitter, ended early by a nudge. */
  private async rest(atLeastMs: number): Promise<void> {
    await this.wait(atLeastMs + backoffMs(this.attempt++, () => this.parts.clock.random()));
  }

  private async wait(ms: number, ...also: AbortSignal[]): Promise<void> {
    await this.parts.clock.sleep(ms, AbortSignal.any([this.stopped.signal, this.pauseSignal(), ...also]));
  }

  private async yieldToOther(): Promise<void> {
    this.show({ kind: "yielded" });
    const nudged = AbortSignal.any([this.stopped.signal, this.pauseSignal()]);
    await new Promise<void>((resolve) => nudged.addEventListener("abort", () => resolve()));
  }

  private pauseSignal(): AbortSignal {
    if (this.pause.signal.aborted) this.pause = new AbortController();
    return this.pause.signal;
  }

  private signedOut(): "end" {
    this.show({ kind: "signed_out" });
    return "end";
  }

  private show(state: LinkState): void {
    const same = JSON.stringify(state) === JSON.stringify(this.state);
    this.state = state;
    if (!same) this.parts.onState(state);
  }
}

