// The open channel: the stretch of its timeline that is on screen, and who has read how far.
import { signal, batch } from "@preact/signals";
import type { ChannelRecord, Row } from "../db/database";
import type { ChannelId, Member, UserId } from "../protocol/types";
import { unreadOf } from "../sync/apply";
import type { Change } from "../sync/change";
import type { History, Stretch } from "../sync/history";
import { firstSeqAt } from "./days";
import type { Spot } from "./route";

const FIRST_ROWS = 32; // a window's height; what is above it comes when that is on the screen
const ENOUGH_ROWS = 20; // fewer stored ones are not shown alone if the server can give more
const ABOVE_UNREAD = 30;
const FAR_BEHIND = 150; // more unread than that: open at the first unread, not at the end
const MOST_ROWS = 300; // in the page; beyond, the far end is let go
const KEPT_ROWS = 200;

export class Conversation {
  readonly rows = signal<readonly Row[]>([]);
  readonly phase = signal<"loading" | "ready" | "failed" | "gone">("loading");
  readonly atStart = signal(false);
  readonly atEnd = signal(false);
  readonly olderFailed = signal(false);
  readonly members = signal<ReadonlyMap<UserId, Member>>(new Map());
  /** The divider stands above the first row after this seq; null: nothing was unread on opening. */
  readonly dividerAfter = signal<number | null>(null);

  /** Where the reader is to be brought; a new object each time. `lit`: to a message that they asked for. */
  readonly target = signal<(Spot & { lit: boolean }) | null>(null);
  /** What was asked for is neither here nor to be had without a connection. */
  readonly outOfReach = signal(false);

  /** It has been told to fill the screen. */
  started = false;
  /** The reader has found their place, or it has been found for them. */
  settled = false;
  /** The reader has the newest row before them. */
  endInSight = true;

  /** How often rows below the reader were let go; whoever draws them holds the reader's place then. */
  letGoBelow = 0;

  private from = 1;
  private to = 0;
  private busy = false;
  /** Grows when the screen starts over: what was asked for before is not shown any more. */
  private beginning = 0;
  private missed: Row[] | null = null;

  constructor(
    readonly id: ChannelId,
    private readonly history: History,
    private readonly record: () => ChannelRecord | undefined,
    /** Where to open; otherwise at the first unread message, or the end. */
    private opening: Spot | null = null,
  ) {}

  /** Fills the screen. Repeating it starts over. */
  async open(): Promise<void> {
    const record = this.record();
    if (!record) return;
    this.started = true;
    this.beginning++;
    const unread = unreadOf(record);
    const readSeq = Math.max(record.channel.read_seq, record.read_goal);
    if (this.phase.value !== "ready") this.dividerAfter.value = unread > 0 ? readSeq : null;
    const { opening } = this;
    this.opening = null;
    if (opening) {
      await this.goTo(opening);
      if (this.phase.value === "ready") return;
      this.settled = false;
      this.phase.value = "loading"; // not to be had: as if nobody had asked
      this.beginning++;
    }
    await this.load(() => {
      if (unread > FAR_BEHIND) return this.openAround(readSeq);
      return this.openAtEnd(Math.max(FIRST_ROWS, unread + ABOVE_UNREAD));
    });
  }

  /** Brings the reader there, loading what stands around it if it is not on the screen. */
  async goTo(spot: Spot): Promise<void> {
    this.outOfReach.value = false;
    this.settled = true;
    if (!this.holds(spot.seq)) {
      this.beginning++;
      await this.load(() => this.openAround(spot.seq - 1));
    }
    if (this.holds(spot.seq)) this.target.value = { ...spot, lit: spot.offset === null };
    else if (this.olderFailed.value) this.outOfReach.value = true;
  }

  /** The first row at or after that time, as far as it can be had. */
  async seqAt(time: number): Promise<number> {
    const pageFrom = (seq: number) => this.history.after(this.id, seq - 1).catch(() => null);
    return firstSeqAt(time, this.record()?.last ?? 0, pageFrom);
  }

  async toEnd(): Promise<void> {
    if (this.atEnd.value) return;
    this.beginning++;
    await this.load(() => this.openAtEnd(FIRST_ROWS));
  }

  async older(): Promise<void> {
    if (this.busy || this.atStart.value || this.phase.value !== "ready") return;
    await this.extend(async () => {
      const stretch = await this.history.before(this.id, this.from);
      return () => this.show(mergedRows(stretch.rows, this.rows.value), stretch.from, this.to, "start");
    });
  }

  async newer(): Promise<void> {
    if (this.busy || this.atEnd.value || this.phase.value !== "ready") return;
    await this.extend(async () => {
      const stretch = await this.history.after(this.id, this.to);
      return () => this.show(mergedRows(this.rows.value, stretch.rows), this.from, stretch.to, "end");
    });
  }

  /** What changed, from this tab's connection or another tab's. */
  apply(change: Change): void {
    if (change.gone.includes(this.id)) {
      this.phase.value = "gone";
      return;
    }
    if (change.cleared.includes(this.id)) return void this.open();
    const rows = change.rows.filter((row) => row.channel_id === this.id);
    this.missed?.push(...rows);
    this.writersHaveRead(rows);
    const last = this.record()?.last ?? this.to;
    const shown = rows.filter((row) => row.seq >= this.from && (this.atEnd.value || row.seq <= this.to));
    if (this.atEnd.value) this.to = Math.max(this.to, last);
    if (shown.length > 0) this.lay(mergedRows(this.rows.value, shown));
    if (!this.settled && this.dividerAfter.value === null) this.divideUnread();
    if (rows.length > 0 && this.phase.value === "gone") this.phase.value = "ready";
  }

