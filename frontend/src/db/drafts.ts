// What was begun in a conversation and not sent: one text a conversation, kept while it is being written.
import type { Clock } from "../platform/clock";
import { readSetting, writeSetting } from "../platform/settings";
import type { ChannelId, UserId } from "../protocol/types";
import type { MaruDatabase } from "./database";

/** `caret`: where writing goes on. */
export interface Draft {
  text: string;
  caret: number;
}

const REST_MS = 300; // typing goes on: one write for many keys

export class Drafts {
  /** Written here, or by a page that went away, and not yet in the database. */
  private readonly due: Map<ChannelId, Draft>;
  private readonly lastWords: string;
  private resting = false;

  constructor(
    private readonly db: MaruDatabase,
    private readonly clock: Clock,
    person: UserId,
  ) {
    this.lastWords = `drafts.${person}`;
    this.due = lastWordsIn(this.lastWords);
  }

  /** The text that was begun; "" when there is none. */
  async read(channel: ChannelId): Promise<string> {
    return (await this.open(channel)).text;
  }

  /** The same, and where the caret stood. */
  async open(channel: ChannelId): Promise<Draft> {
    const kept = this.due.get(channel) ?? (await this.db.get("drafts", channel)) ?? "";
    return draftOf(kept);
  }

  /** What was begun, also by a page that went away; nothing blank. */
  async texts(): Promise<Map<ChannelId, string>> {
    await this.flush();
    const { store } = this.db.transaction("drafts");
    const [channels, kept] = await Promise.all([store.getAllKeys(), store.getAll()]);
    const texts = channels.map((channel, i): [ChannelId, string] => [channel, draftOf(kept[i]!).text]);
    return new Map(texts.filter(([, text]) => text.trim()));
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

  /**
   * The page goes away: said where it is kept at once. Nothing is begun in the database: WebKit stops a page in the
   * middle of it, keeps it for the way back, and the next page would wait for it until then.
   */
  leave(): void {
    if (this.due.size === 0) return;
    const words = new Map([...lastWordsIn(this.lastWords), ...this.due]); // another tab may have gone just before
    writeSetting(this.lastWords, JSON.stringify([...words]));
  }

  forget(): void {
    this.due.clear();
    writeSetting(this.lastWords, null);
  }

  /** Keep now what is due. Never rejects: what could not be kept stays due. */
  async flush(): Promise<void> {
    const due = [...this.due];
    if (due.length === 0) return;
    try {
      const tx = this.db.transaction("drafts", "readwrite", { durability: "relaxed" });
      for (const [channel, draft] of due) {
        const write = draft.text ? tx.store.put(valueOf(draft), channel) : tx.store.delete(channel);
        write.catch(() => undefined); // the transaction tells
      }
      await tx.done;
      for (const [channel, draft] of due) if (this.due.get(channel) === draft) this.due.delete(channel);
      if (this.due.size === 0 && readSetting(this.lastWords)) writeSetting(this.lastWords, null);
    } catch {
      return; // no room, or this tab gave way to another: still in the field, and tried again with the next key
    }
  }
}

function draftOf(kept: string | Draft): Draft {
  return typeof kept === "string" ? { text: kept, caret: kept.length } : kept;
}

/** With the caret at its end a draft is kept as its text. */
function valueOf(draft: Draft): string | Draft {
  return draft.caret === draft.text.length ? draft.text : draft;
}

function lastWordsIn(setting: string): Map<ChannelId, Draft> {
  return new Map(JSON.parse(readSetting(setting) ?? "[]") as [ChannelId, Draft][]); // written by `leave`, nobody else
}
