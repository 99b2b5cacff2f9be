// Empties the outbox: in order, one under way per channel, again until the server has decided.
import type { Clock } from "../platform/clock";
import type { OutboxItem } from "../db/database";
import type { ChannelId } from "../protocol/types";
import type { Ladder } from "../net/ladder";
import { backoffMs } from "../net/patience";
import type { Change } from "./change";
import type { Outbox } from "./outbox";

const BROKE_TOO_OFTEN = 2; // sends that ended the socket: this item goes by REST from now on

export interface SenderParts {
  outbox: Outbox;
  link: Pick<Ladder, "reachable" | "act">;
  clock: Clock;
  publish: (change: Change) => void;
  onSignedOut: () => void;
}

export class Sender {
  private readonly busy = new Set<ChannelId>();
  private readonly breaks = new Map<string, number>();
  private paused = false;

  constructor(private readonly parts: SenderParts) {}

  /** Send what waits, in every channel that is not at it already. Returns without waiting for the sending. */
  async pump(): Promise<void> {
    if (this.paused || !this.parts.link.reachable) return;
    const waiting = (await this.parts.outbox.items()).filter((item) => !item.problem);
    for (const channel of new Set(waiting.map((item) => item.channel_id))) {
      if (!this.busy.has(channel)) void this.empty(channel);
    }
  }

  private async empty(channel: ChannelId): Promise<void> {
    this.busy.add(channel);
    try {
      for (let attempt = 0; this.parts.link.reachable && !this.paused; ) {
        const item = await this.first(channel);
        if (!item) return;
        attempt = (await this.sendOnce(item, attempt)) ? 0 : attempt + 1;
      }
    } finally {
      this.busy.delete(channel);
    }
  }

  /** True when the server has decided. */
  private async sendOnce(item: OutboxItem, attempt: number): Promise<boolean> {
    const { outbox, link, clock, publish } = this.parts;
    const id = item.client_message_id;
    const outcome = await link.act(item.action, (this.breaks.get(id) ?? 0) >= BROKE_TOO_OFTEN);
    switch (outcome.kind) {
      case "done":
        this.breaks.delete(id);
        publish(await outbox.settle(item, outcome.event));
        return true;
      case "refused":
        publish(await outbox.refuse(id, outcome.problem));
        return true;
      case "broke":
        this.breaks.set(id, (this.breaks.get(id) ?? 0) + 1);
        return false;
      case "again":
        await clock.sleep(outcome.afterMs + backoffMs(attempt, () => clock.random()));
        return false;
      case "signed_out":
        this.paused = true;
        this.parts.onSignedOut();
        return false;
    }
  }

  private async first(channel: ChannelId): Promise<OutboxItem | undefined> {
    const items = await this.parts.outbox.items();
    return items.find((item) => item.channel_id === channel && !item.problem);
  }
}
