// How long to wait before trying again, and what ends the waiting early.
import type { Clock } from "../platform/clock";

const BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;

/** Full jitter (PROTOCOL): anything between nothing and a bound that doubles, up to 30 s. */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** attempt);
}

export class Patience {
  private attempt = 0;
  private pause = new AbortController();

  constructor(
    private readonly clock: Clock,
    private readonly stopped: AbortSignal,
  ) {}

  /** Something went well: the next wait is a short one again. */
  renew(): void {
    this.attempt = 0;
  }

  /** Something speaks for trying at once. */
  nudge(): void {
    this.renew();
    this.pause.abort();
  }

  /** Aborted by the next nudge. */
  get nudged(): AbortSignal {
    if (this.pause.signal.aborted) this.pause = new AbortController();
    return this.pause.signal;
  }

  /** Back off: at least `atLeastMs`, with full jitter on top, longer each time. */
  async backOff(atLeastMs: number): Promise<void> {
    await this.wait(atLeastMs + backoffMs(this.attempt++, () => this.clock.random()));
  }

  async wait(ms: number, ...also: AbortSignal[]): Promise<void> {
    await this.clock.sleep(ms, AbortSignal.any([this.stopped, this.nudged, ...also]));
  }

  /** For as long as it takes. */
  async waitForNudge(): Promise<void> {
    const over = AbortSignal.any([this.stopped, this.nudged]);
    await new Promise<void>((resolve) => over.addEventListener("abort", () => resolve()));
  }
}
