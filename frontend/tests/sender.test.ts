import { beforeEach, expect, test } from "vitest";
import type { OutboxItem } from "../src/db/database";
import type { Outcome } from "../src/net/outcome";
import { changeOf } from "../src/sync/change";
import type { Outbox } from "../src/sync/outbox";
import { Sender } from "../src/sync/sender";
import { HeldClock } from "./held-clock";

let clock: HeldClock;
let items: OutboxItem[];
let link: { reachable: boolean; sent: string[]; overRest: boolean[]; outcome: (id: string) => Promise<Outcome> };
let signedOut: boolean;
let sender: Sender;

const item = (id: string, channel = "c"): OutboxItem => ({
  client_message_id: id, channel_id: channel, at: 1, problem: null,
  action: { type: "send", channel_id: channel, client_message_id: id, text: id },
});
const done: Outcome = { kind: "done", event: null };

beforeEach(() => {
  clock = new HeldClock();
  items = [];
  signedOut = false;
  link = { reachable: true, sent: [], overRest: [], outcome: () => Promise.resolve(done) };
  const leave = (id: string) => {
    items = items.filter((one) => one.client_message_id !== id);
    return Promise.resolve(changeOf({ settled: [id] }));
  };
  const outbox = {
    items: () => Promise.resolve([...items]),
    settle: (done: OutboxItem) => leave(done.client_message_id),
    refuse: (id: string, problem: OutboxItem["problem"]) => {
      items = items.map((one) => (one.client_message_id === id ? { ...one, problem } : one));
      return Promise.resolve(changeOf({}));
    },
  } as unknown as Outbox;
  sender = new Sender({
    outbox, clock, publish: () => undefined, onSignedOut: () => (signedOut = true),
    link: {
      get reachable() {
        return link.reachable;
      },
      act: (action, avoidSocket) => {
        link.sent.push(action.client_message_id);
        link.overRest.push(avoidSocket);
        return link.outcome(action.client_message_id);
      },
    },
  });
});

test("messages of a channel go one after the other, in the order they were written", async () => {
  items = [item("1"), item("2"), item("3", "d")];
  let release: (outcome: Outcome) => void = () => undefined;
  link.outcome = (id) => (id === "1" ? new Promise((resolve) => (release = resolve)) : Promise.resolve(done));
  await sender.pump();
  await clock.pass(10);
  expect(link.sent).toEqual(["1", "3"]);
  release(done);
  await clock.pass(10);
  expect(link.sent).toEqual(["1", "3", "2"]);
  expect(items).toEqual([]);
});

test("being told twice that something waits sends it once", async () => {
  items = [item("1")];
  let release: (outcome: Outcome) => void = () => undefined;
  link.outcome = () => new Promise((resolve) => (release = resolve));
  await sender.pump();
  await clock.pass(10);
  await sender.pump();
  await clock.pass(10);
  expect(link.sent).toEqual(["1"]);
  release(done);
  await clock.pass(10);
  expect(items).toEqual([]);
});

test("what was not decided is sent again, later and with the same id", async () => {
  items = [item("1")];
  const outcomes: Outcome[] = [{ kind: "again", afterMs: 2_000 }, { kind: "again", afterMs: 0 }, done];
  link.outcome = () => Promise.resolve(outcomes.shift()!);
  await sender.pump();
  await clock.pass(1_900);
  expect(link.sent).toEqual(["1"]);
  await clock.pass(5_000);
  expect(link.sent).toEqual(["1", "1", "1"]);
  expect(items).toEqual([]);
});

test("a reason ends a message visibly, and the next one goes", async () => {
  items = [item("1"), item("2")];
  const problem = { code: "forbidden", status: 403, detail: "No." };
  link.outcome = (id) => Promise.resolve(id === "1" ? { kind: "refused", problem } : done);
  await sender.pump();
  await clock.pass(10);
  expect(items).toEqual([{ ...item("1"), problem }]);
});

test("a message that broke the socket twice goes by REST", async () => {
  items = [item("1")];
  const outcomes: Outcome[] = [{ kind: "broke" }, { kind: "broke" }, done];
  link.outcome = () => Promise.resolve(outcomes.shift()!);
  await sender.pump();
  await clock.pass(10);
  expect(link.overRest).toEqual([false, false, true]);
});

test("without a session nothing is sent and nothing is lost", async () => {
  items = [item("1")];
  link.outcome = () => Promise.resolve({ kind: "signed_out" });
  await sender.pump();
  await clock.pass(10);
  await sender.pump();
  expect(link.sent).toEqual(["1"]);
  expect(signedOut).toBe(true);
  expect(items).toEqual([item("1")]);
});

test("while the server cannot be reached everything waits", async () => {
  items = [item("1")];
  link.reachable = false;
  await sender.pump();
  expect(link.sent).toEqual([]);
  link.reachable = true;
  await sender.pump();
  await clock.pass(10);
  expect(items).toEqual([]);
});
