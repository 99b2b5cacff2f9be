// Pages of a channel's timeline: from this device when it has them, else from the server, and then kept.
import type { ChannelRecord, MaruDatabase, Row, Span } from "../db/database";
import { firstRows, lastRows, type RowStore } from "../db/rows";
import { spanAround } from "../db/spans";
import type { Rest } from "../net/rest";
import type { ChannelId, Page } from "../protocol/types";
import { isRow } from "./apply";
import type { Change } from "./change";
import type { Ledger } from "./ledger";

const PAGE = 50;

/** Rows that follow each other without a gap from `from` to `to`, both included. */
export interface Stretch {
  rows: Row[];
  from: number;
  to: number;
}

export class History {
  constructor(
    private readonly db: MaruDatabase,
    private readonly ledger: Ledger,
    private readonly rest: Rest,
    private readonly publish: (change: Change) => void,
  ) {}

  /** What this device has of the stretch that ends at `before - 1`; null when it has nothing there. */
  async storedBefore(channel: ChannelId, before: number, limit = PAGE): Promise<Stretch | null> {
    const { rows: store, span } = await this.spanAround(channel, before - 1);
    if (!span) return null;
    const rows = await lastRows(store, channel, [span[0], before - 1], limit);
    const from = rows.length < limit ? span[0] : rows[0]!.seq;
    return { rows, from, to: before - 1 };
  }

  /** The stretch that ends at `before - 1`: stored, if there is enough or it goes back to the beginning. */
  async before(channel: ChannelId, before: number, limit = PAGE, enough = 1): Promise<Stretch> {
    if (before <= 1) return { rows: [], from: 1, to: 0 };
    const stored = await this.storedBefore(channel, before, limit);
    if (stored && (stored.rows.length >= enough || stored.from <= 1)) return stored;
    const page = await this.rest.page(channel, { before }, limit);
    const from = page.has_before && page.events[0] ? page.events[0].seq : 1;
    return this.keep(channel, page, [from, before - 1]);
  }

  async storedAfter(channel: ChannelId, after: number, limit = PAGE): Promise<Stretch | null> {
    const { rows: store, span } = await this.spanAround(channel, after + 1);
    if (!span) return null;
    const rows = await firstRows(store, channel, [after + 1, span[1]], limit);
    const to = rows.length < limit ? span[1] : rows.at(-1)!.seq;
    return { rows, from: after + 1, to };
  }

  /** The stretch that begins at `after + 1`. */
  async after(channel: ChannelId, after: number, limit = PAGE): Promise<Stretch> {
    const stored = await this.storedAfter(channel, after, limit);
    if (stored) return stored;
    const known = await this.ledger.channel(channel);
    const page = await this.rest.page(channel, { after }, limit);
    return this.keep(channel, page, [after + 1, endOf(page, after, known)]);
  }

  /** What is wholly stored around `seq`, and the rows as of then: both in one transaction, which is waited for once. */
  private async spanAround(channel: ChannelId, seq: number): Promise<{ rows: RowStore; span: Span | null }> {
    const tx = this.db.transaction(["channels", "rows"]);
    const record = await tx.objectStore("channels").get(channel);
    return { rows: tx.objectStore("rows"), span: record ? spanAround(record.spans, seq) : null };
  }

  private async keep(channel: ChannelId, page: Page, span: Span): Promise<Stretch> {
    const change = await this.ledger.takePage(channel, page, span);
    if (change) this.publish(change);
    const rows = change ? change.rows : page.events.filter(isRow);
    return { rows, from: span[0], to: span[1] };
  }
}

/** Up to where a page after `after` is complete: to what was known before it was asked for, when it is the last one. */
function endOf(page: Page, after: number, known: ChannelRecord | undefined): number {
  const lastSeq = page.events.at(-1)?.seq ?? after;
  return page.has_after ? lastSeq : Math.max(lastSeq, known?.last ?? 0);
}
