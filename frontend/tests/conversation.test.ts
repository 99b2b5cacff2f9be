import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deleteDB } from "idb";
import { openDatabase, type MaruDatabase } from "../src/db/database";
import type { Rest } from "../src/net/rest";
import type { Member } from "../src/protocol/types";
import { Conversation } from "../src/state/conversation";
import { changeOf } from "../src/sync/change";
import { History } from "../src/sync/history";
import { Ledger } from "../src/sync/ledger";
import { ME, PEER, userOf, World } from "./world";

let db: MaruDatabase;
let world: World;
let conversation: Conversation;

beforeEach(async () => {
  db = await openDatabase(ME);
  world = new World();
  const asked: Pick<Rest, "page"> = { page: (id, place, limit) => world.page(id, place, limit) };
  const history = new History(db, new Ledger(db, ME), asked as Rest, () => undefined);
  conversation = new Conversation("c", history, () => undefined);
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