  /** Of a flood only what the reader has before them; who has not found their place yet finds it anew. */
  private lay(rows: Row[]): void {
    this.show(rows, this.from, this.to, this.settled && this.endInSight ? "end" : "start");
    if (!this.settled && rows.length > MOST_ROWS) void this.open();
  }

  /** What the device keeps from the first row on the screen on; null when that row is not kept. */
  stored(): Promise<Stretch | null> {
    return this.history.storedAfter(this.id, this.from - 1, Infinity);
  }

  private holds(seq: number): boolean {
    return this.phase.value === "ready" && seq >= this.from && seq <= this.to;
  }

  /** The reader is at the end: what is far above is let go. */
  settleAtEnd(): void {
    const rows = this.rows.value;
    if (!this.atEnd.value || rows.length <= MOST_ROWS) return;
    const kept = rows.slice(-KEPT_ROWS);
    batch(() => {
      this.rows.value = kept;
      this.from = kept[0]!.seq;
      this.atStart.value = false;
    });
  }

  /** Rows come while nobody looks: the divider will stand above the first of them. */
  divideUnread(): void {
    const record = this.record();
    if (!record || unreadOf(record) === 0) return;
    this.dividerAfter.value = Math.max(record.channel.read_seq, record.read_goal);
  }

  // --- members and what they have read

  /** What was heard meanwhile may be further than what they were read with. */
  setMembers(members: readonly Member[]): void {
    const known = this.members.value;
    this.members.value = new Map(members.map((member) => [member.user.id, member]));
    for (const [user, { read_seq }] of known) this.hasRead(user, read_seq);
  }

  /** The row at `seq` has reached a device of everybody but its author. */
  deliveredToAll(seq: number, author: UserId): boolean {
    return this.others(author).every((member) => Math.max(member.delivered_seq, member.read_seq) >= seq);
  }

  readByAll(seq: number, author: UserId): boolean {
    return this.others(author).every((member) => member.read_seq >= seq);
  }

  private others(author: UserId): Member[] {
    return [...this.members.value.values()].filter((member) => member.user.id !== author);
  }

  hasRead(user: UserId, seq: number): void {
    const member = this.members.value.get(user);
    if (!member || member.read_seq >= seq) return;
    const delivered_seq = Math.max(member.delivered_seq, seq);
    this.members.value = new Map(this.members.value).set(user, { ...member, read_seq: seq, delivered_seq });
  }

  /** What one writes moves one's marker on the server, which sends no receipt for it. */
  private writersHaveRead(rows: readonly Row[]): void {
    for (const row of rows) if (row.kind === "message") this.hasRead(row.author_id, row.seq);
  }

  // --- loading

  private async openAtEnd(limit: number): Promise<Stretch> {
    const last = this.record()?.last ?? 0;
    try {
      return await this.history.before(this.id, last + 1, limit, ENOUGH_ROWS);
    } catch (error) {
      const stored = await this.history.storedBefore(this.id, last + 1, limit);
      if (stored) return stored; // less than one would like, but all there is without the server
      throw error;
    }
  }

  private async openAround(seq: number): Promise<Stretch> {
    const above = await this.history.before(this.id, seq + 1, ABOVE_UNREAD);
    const below = await this.history.after(this.id, seq);
    return { rows: mergedRows(above.rows, below.rows), from: above.from, to: below.to };
  }

  private async load(stretch: () => Promise<Stretch>): Promise<void> {
    await this.extend(async () => {
      const { rows, from, to } = await stretch();
      return () => {
        this.phase.value = "ready";
        this.show(rows, from, to, "end");
      };
    });
  }

  /** Runs one loading; rows that change meanwhile are laid over what was loaded. */
  private async extend(loading: () => Promise<() => void>): Promise<void> {
    const beginning = this.beginning;
    const missed: Row[] = [];
    this.busy = true;
    this.missed = missed;
    try {
      const show = await loading();
      if (beginning !== this.beginning) return;
      batch(() => {
        show();
        this.olderFailed.value = false;
        const shown = missed.filter((row) => row.seq >= this.from && (this.atEnd.value || row.seq <= this.to));
        if (shown.length > 0) this.rows.value = mergedRows(this.rows.value, shown);
      });
    } catch {
      if (beginning !== this.beginning) return;
      this.olderFailed.value = true; // said on the screen, with a way to try again
      if (this.phase.value === "loading") this.phase.value = "failed";
    } finally {
      if (beginning === this.beginning) {
        this.busy = false;
        this.missed = null;
      }
    }
  }

  /** `growing`: the side that was added to; the other side is let go when there are too many rows. */
  private show(rows: Row[], from: number, to: number, growing: "start" | "end"): void {
    const tooMany = rows.length > MOST_ROWS;
    if (tooMany && growing === "start") this.letGoBelow++;
    const kept = !tooMany ? rows : growing === "start" ? rows.slice(0, MOST_ROWS) : rows.slice(-MOST_ROWS);
    this.from = tooMany && growing === "end" ? kept[0]!.seq : from;
    this.to = tooMany && growing === "start" ? kept.at(-1)!.seq : to;
    this.rows.value = kept;
    this.atStart.value = this.from <= 1;
    this.atEnd.value = this.to >= (this.record()?.last ?? 0);
  }
}

/** Both, ascending by seq, each row once, in its newest version. */
export function mergedRows(rows: readonly Row[], added: readonly Row[]): Row[] {
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  for (const row of added) {
    const known = bySeq.get(row.seq);
    if (!known || known.version <= row.version) bySeq.set(row.seq, row);
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}
