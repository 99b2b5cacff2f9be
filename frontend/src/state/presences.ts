// Who is here, as far as the connection in use has told. Never kept: what is not known is not shown.
import { signal } from "@preact/signals";
import type { Clock } from "../platform/clock";
import type { Presence, Presences as Told, UserId } from "../protocol/types";

const DOUBT_MS = 1_500; // without a connection for longer, nothing of this is sure
const RENEWED_MS = 6_000; // by then a new connection has told it anew

interface Heard extends Presence {
  /** Of how many connections the last one told it. */
  connection: number;
}

export class Presences {
  private readonly known = signal<ReadonlyMap<UserId, Heard>>(new Map());
  private connection = 0;
  private connected = false;

  constructor(
    private readonly clock: Clock,
    private readonly closed: AbortSignal,
  ) {}

  /** Undefined where there is nothing to show. */
  of(id: UserId): Presence | undefined {
    return this.known.value.get(id);
  }

  /** All that is known, for a tab that comes later. */
  all(): Told {
    return Object.fromEntries(this.known.value);
  }

  hear(told: Told): void {
    const known = new Map(this.known.value);
    for (const [id, presence] of Object.entries(told)) {
      if (presence.state === "unknown") known.delete(id);
      else known.set(id, { ...presence, connection: this.connection });
    }
    this.known.value = known;
  }

  /** The connection came or went. A new one tells everything anew. */
  async linkIs(live: boolean): Promise<void> {
    if (live === this.connected) return;
    this.connected = live;
    if (!live) this.connection++;
    const connection = this.connection;
    await this.clock.sleep(live ? RENEWED_MS : DOUBT_MS, this.closed);
    if (this.connected !== live || this.connection !== connection) return;
    this.keep((heard) => live && heard.connection === connection);
  }

  private keep(wanted: (heard: Heard) => boolean): void {
    const kept = [...this.known.value].filter(([, heard]) => wanted(heard));
    if (kept.length < this.known.value.size) this.known.value = new Map(kept);
  }
}
