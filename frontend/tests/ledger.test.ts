import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deleteDB } from "idb";
import { openDatabase, type MaruDatabase, type OutboxItem } from "../src/db/database";
import { Engine } from "../src/sync/engine";
import { History } from "../src/sync/history";
import { Ledger } from "../src/sync/ledger";
import { Outbox } from "../src/sync/outbox";
import { unreadOf } from "../src/sync/apply";
import type { Change } from "../src/sync/change";
import type { ChatEvent } from "../src/protocol/types";
import type { Delivery } from "../src/net/inbox";
import type { Rest } from "../src/net/rest";
import { Servers } from "../src/net/servers";
import { HeldClock, settled } from "./held-clock";
import { ME, PEER, refuse, World } from "./world";

let db: MaruDatabase;
let ledger: Ledger;
let outbox: Outbox;
let engine: Engine;
let history: History;
let world: World;
let changes: Change[];

beforeEach(async () => {
  db = await openDatabase(ME);
  ledger = new Ledger(db, ME);
  outbox = new Outbox(db);
  world = new World();
  changes = [];
  const asked: Pick<Rest, "log" | "channel" | "page"> = {
    log: (id, after, limit) => world.log(id, after, limit),
    channel: (id) => world.channel(id),
    page: (id, place, limit) => world.page(id, place, limit),
  };
  const rest = asked as Rest;
  const publish = (change: Change) => void changes.push(change);
  const clock = new HeldClock();
  const servers = new Servers({ read: () => refuse(503), clock, origin: "https://chat.example" });
  engine = new Engine({
    ledger, outbox, rest, clock, servers, device: "d", publish,
    openWire: () => { throw new Error("no connection in these tests"); },
    isActive: () => true, isHidden: () => false, onScreen: () => null,
    onState: () => undefined, onRumour: () => undefined,
  });
  history = new History(db, ledger, rest, publish);
});

afterEach(async () => {
  db.close();
  await deleteDB(`maru-${ME}`);
});

const bring = (events: ChatEvent[], rest: Partial<Delivery> = {}) =>
  engine.take({ events, cursor: null, reset: [], heads: null, ...rest });
const begin = () =>
  bring([], { heads: [...world.logs.keys()].filter((id) => id !== ME).map((id) => world.channelNow(id)), cursor: "c0" });
const rowsOf = async (channel: string) =>
  (await db.getAll("rows", IDBKeyRange.bound([channel, 0], [channel, Infinity]))).filter((row) => row.kind !== "overlay");
const waitingItem = (id: string, channel = "c"): OutboxItem => ({
  client_message_id: id, channel_id: channel, at: 1, problem: null,
  action: { type: "send", channel_id: channel, client_message_id: id, text: "hello" },
});

