// Where a person's attention is, over all tabs of a browser: the one connection tells the server of it.
import type { Clock } from "../platform/clock";
import type { Gaze } from "../platform/gaze";
import type { ChannelId } from "../protocol/types";

const BELIEVED_MS = 15_000; // what another tab said; it repeats it while it holds

/** What a tab is used for. `open`: the channel it shows. */
export interface Glance {
  active: boolean;
  open: ChannelId | null;
}

export interface AttentionParts {
  gaze: Gaze;
  clock: Clock;
  /** The channel this tab shows. */
  shown: () => ChannelId | null;
}

export class Attention {
  private readonly others = new Map<string, Glance & { at: number }>();

  constructor(private readonly parts: AttentionParts) {}

  /** Of this tab. */
  get here(): Glance {
    const { gaze, shown } = this.parts;
    return { active: gaze.active, open: gaze.visible ? shown() : null };
  }

  /** Of the tab that is in use, whichever it is. */
  get anywhere(): Glance {
    const { here } = this;
    return here.active ? here : (this.activeElsewhere() ?? here);
  }

  /** Whether there are other tabs. */
  get shared(): boolean {
    return this.others.size > 0;
  }

  /** The tab `tab` says so. */
  hear(tab: string, glance: Glance): void {
    this.others.delete(tab); // the one heard last stands last
    this.others.set(tab, { ...glance, at: this.parts.clock.now() });
  }

  private activeElsewhere(): Glance | undefined {
    const since = this.parts.clock.now() - BELIEVED_MS;
    for (const [tab, { at }] of this.others) if (at < since) this.others.delete(tab);
    return [...this.others.values()].findLast((glance) => glance.active);
  }
}
