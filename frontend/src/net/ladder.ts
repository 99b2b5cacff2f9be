// Keeps one connection alive on the best transport the network allows: WebSocket, else long poll, else poll;
// and on the best server that answers.
import type { Action, ChannelId } from "../protocol/types";
import type { Clock } from "../platform/clock";
import type { Inbox } from "./inbox";
import { outcomeOfError, type Outcome } from "./outcome";
import { Patience } from "./patience";
import { Refused, type Rest } from "./rest";
import type { Address, Servers } from "./servers";
import { OPEN_MS, Socket, type Closing, type Wire } from "./socket";

export type Rung = "websocket" | "longpoll" | "poll";

export type LinkState =
  | { kind: "connecting" }
  | { kind: "live"; rung: Rung }
  | { kind: "offline" }
  /** Another connection of this device took over; this one waits for the person to come back to it. */
  | { kind: "yielded" }
  | { kind: "signed_out" };

const YOUNG_MS = 10_000; // a socket that ends sooner "died young"
const AT_ONCE_MS = 1_000; // a server that says goodbye sooner than that is not followed without backing off
const HOLD_SECONDS = 25;
const POLL_MS = 5_000;
const HIDDEN_POLL_MS = 30_000;
const PROBE_MS = 60_000;
const SUSPICIOUS_SILENCE_MS = 30_000;

// Close codes of PROTOCOL "WebSocket"
const UNAUTHENTICATED = 4001;
const GONE_FOR_GOOD = new Set([UNAUTHENTICATED, 4003]);
const YIELD = new Set([4009]);

export interface LadderParts {
  openWire: (url: string) => Wire;
  servers: Servers;
  rest: Rest;
  inbox: Inbox;
  clock: Clock;
  device: string;
  /** The page is visible and in use. */
  isActive: () => boolean;
  isHidden: () => boolean;
  /** The channel somebody has in front of them. */
  onScreen: () => ChannelId | null;
  onState: (state: LinkState) => void;
}

/** What a look at `/sync?wait=0` says: it decides when the WebSocket says nothing (a browser cannot see its status). */
type Verdict = "fine" | "down" | "draining" | "signed_out";

export class Ladder {
  state: LinkState = { kind: "connecting" };
  private socket: Socket | null = null;
  private retryAfterMs = 0;
  /** The server whose socket was opened last. */
  private at: Address | null = null;
  private restart = false;
  private readonly stopped = new AbortController();
  private readonly patience: Patience;

  constructor(private readonly parts: LadderParts) {
    this.patience = new Patience(parts.clock, this.stopped.signal);
  }

  start(): void {
    void this.climb();
  }

  stop(): void {
    this.stopped.abort();
    this.socket?.close();
  }

