// Tries every way messages can travel from this browser through whatever stands before the server. The connection in
// use is not disturbed: this is no device of the person, nothing is acknowledged and nothing taken over.
import type { Clock } from "../platform/clock";
import { readFrame, readSyncAnswer } from "../protocol/parse";
import type { Cursor } from "../protocol/types";
import type { Wire } from "./socket";

export type Way = "websocket" | "longpoll" | "poll";
export const WAYS: readonly Way[] = ["websocket", "longpoll", "poll"];

/** Times in milliseconds. */
export type Finding =
  | { kind: "good"; ms: number }
  /** The upgrade, or the request, was answered with something else. The browser tells no status of an upgrade. */
  | { kind: "refused"; ms: number; status: number | null }
  /** It was held, and ended before its time. */
  | { kind: "cut"; ms: number; status: number | null }
  /** The upgrade went through, and nothing said on it arrived. */
  | { kind: "silent"; ms: number }
  /** It arrived, long after it was sent. */
  | { kind: "late"; ms: number };

export interface DoctorParts {
  /** Of the page: scheme, host and port. */
  origin: string;
  clock: Clock;
  openWire: (url: string) => Wire;
  fetch: (path: string, signal: AbortSignal) => Promise<Response>;
  /** How long a line must be held open to count as good. */
  holdSeconds: number;
}

const API = "/api/v1";
const ANSWER_MS = 15_000;
const LATE_MS = 5_000;

export class Doctor {
  constructor(private readonly parts: DoctorParts) {}

  /** All ways at once; each is told as soon as it is known. */
  async examine(tell: (way: Way, finding: Finding) => void, stopped: AbortSignal): Promise<void> {
    const socket = this.socket(stopped).then((finding) => tell("websocket", finding));
    const { finding, cursor } = await this.poll(stopped);
    tell("poll", finding);
    tell("longpoll", cursor === null ? finding : await this.longPoll(cursor, stopped));
    await socket;
  }

  private async poll(stopped: AbortSignal): Promise<{ finding: Finding; cursor: Cursor | null }> {
    const { finding, body } = await this.ask("/sync?wait=0", ANSWER_MS, stopped);
    return { finding, cursor: body === null ? null : readSyncAnswer(body).cursor };
  }

  /** Something may arrive meanwhile and end it early: then it was not cut. */
  private async longPoll(cursor: Cursor, stopped: AbortSignal): Promise<Finding> {
    const heldMs = this.parts.holdSeconds * 1000;
    const path = `/sync?wait=${this.parts.holdSeconds}&cursor=${encodeURIComponent(cursor)}`;
    const { finding } = await this.ask(path, heldMs + ANSWER_MS, stopped);
    if (finding.kind === "good" && finding.ms > heldMs + LATE_MS) return { kind: "late", ms: finding.ms };
    return finding.kind === "refused" ? { ...finding, kind: "cut" } : finding;
  }

