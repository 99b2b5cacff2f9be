import { expect, test } from "vitest";
import type { OutboxItem } from "../src/db/database";
import { Unsent } from "../src/state/unsent";

const problem = { code: "too_large", status: 413, detail: "" };
const item = (client_message_id: string, more: Partial<OutboxItem> = {}): OutboxItem => ({
  client_message_id, channel_id: "c", at: 1, problem: null,
  action: { type: "send", channel_id: "c", client_message_id, text: "hello" }, ...more,
});
const shown = (unsent: Unsent) => [...unsent.items.value.keys()];

test("what is written waits until it is through", () => {
  const unsent = new Unsent();
  unsent.load([item("a")]);
  unsent.apply({ waiting: [item("b"), item("c", { problem })], settled: [] });
  expect([shown(unsent), unsent.waiting.value]).toEqual([["a", "b", "c"], 2]);
  unsent.apply({ waiting: [], settled: ["a", "b"] });
  expect([shown(unsent), unsent.waiting.value]).toEqual([["c"], 0]);
});

test("what another tab has sent, before this one hears that it is kept, does not wait again", () => {
  const unsent = new Unsent();
  unsent.apply({ waiting: [item("a")], settled: [] }); // on the screen at once
  unsent.apply({ waiting: [], settled: ["a"] }); // the other tab found it in the outbox
  unsent.apply({ waiting: [item("a")], settled: [] }); // it is kept
  expect(shown(unsent)).toEqual([]);
});
