import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deleteDB } from "idb";
import { openDatabase, type ChannelRecord, type MaruDatabase } from "../src/db/database";
import type { Rest } from "../src/net/rest";
import type { Member, MessageEvent } from "../src/protocol/types";
import { Conversation } from "../src/state/conversation";
import { changeOf } from "../src/sync/change";
import { History } from "../src/sync/history";
import { Ledger } from "../src/sync/ledger";
import { ME, PEER, userOf, World } from "./world";

let db: MaruDatabase;
let world: World;
let conversation: Conversation;

const recordNow = (): ChannelRecord => {
  const channel = world.channelNow("c");
  return { id: "c", channel, last: channel.head.seq, spans: [], read_count: 0, read_goal: 0, preview: null };
};

beforeEach(async () => {
  db = await openDatabase(ME);
  world = new World();
  const asked: Pick<Rest, "page"> = { page: (id, place, limit) => world.page(id, place, limit) };
  const history = new History(db, new Ledger(db, ME), asked as Rest, () => undefined);
  conversation = new Conversation("c", history, recordNow);
});

afterEach(async () => {
  db.close();
  await deleteDB(db.name);
});

const member = (id: string, read_seq: number): Member => ({
  user: userOf(id), role: "member", joined_at: 0, read_seq, delivered_seq: read_seq,
});

test("who answers has read what stands before, though no receipt tells of it", () => {
  const { seq } = world.write("c", "Lunch?", ME);
  conversation.setMembers([member(ME, seq), member(PEER, 0)]);
  expect(conversation.readByAll(seq, ME)).toBe(false);
  conversation.apply(changeOf({ rows: [world.write("c", "Yes.", PEER)] }));
  expect(conversation.readByAll(seq, ME)).toBe(true);
});

test("members that were asked for before somebody read on do not take it back", () => {
  const { seq } = world.write("c", "Lunch?", ME);
  conversation.setMembers([member(ME, seq), member(PEER, 0)]);
  conversation.hasRead(PEER, seq);
  conversation.setMembers([member(ME, seq), member(PEER, 0)]);
  expect(conversation.readByAll(seq, ME)).toBe(true);
});

describe("a flood", () => {
  const flood = (count: number): MessageEvent[] => Array.from({ length: count }, (_, n) => world.write("c", `${n}`));
  const seqs = () => conversation.rows.value.map((row) => row.seq);

  test("leaves who reads further up where they are, and the rest for when they come to it", async () => {
    flood(40);
    await conversation.open();
    conversation.settled = true;
    conversation.endInSight = false;
    const first = seqs()[0];
    conversation.apply(changeOf({ rows: flood(1_000) }));
    expect(seqs()[0]).toBe(first);
    expect(seqs().length).toBeLessThanOrEqual(300);
    expect(conversation.atEnd.value).toBe(false);
    const last = seqs().at(-1)!;
    await conversation.newer();
    expect(seqs()).toContain(last + 1);
  });

  test("at the end shows the latest", async () => {
    flood(40);
    await conversation.open();
    conversation.settled = true;
    conversation.apply(changeOf({ rows: flood(1_000) }));
    expect(seqs().length).toBeLessThanOrEqual(300);
    expect(seqs().at(-1)).toBe(1_040);
    expect(conversation.atEnd.value).toBe(true);
    await conversation.older();
    expect(seqs()).toContain(800);
  });

  test("before one has found one's place begins with the first unread", async () => {
    flood(40);
    await conversation.open();
    conversation.apply(changeOf({ rows: flood(1_000) }));
    expect(seqs().length).toBeLessThanOrEqual(300);
    await expect.poll(() => seqs().length).toBeLessThan(100); // the page around the first unread
    expect(seqs()[0]).toBe(1);
    expect(conversation.atEnd.value).toBe(false);
  });
});
