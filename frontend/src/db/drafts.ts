// What was begun in a conversation and not sent: one text a conversation, kept while it is being written.
import type { Clock } from "../platform/clock";
import type { ChannelId } from "../protocol/types";
import type { MaruDatabase } from "./database";

const REST_MS = 300; // typing goes on: one write for many keys

export class Drafts {
  /** Written here and not yet on the disk. */
  private readonly due = new Map<ChannelId, string>();
  private resting = false;

  constructor(
    private readonly db: MaruDatabase,
    private readonly clock: Clock,
  ) {}

  /** The text that was begun; "" when there is none. */
  async read(channel: ChannelId): Promise<string> {
    return this.due.get(channel) ?? (await this.db.get("drafts", channel)) ?? "";
  }

  /** Keep it, soon; "" forgets it. */
  write(channel: ChannelId, text: string): void {
    this.due.set(channel, text);
    if (this.resting) return;
    this.resting = true;
    void this.clock.sleep(REST_MS).then(() => {
      this.resting = false;
      return this.flush();
    });
  }

  /** Keep now what is due: the page is about to go. Never rejects: what could not be kept stays due. */
  async flush(): Promise<void> {
    const due = [...this.due];
    if (due.length === 0) return;
    try {
      // One transaction, begun and committed at once: a page that goes away waits for nothing.
      const tx = this.db.transaction("drafts", "readwrite", { durability: "relaxed" });
      for (const [channel, text] of due) void (text ? tx.store.put(text, channel) : tx.store.delete(channel));
      tx.commit();
      await tx.done;
      for (const [channel, text] of due) if (this.due.get(channel) === text) this.due.delete(channel);
    } catch {
      return; // no room, or this tab gave way to another: still in the field, and tried again with the next key
    }
  }
}