  /** Something speaks for trying at once: the network came or went, or the page came to the front. */
  nudge(networkChanged: boolean): void {
    this.restart ||= networkChanged;
    this.socket?.suspect(networkChanged ? 0 : SUSPICIOUS_SILENCE_MS);
    this.patience.nudge();
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

  /** The person's attention changed: the server hears of it where that costs nothing. */
  attend(): void {
    this.socket?.attend();
  }

  /** The person is writing. Lost where no socket is live: nobody waits for it. */
  typing(channel_id: ChannelId): void {
    if (this.socket?.live) this.socket.tell({ type: "typing", channel_id });
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
    let failures = 0; // sockets in a row that did not open or died young where requests were answered
    for (let socket = opened ?? (await this.connect()); ; socket = await this.connect()) {
      const { welcomed, hung, closing } = await this.lifeOf(socket);
      if (this.stopped.signal.aborted) return "end";
      if (this.isOver(closing, welcomed)) return this.signedOut();
      if (closing.lived >= YOUNG_MS) {
        failures = 0;
        this.patience.renew();
      } else if (!closing.drained && !this.at?.elsewhere) failures += hung ? 2 : 1;
      if (YIELD.has(closing.code)) await this.yieldToOther();
      else if (closing.drained) await this.follow(closing);
      else if (welcomed && failures < 2) await this.goOn("down", closing.afterMs);
      else {
        const verdict = await this.look();
        if (verdict === "signed_out") return this.signedOut();
        if (verdict === "fine" && failures >= 2) return "longpoll";
        if (verdict !== "fine") failures = 0; // the server was away: says nothing about the network's manners
        await this.goOn(verdict, closing.afterMs);
      }
    }
  }

  private async byLongPoll(): Promise<[Rung | "end", Socket | null]> {
    let cuts = 0;
    let answers = true; // the present server has answered just now
    const probe = this.probeEveryMinute();
    this.show({ kind: "live", rung: "longpoll" });
    try {
      while (!this.stopped.signal.aborted) {
        const held = answers ? await this.hold(probe.found.signal) : "unasked";
        if (probe.socket) return ["websocket", probe.socket];
        if (this.restart) return ["websocket", null];
        if (held === "signed_out") return [this.signedOut(), null];
        if (held === "superseded") await this.yieldToOther();
        else if (held === "fine") cuts = 0;
        else if (held === "draining") {
          answers = false;
          await this.goOn(held);
        } else {
          const verdict = await this.look();
          if (verdict === "signed_out") return [this.signedOut(), null];
          answers = verdict === "fine";
          if (!answers) {
            cuts = 0;
            await this.goOn(verdict);
            continue;
          }
          this.show({ kind: "live", rung: "longpoll" });
          if (held === "cut" && ++cuts >= 2) return ["poll", null]; // answered at once, but never when held
          if (held === "cut") await this.patience.backOff(0);
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
          await this.patience.wait(this.parts.isHidden() ? HIDDEN_POLL_MS : POLL_MS, probe.found.signal);
        } else await this.goOn(verdict);
        if (probe.socket) return ["websocket", probe.socket];
        if (this.restart) return ["websocket", null];
      }
      return ["end", null];
    } finally {
      probe.stop();
    }
  }

  // --- from server to server

  /** The server is going away: to those it names, at the time it names. */
  private async follow(closing: Closing): Promise<void> {
    this.connecting();
    const named = closing.servers.length > 0;
    if (named) this.parts.servers.told({ servers: closing.servers });
    else this.parts.servers.next();
    if (named && closing.lived >= AT_ONCE_MS) await this.patience.wait(closing.afterMs);
    else await this.patience.backOff(closing.afterMs);
  }

  /** To the next server; backing off, unless the present one is going away and there is another. */
  private async goOn(verdict: Verdict, atLeastMs = 0): Promise<void> {
    this.connecting();
    const others = this.parts.servers.next();
    if (others && verdict === "draining") return this.patience.wait(atLeastMs);
    await this.patience.backOff(others ? atLeastMs : Math.max(atLeastMs, this.retryAfterMs));
  }

  /** Whether there is no use in trying again. A server on another host may not have known the ticket any more. */
  private isOver(closing: Closing, welcomed: boolean): boolean {
    const refusedElsewhere = closing.code === UNAUTHENTICATED && !welcomed && this.at?.elsewhere;
    return GONE_FOR_GOOD.has(closing.code) && !refusedElsewhere;
  }

  // --- one step on a rung

  /** A socket to the present server, or to the next one when that was given up. */
  private async connect(): Promise<Socket> {
    const { openWire, servers, inbox, clock, device, isActive, onScreen } = this.parts;
    this.at = await servers.address();
    const { socketUrl, ticket } = this.at;
    const onLive = () => this.show({ kind: "live", rung: "websocket" });
    const open = () => openWire(socketUrl);
    return new Socket({ open, inbox, clock, device, ticket, isActive, onScreen, onLive });
  }

  /** Until it ends. `hung`: nothing was heard of it in the time it had to open. */
  private async lifeOf(socket: Socket) {
    if (this.stopped.signal.aborted) socket.close();
    this.socket = socket;
    const startedAt = this.parts.clock.now();
    const welcomed = await socket.welcomed;
    const hung = !welcomed && this.parts.clock.now() - startedAt >= OPEN_MS;
    if (welcomed) this.restart = false;
    const closing = await socket.closed;
    this.socket = null;
    return { welcomed, hung, closing };
  }

  /** One held request. */
  private async hold(found: AbortSignal): Promise<"fine" | "cut" | "draining" | "superseded" | "signed_out"> {
    const signal = AbortSignal.any([this.stopped.signal, this.patience.nudged, found]);
    try {
      await this.ask(HOLD_SECONDS, signal);
      this.show({ kind: "live", rung: "longpoll" });
      return "fine";
    } catch (error) {
      if (signal.aborted) return "fine"; // let go by this page, not cut
      if (isRefused(error, "superseded")) return "superseded";
      const outcome = outcomeOfError(error);
      this.retryAfterMs = outcome.kind === "again" ? outcome.afterMs : 0;
      if (isRefused(error, "draining")) return "draining";
      return outcome.kind === "signed_out" ? "signed_out" : "cut";
    }
  }

  /** Ask at once for everything missed. */
  private async look(): Promise<Verdict> {
    try {
      await this.ask(0, this.stopped.signal);
      this.retryAfterMs = 0;
      this.patience.renew();
      return "fine";
    } catch (error) {
      if (this.stopped.signal.aborted) return "down";
      const outcome = outcomeOfError(error);
      if (outcome.kind === "signed_out") return "signed_out";
      this.retryAfterMs = outcome.kind === "again" ? outcome.afterMs : 0;
      if (this.parts.servers.others || this.retryAfterMs > 0) this.connecting(); // there, and has no place just now
      else this.show({ kind: "offline" });
      return isRefused(error, "draining") ? "draining" : "down";
    }
  }

  private async ask(wait: number, signal: AbortSignal): Promise<void> {
    const { rest, inbox, device, isActive, servers } = this.parts;
    const path = await servers.path();
    for (let more = true; more; ) {
      const place = { path, cursor: await inbox.cursor(), wait, device, active: isActive() };
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
        const socket = await this.connect();
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

  // --- what is told

  private async yieldToOther(): Promise<void> {
    this.show({ kind: "yielded" });
    await this.patience.waitForNudge();
  }

  /** Without a server for the moment. Who was told "offline" is told no better before it is. */
  private connecting(): void {
    if (this.state.kind !== "offline") this.show({ kind: "connecting" });
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

const isRefused = (error: unknown, code: string) => error instanceof Refused && error.problem.code === code;