  private async ask(path: string, timeoutMs: number, stopped: AbortSignal) {
    const { clock, fetch } = this.parts;
    const begun = clock.now();
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)]);
    const since = () => clock.now() - begun;
    let status: number | null = null;
    try {
      const response = await fetch(API + path, signal);
      status = response.status;
      const body: unknown = response.ok ? await response.json() : null;
      const finding: Finding = response.ok ? { kind: "good", ms: since() } : { kind: "refused", ms: since(), status };
      return { finding, body };
    } catch {
      return { finding: { kind: "refused", ms: since(), status } satisfies Finding, body: null }; // no answer at all
    }
  }

  /** Opened, welcomed, and held open. */
  private async socket(stopped: AbortSignal): Promise<Finding> {
    const { clock, origin, openWire, holdSeconds } = this.parts;
    const begun = clock.now();
    const since = () => clock.now() - begun;
    const wire = openWire(`${origin.replace(/^http/, "ws")}${API}/ws`);
    const over = new AbortController();
    const welcomed = new AbortController();
    let opened = false;
    let welcomedMs = 0;
    wire.onopen = () => {
      opened = true;
      wire.send(JSON.stringify({ type: "hello", cursor: null, device: null, active: false }));
    };
    wire.onmessage = (event: MessageEvent<unknown>) => {
      if (readFrame(String(event.data)).type !== "welcome") return;
      welcomedMs = since();
      welcomed.abort();
    };
    wire.onerror = () => undefined; // a close follows
    wire.onclose = () => over.abort();
    await clock.sleep(ANSWER_MS, AbortSignal.any([stopped, over.signal, welcomed.signal]));
    if (welcomed.signal.aborted) await clock.sleep(holdSeconds * 1000, AbortSignal.any([stopped, over.signal]));
    const ended = over.signal.aborted;
    const endedMs = since();
    wire.onclose = null;
    wire.close(1000);
    if (!opened) return { kind: "refused", ms: endedMs, status: ended ? await this.statusOfUpgrade(stopped) : null };
    if (!welcomed.signal.aborted) return { kind: ended ? "cut" : "silent", ms: endedMs, status: null };
    return ended ? { kind: "cut", ms: endedMs, status: null } : { kind: "good", ms: welcomedMs };
  }

  /** What the same address says to a plain request: the page of a proxy often tells itself that way. */
  private async statusOfUpgrade(stopped: AbortSignal): Promise<number | null> {
    const { finding } = await this.ask("/ws", ANSWER_MS, stopped);
    return "status" in finding ? finding.status : null;
  }
}

/** What is missing in the configuration of a proxy. */
export type Ailment = "upgrade" | "timeout" | "buffering";

/** By what was found; nothing where even a plain request fails: that is no matter of configuration. */
export function ailmentsOf(findings: ReadonlyMap<Way, Finding>): Ailment[] {
  if (findings.get("poll")?.kind !== "good") return [];
  const kinds = [...findings.values()].map(({ kind }) => kind);
  const socket = findings.get("websocket")?.kind;
  const ailments: [Ailment, boolean][] = [
    ["upgrade", socket === "refused"],
    ["timeout", kinds.includes("cut")],
    ["buffering", kinds.includes("silent") || kinds.includes("late")],
  ];
  return ailments.flatMap(([ailment, found]) => (found ? [ailment] : []));
}

export const PROXIES = ["nginx", "Caddy", "Apache", "Traefik"] as const;
export type ProxyName = (typeof PROXIES)[number];

/** Lines for each proxy, as their manuals have them. The server stands at 127.0.0.1:8000 in them. */
export const REMEDIES: Record<Ailment, Record<ProxyName, string>> = {
  upgrade: {
    nginx: 'proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection "upgrade";',
    Caddy: "reverse_proxy 127.0.0.1:8000  # passes WebSocket by itself: no header_up -Upgrade, no header_up -Connection",
    Apache: 'ProxyPass "/" "http://127.0.0.1:8000/" upgrade=websocket  # 2.4.47 or later',
    Traefik: "# passes WebSocket by itself: no middleware may remove the headers Upgrade and Connection",
  },
  timeout: {
    nginx: "proxy_read_timeout 75s;\nproxy_send_timeout 75s;",
    Caddy: "reverse_proxy 127.0.0.1:8000 {\n  transport http {\n    response_header_timeout 75s\n    read_timeout 75s\n  }\n}",
    Apache: "ProxyTimeout 75",
    Traefik: "entryPoints:\n  websecure:\n    transport:\n      respondingTimeouts:\n        readTimeout: 75s\n        idleTimeout: 180s",
  },
  buffering: {
    nginx: "proxy_buffering off;\nproxy_request_buffering off;",
    Caddy: "reverse_proxy 127.0.0.1:8000 {\n  flush_interval -1\n}",
    Apache: 'ProxyPass "/" "http://127.0.0.1:8000/" flushpackets=on',
    Traefik: "# take the buffering middleware off this router",
  },
};
