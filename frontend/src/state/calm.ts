// How the connection is, as the person is told: a short interruption is nobody's business.
import { signal } from "@preact/signals";
import type { Clock } from "../platform/clock";
import type { LinkState } from "../net/ladder";

/** What the connection is, as a tab knows it. */
export type Link = LinkState | { kind: "elsewhere"; state: LinkState };

export const CALM_MS = 1_500;

/** Of the connection itself, whichever tab holds it. */
export const stateOf = (link: Link): LinkState => (link.kind === "elsewhere" ? link.state : link);
export const isLive = (link: Link): boolean => stateOf(link).kind === "live";

export class CalmLink {
  readonly told = signal<Link>({ kind: "connecting" });
  private latest: Link = this.told.value;
  private waiting: AbortController | null = null;

  constructor(private readonly clock: Clock) {}

  /** Good news are told at once, bad news when they last. */
  hear(link: Link): void {
    this.latest = link;
    if (isLive(this.told.value) && isLost(link)) return this.wait();
    this.waiting?.abort();
    this.told.value = link;
  }

  private wait(): void {
    if (this.waiting?.signal.aborted === false) return;
    const waiting = (this.waiting = new AbortController());
    void this.clock.sleep(CALM_MS, waiting.signal).then(() => {
      if (waiting.signal.aborted) return;
      waiting.abort();
      this.told.value = this.latest;
    });
  }
}

/** Without a server for the moment, and working on it. */
function isLost(link: Link): boolean {
  const state = stateOf(link);
  return state.kind === "connecting" || state.kind === "offline";
}