describe("what comes is kept", () => {
  test("events and the cursor they lead to are stored together", async () => {
    world.start("c");
    await begin();
    await bring([world.write("c", "one"), world.write("c", "two")], { cursor: "c1" });
    expect(await ledger.cursor()).toBe("c1");
    expect((await rowsOf("c")).map((row) => row.seq)).toEqual([2, 3]);
    expect((await ledger.channel("c"))?.last).toBe(3);
  });

  test("what this person changed of their profile elsewhere is told, and once", async () => {
    await begin();
    const chosen = world.say(ME, { kind: "settings", author_id: ME, profile: { presence: "contacts" } });
    const again = world.say(ME, { kind: "settings", author_id: ME, profile: { presence: "nobody", locale: null } });
    await bring([chosen, again], { cursor: "c1" });
    await bring([chosen], { cursor: "c1" });
    expect(changes.map((change) => change.profile)).toEqual([{}, { presence: "nobody", locale: null }, {}]);
  });

  test("a batch that cannot be completed moves neither rows nor cursor", async () => {
    world.start("c");
    await begin();
    world.write("c", "lost");
    const late = world.write("c", "late");
    world.log = () => Promise.reject(new Error("the network is away"));
    await expect(bring([late], { cursor: "c9" })).rejects.toThrow("the network is away");
    expect(await ledger.cursor()).toBe("c0");
    expect(await rowsOf("c")).toEqual([]);
    expect((await ledger.channel("c"))?.last).toBe(1);
  });

  test("what comes twice is stored once", async () => {
    world.start("c");
    await begin();
    const events = [world.write("c", "one"), world.write("c", "two")];
    await bring(events, { cursor: "c1" });
    await bring(events, { cursor: "c1" });
    await bring([events[0]!]);
    expect(await rowsOf("c")).toEqual(world.timeline("c").slice(1));
  });

  test("a gap is read from the server before what follows it", async () => {
    world.start("c");
    await begin();
    for (let n = 0; n < 450; n++) world.write("c", `message ${n}`);
    await bring([world.commits.at(-1)!], { cursor: "c1" });
    expect(await rowsOf("c")).toEqual(world.timeline("c").slice(1));
  });

  test("whatever is lost, repeated or late, the rows are those of the server", async () => {
    for (let seed = 1; seed <= 25; seed++) await playRandomly(seed);
  });

  async function playRandomly(seed: number): Promise<void> {
    world = new World();
    await bring([], { heads: [], cursor: "c0" });
    const random = seededRandom(seed);
    const channels = ["a", "b", "c"];
    for (const channel of channels) world.start(channel);
    for (let n = 0; n < 60; n++) sayAnything(channels[Math.floor(random() * 3)]!, random);
    const commits = [...world.commits];
    for (let at = 0; at < commits.length; ) {
      const size = 1 + Math.floor(random() * 6);
      const frame = commits.slice(Math.max(0, at - Math.floor(random() * 3)), at + size);
      const holed = frame.filter((event) => random() > 0.15 || event.kind === "join");
      await bring(holed);
      at += size;
    }
    await bring(commits.slice(-3).concat(channels.map((channel) => world.write(channel, "end"))));
    for (const channel of channels) {
      expect(await rowsOf(channel), `seed ${seed}`).toEqual(world.timeline(channel));
    }
  }

  function sayAnything(channel: string, random: () => number): void {
    const rows = world.timeline(channel).filter((row) => row.kind === "message" && !row.deleted);
    const target = rows[Math.floor(random() * rows.length)]?.seq;
    if (target && random() < 0.2) world.say(channel, { kind: "edit", author_id: PEER, target, text: `edited ${random()}` });
    else if (target && random() < 0.1) world.say(channel, { kind: "delete", author_id: PEER, target });
    else world.write(channel, `text ${random()}`, random() < 0.5 ? ME : PEER);
  }
});

describe("changes of messages", () => {
  test("an edit of a message that is not here is laid on it when an older page brings it", async () => {
    world.start("c");
    const message = world.write("c", "before");
    await begin();
    const page = await world.page("c", { before: 3 }, 50);
    await bring([world.say("c", { kind: "edit", author_id: PEER, target: message.seq, text: "after" })]);
    await ledger.takePage("c", page, [1, 2]); // asked for before the edit, and arrived after it
    expect((await rowsOf("c")).at(-1)).toMatchObject({ text: "after", version: 3 });
  });

  test("a deletion that is repeated after a later page changes nothing", async () => {
    world.start("c");
    const message = world.write("c", "regretted");
    await begin();
    const deletion = world.say("c", { kind: "delete", author_id: PEER, target: message.seq });
    await history.before("c", 3);
    await bring([deletion]);
    expect((await rowsOf("c")).at(-1)).toEqual(world.timeline("c").at(-1));
    expect((await ledger.channel("c"))?.preview).toMatchObject({ deleted: true, text: "" });
  });
});

describe("changes that come after the state they led to", () => {
  test("an edit that a later one has overtaken does not bring its text back", async () => {
    world.start("c");
    const message = world.write("c", "first");
    await begin();
    const [second, third] = ["second", "third"].map((text) =>
      world.say("c", { kind: "edit", author_id: PEER, target: message.seq, text }),
    );
    await history.before("c", 3); // the present state: both edits are in it
    await bring([second!]);
    expect((await rowsOf("c")).at(-1)).toMatchObject({ text: "third", version: 4 });
    await bring([third!]);
    expect((await rowsOf("c")).at(-1)).toEqual(world.timeline("c").at(-1));
  });
});

