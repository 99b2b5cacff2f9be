import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deleteDB } from "idb";
import { openDatabase, type MaruDatabase } from "../src/db/database";
import { Drafts } from "../src/db/drafts";
import { HeldClock } from "./held-clock";
import { ME } from "./world";

let db: MaruDatabase;
let clock: HeldClock;
let drafts: Drafts;

beforeEach(async () => {
  db = await openDatabase(ME);
  clock = new HeldClock();
  drafts = new Drafts(db, clock, ME);
});

afterEach(async () => {
  db.close();
  await deleteDB(`maru-${ME}`);
});

test("what is being written is read at once, and on the disk a moment after", async () => {
  drafts.write("c", "hal");
  drafts.write("c", "half a thought");
  expect(await drafts.read("c")).toBe("half a thought");
  expect(await db.get("drafts", "c")).toBeUndefined();
  await clock.pass(300);
  expect(await db.get("drafts", "c")).toBe("half a thought");
});

test("a page that goes away keeps it, whether or not its database answers any more", async () => {
  drafts.write("c", "before leaving");
  db.close();
  drafts.leave();
  db = await openDatabase(ME);
  const next = new Drafts(db, clock, ME);
  expect(await next.read("c")).toBe("before leaving");
  await next.flush();
  expect(await db.get("drafts", "c")).toBe("before leaving");
  expect(await new Drafts(db, clock, ME).read("d")).toBe("");
});

test("a page that goes away begins nothing in the database; the next one keeps it there", async () => {
  drafts.write("c", "before leaving");
  drafts.leave();
  expect(await db.count("drafts")).toBe(0);
  expect(await new Drafts(db, clock, ME).texts()).toEqual(new Map([["c", "before leaving"]]));
  expect(await db.get("drafts", "c")).toBe("before leaving");
});

test("an emptied field forgets it", async () => {
  drafts.write("c", "half a thought");
  await drafts.flush();
  drafts.write("c", "");
  await drafts.flush();
  expect(await db.get("drafts", "c")).toBeUndefined();
});

test("all that was begun is told, wherever the caret stands; blanks are not", async () => {
  drafts.write("c", "half a thought");
  drafts.write("d", "another", 3);
  drafts.write("e", " \n");
  expect(await drafts.texts()).toEqual(
    new Map([
      ["c", "half a thought"],
      ["d", "another"],
    ]),
  );
});
