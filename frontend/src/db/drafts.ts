// What was begun in a conversation and not sent: one text a conversation, kept while it is being written.
import type { Clock } from "../platform/clock";
import type { ChannelId } from "../protocol/types";
import type { MaruDatabase } from "./database";

/** `caret`: where writing goes on. */
export interface Draft {
  text: string;
  caret: number;
}

const REST_MS = 300; // typing goes on: one write for many keys

export class Drafts {
  /** Written here and not yet on the disk. */
  private readonly due = new Map<ChannelId, Draft>();
  private resting = false;

  constructor(
    private readonly db: MaruDatabase,
    private readonly clock: Clock,
  ) {}

  /** The text that was begun; "" when there is none. */
  async read(channel: ChannelId): Promise<string> {
    return (await this.open(channel)).text;
  }

  /** The same, and where the caret stood. */
  async open(channel: ChannelId): Promise<Draft> {
    const kept = this.due.get(channel) ?? (await this.db.get("drafts", channel)) ?? "";
    return typeof kept === "string" ? { text: kept, caret: kept.length } : kept;
  }

  /** Where something was begun. */
  channels(): Promise<ChannelId[]> {
    return this.db.getAllKeys("drafts");
  }

  /** Keep it, soon; "" forgets it. */
  write(channel: ChannelId, text: string, caret = text.length): void {
    this.due.set(channel, { text, caret });
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
      for (const [channel, draft] of due) {
        void (draft.text ? tx.store.put(valueOf(draft), channel) : tx.store.delete(channel));
      }
      tx.commit();
      await tx.done;
      for (const [channel, draft] of due) if (this.due.get(channel) === draft) this.due.delete(channel);
    } catch {
      return; // no room, or this tab gave way to another: still in the field, and tried again with the next key
    }
  }
}

/** With the caret at its end a draft is its text. */
function valueOf(draft: Draft): string | Draft {
  return draft.caret === draft.text.length ? draft.text : draft;
}