describe("coming and going", () => {
  test("being added to a channel begins at that place", async () => {
    await begin();
    world.start("c", [PEER]);
    world.write("c", "before you came");
    const join = world.say("c", { kind: "join", author_id: PEER, user_ids: [ME] });
    await bring([join, world.write("c", "welcome")]);
    const record = await ledger.channel("c");
    expect(record?.last).toBe(4);
    expect((await rowsOf("c")).map((row) => row.seq)).toEqual([3, 4]);
  });

  test("leaving drops the channel and its rows, coming back begins anew", async () => {
    world.start("c");
    await begin();
    const first = world.write("c", "one");
    const leave = world.say("c", { kind: "leave", author_id: ME, user_id: ME });
    await bring([first, leave]);
    expect(await ledger.channel("c")).toBeUndefined();
    expect(await rowsOf("c")).toEqual([]);
    expect(changes.at(-1)?.gone).toEqual(["c"]);
    world.write("c", "not for you");
    await bring([world.say("c", { kind: "join", author_id: PEER, user_ids: [ME] })]);
    expect((await ledger.channel("c"))?.last).toBe(5);
  });

  test("leaving and coming back within one batch keeps only what came after", async () => {
    world.start("c");
    await begin();
    const one = world.write("c", "one");
    const leave = world.say("c", { kind: "leave", author_id: PEER, user_id: ME });
    const join = world.say("c", { kind: "join", author_id: PEER, user_ids: [ME] });
    await bring([one, leave, join, world.write("c", "again")]);
    expect((await rowsOf("c")).map((row) => row.seq)).toEqual([4, 5]);
    expect(changes.at(-1)).toMatchObject({ gone: [], cleared: ["c"] });
  });

  test("events of a channel that was left since are dropped", async () => {
    await begin();
    world.start("c");
    world.gone.add("c");
    await bring([world.write("c", "too late")], { cursor: "c1" });
    expect(await ledger.channel("c")).toBeUndefined();
    expect(await ledger.cursor()).toBe("c1");
  });

  test("a new start drops every row and keeps outbox and read goal", async () => {
    world.start("c");
    world.start("old");
    await begin();
    await bring([world.write("c", "one")]);
    await ledger.readHere("c", 2, 1);
    await outbox.keep(waitingItem("w1"));
    await bring([], { heads: [world.channelNow("c")], cursor: "e2" });
    expect(await rowsOf("c")).toEqual([]);
    expect(await ledger.channel("old")).toBeUndefined();
    expect((await outbox.items()).map((item) => item.client_message_id)).toEqual(["w1"]);
    expect((await ledger.channel("c"))?.read_goal).toBe(2);
  });

  test("a reset channel goes on from its head", async () => {
    world.start("c");
    world.start("d");
    await begin();
    await bring([world.write("c", "one"), world.write("d", "kept")]);
    for (let n = 0; n < 5; n++) world.write("c", "missed");
    await bring([], { reset: [world.channelNow("c")], cursor: "c2" });
    expect(await rowsOf("c")).toEqual([]);
    expect((await rowsOf("d")).length).toBe(1);
    await bring([world.write("c", "next")]);
    expect((await ledger.channel("c"))?.last).toBe(8);
  });
});

describe("unread", () => {
  test("counts what others wrote after the marker; writing oneself clears it", async () => {
    world.start("c");
    await begin();
    await bring([world.write("c", "one"), world.write("c", "two")]);
    expect(unreadOf((await ledger.channel("c"))!)).toBe(2);
    await bring([world.write("c", "mine", ME)]);
    expect(unreadOf((await ledger.channel("c"))!)).toBe(0);
  });

  test("a marker moved on another device counts here too, also onto a row that is no message", async () => {
    world.start("c");
    await begin();
    const first = world.write("c", "one");
    const edit = world.say("c", { kind: "edit", author_id: PEER, target: first.seq, text: "1" });
    await bring([first, edit, world.write("c", "two"), world.read("c", edit.seq)]);
    expect(unreadOf((await ledger.channel("c"))!)).toBe(1);
  });

  test("a marker onto rows this device has not read is counted by the server", async () => {
    world.start("c");
    for (let n = 0; n < 10; n++) world.write("c", `${n}`);
    await begin();
    await bring([world.read("c", 6)]);
    await settled();
    expect(unreadOf((await ledger.channel("c"))!)).toBe(5);
  });
});

