// Time as a test sets it.
import type { Clock } from "../src/platform/clock";

declare const setImmediate: (then: (value: unknown) => void) => void; // Node's: after all that is due now

export class HeldClock implements Clock {
  private time = 1_700_000_000_000;
  private readonly sleeping = new Set<{ due: number; wake: () => void }>();

  now(): number {
    return this.time;
  }
  random(): number {
    return 0.5;
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = {
        due: this.time + ms,
        wake: () => {
          this.sleeping.delete(sleeper);
          signal?.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      this.sleeping.add(sleeper);
      signal?.addEventListener("abort", sleeper.wake);
    });
  }

  /** Let `ms` pass, waking each sleeper at its time and letting it run before the next. */
  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      await settled();
      const next = [...this.sleeping].sort((a, b) => a.due - b.due)[0];
      if (!next || next.due > until) break;
      this.time = next.due;
      next.wake();
    }
    this.time = until;
    await settled();
  }
}

/** Everything that only waits for promises has run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
