// What this person wrote and the server has not decided about, as the screen shows it.
import { computed, signal } from "@preact/signals";
import type { OutboxItem } from "../db/database";
import type { Change } from "../sync/change";

export class Unsent {
  readonly items = signal<ReadonlyMap<string, OutboxItem>>(new Map());
  readonly waiting = computed(() => [...this.items.value.values()].filter((item) => !item.problem).length);
  /** Another tab may have sent an item before this one hears that it is kept: it does not wait again. */
  private readonly settled = new Set<string>();

  load(items: OutboxItem[]): void {
    this.items.value = new Map(items.map((item) => [item.client_message_id, item]));
  }

  apply({ waiting, settled }: Pick<Change, "waiting" | "settled">): void {
    if (waiting.length === 0 && settled.length === 0) return;
    const items = new Map(this.items.value);
    for (const id of settled) {
      this.settled.add(id);
      items.delete(id);
    }
    for (const item of waiting) if (!this.settled.has(item.client_message_id)) items.set(item.client_message_id, item);
    this.items.value = items;
  }
}