describe("history", () => {
  test("pages from the server are kept and then served without it", async () => {
    world.start("c");
    for (let n = 0; n < 120; n++) world.write("c", `${n}`);
    await begin();
    const last = (await ledger.channel("c"))!.last;
    const newest = await history.before("c", last + 1, 50);
    const older = await history.before("c", newest.from, 50);
    world.page = () => Promise.reject(new Error("the server is away"));
    expect((await history.before("c", last + 1, 80)).rows).toEqual(world.timeline("c").slice(-80));
    expect((await history.after("c", older.from - 1, 30)).rows).toEqual(world.timeline("c").slice(-100, -70));
    await expect(history.before("c", older.from, 50)).rejects.toThrow("the server is away");
  });

  test("the first page knows that nothing is before it", async () => {
    world.start("c");
    world.write("c", "only one");
    await begin();
    expect(await history.before("c", 3, 50)).toMatchObject({ from: 1, to: 2 });
  });
});

describe("the outbox", () => {
  test("an item leaves when its event is stored, in the same transaction", async () => {
    world.start("c");
    await begin();
    await outbox.keep(waitingItem("w1"));
    await bring([world.write("c", "hello", ME, "w1")]);
    expect(await outbox.items()).toEqual([]);
    expect(changes.at(-1)?.settled).toEqual(["w1"]);
  });

  test("somebody else's message with the same id leaves it alone", async () => {
    world.start("c");
    await begin();
    await outbox.keep(waitingItem("w1"));
    await bring([world.write("c", "hello", PEER, "w1")]);
    expect((await outbox.items()).length).toBe(1);
  });

  test("an answer stores its row, takes the item out and moves no position", async () => {
    world.start("c");
    await begin();
    await outbox.keep(waitingItem("w1"));
    world.write("c", "somebody was faster");
    const change = await outbox.settle(waitingItem("w1"), world.write("c", "hello", ME, "w1"));
    expect(change).toMatchObject({ settled: ["w1"], rows: [{ seq: 3 }] });
    expect((await ledger.channel("c"))?.last).toBe(1);
    await bring(world.commits.slice(-2));
    expect((await rowsOf("c")).map((row) => row.seq)).toEqual([2, 3]);
  });
});

describe("an answer to a change of one's own", () => {
  const change = (action: Partial<OutboxItem["action"]>) =>
    ({ ...waitingItem("e1"), action: { channel_id: "c", client_message_id: "e1", ...action } }) as OutboxItem;

  test("an edit is shown before its event comes, and the event changes nothing more", async () => {
    world.start("c");
    await begin();
    const message = world.write("c", "before", ME);
    await bring([message]);
    const edit = world.say("c", { kind: "edit", author_id: ME, target: 2, text: "after", client_message_id: "e1" });
    const shown = await outbox.settle(change({ type: "edit", target: 2, text: "after" }), edit);
    expect(shown.rows).toMatchObject([{ text: "after", version: 3 }]);
    await bring([edit]);
    expect(await rowsOf("c")).toEqual(world.timeline("c").slice(1));
  });

  test("a deletion without an event is shown, and its event is still applied", async () => {
    world.start("c");
    await begin();
    await bring([world.write("c", "regretted", ME)]);
    const shown = await outbox.settle(change({ type: "delete", target: 2 }), null);
    expect(shown.rows).toMatchObject([{ deleted: true, version: 2 }]);
    await bring([world.say("c", { kind: "delete", author_id: ME, target: 2 })]);
    expect(await rowsOf("c")).toEqual(world.timeline("c").slice(1));
  });
});

/** Mulberry32: the same numbers for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
