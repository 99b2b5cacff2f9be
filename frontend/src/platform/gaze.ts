// Whether somebody is at this page: it is in front and was touched not long ago.
import type { Clock } from "./clock";

const IDLE_MS = 5 * 60_000; // nobody sits for longer in front of a page without touching anything
const GRACE_MS = 5_000; // who looks elsewhere for a moment is still here
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel"];

/** How the page stands on the screen. */
export interface View {
  visible: () => boolean;
  focused: () => boolean;
}

export const browserView: View = {
  visible: () => document.visibilityState === "visible",
  focused: () => document.hasFocus(),
};

export class Gaze {
  private usedAt: number;
  private lookedAt = -Infinity;
  /** As it was last asked for. */
  private wasActive = false;

  constructor(
    private readonly clock: Clock,
    private readonly view: View,
    /** Somebody is here again, after nobody was when it was last asked for. */
    private readonly onReturn: () => void,
  ) {
    this.usedAt = clock.now();
  }

  get visible(): boolean {
    return this.view.visible();
  }

  get active(): boolean {
    const now = this.clock.now();
    if (this.visible && this.view.focused() && now - this.usedAt < IDLE_MS) this.lookedAt = now;
    this.wasActive = now - this.lookedAt < GRACE_MS;
    return this.wasActive;
  }

  /** A hand is on it. */
  used(): void {
    if (!this.visible) return;
    this.usedAt = this.lookedAt = this.clock.now();
    if (!this.wasActive) this.onReturn();
    this.wasActive = true;
  }

  /** It was put aside just now. */
  left(): void {
    if (this.clock.now() - this.usedAt < IDLE_MS) this.lookedAt = this.clock.now();
  }
}

/** Lets `gaze` follow what happens to the page, until `signal` is aborted. */
export function follow(gaze: Gaze, signal: AbortSignal): void {
  const passively = { signal, passive: true, capture: true };
  for (const sign of SIGNS) addEventListener(sign, () => gaze.used(), passively);
  addEventListener("focus", () => gaze.used(), { signal });
  addEventListener("blur", () => gaze.left(), { signal });
  const turned = () => (gaze.visible ? gaze.used() : gaze.left());
  document.addEventListener("visibilitychange", turned, { signal });
}
