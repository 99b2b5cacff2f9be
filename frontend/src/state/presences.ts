// Who is here, as far as the connection in use has told. Never kept: what is not known is not shown.
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Clock } from "../platform/clock";
import type { Rest } from "../net/rest";
import type { Channel, Presence, Presences as Told, UserId } from "../protocol/types";
import { isLive, stateOf, type Link } from "./calm";

const DOUBT_MS = 1_500; // without a connection for longer, nothing of this is sure
const RENEWED_MS = 6_000; // by then a new connection has told it anew
const LOOK_MS = 30_000; // where it does not come by itself

interface Heard extends Presence {
  /** Of how many connections the last one told it. */
  connection: number;
}

export interface PresencesParts {
  rest: Pick<Rest, "presences">;
  clock: Clock;
  link: ReadonlySignal<Link>;
  /** The channel on this tab's screen. */
  shown: () => Channel | null;
  closed: AbortSignal;
}

export class Presences {
  private readonly known = signal<ReadonlyMap<UserId, Heard>>(new Map());
  private connection = 0;
  private connected = false;

  constructor(private readonly parts: PresencesParts) {}

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
    await this.parts.clock.sleep(live ? RENEWED_MS : DOUBT_MS, this.parts.closed);
    if (this.connected !== live || this.connection !== connection) return;
    this.keep((heard) => live && heard.connection === connection);
  }

  /** Ask who of the channel on the screen is here. The stream tells it too, but of groups only after a while. */
  async look(): Promise<void> {
    const channel = this.parts.shown();
    if (!channel || !isLive(this.parts.link.value) || (this.streamed && channel.kind === "direct")) return;
    const told = await this.parts.rest.presences(channel.id).catch(() => null); // then nothing is shown
    if (told) this.hear(told);
  }

  /** For as long as it does not come by itself. */
  async lookNowAndThen(): Promise<void> {
    const { clock, closed } = this.parts;
    while (!closed.aborted) {
      await clock.sleep(LOOK_MS, closed);
      if (!this.streamed && document.visibilityState === "visible") await this.look();
    }
  }

  /** Requests that are held or repeated bring no presence. */
  private get streamed(): boolean {
    const state = stateOf(this.parts.link.value);
    return state.kind === "live" && state.rung === "websocket";
  }

  private keep(wanted: (heard: Heard) => boolean): void {
    const kept = [...this.known.value].filter(([, heard]) => wanted(heard));
    if (kept.length < this.known.value.size) this.known.value = new Map(kept);
  }
}
