import { expect, test } from "vitest";
import type { LinkState } from "../src/net/ladder";
import { CalmLink, type Link } from "../src/state/calm";
import { HeldClock } from "./held-clock";

const LIVE: LinkState = { kind: "live", rung: "websocket" };
const LOST: LinkState[] = [{ kind: "connecting" }, { kind: "offline" }];

function calmAfter(...links: Link[]) {
  const clock = new HeldClock();
  const calm = new CalmLink(clock);
  for (const link of links) calm.hear(link);
  return { calm, clock };
}

test("a connection that comes back within a second and a half was never told to be gone", async () => {
  const { calm, clock } = calmAfter(LIVE, ...LOST);
  await clock.pass(1_400);
  expect(calm.told.value).toEqual(LIVE);
  calm.hear(LIVE);
  calm.hear(LOST[0]!);
  await clock.pass(1_400);
  expect(calm.told.value).toEqual(LIVE);
});

test("one that stays away is told to be, as it then is", async () => {
  const { calm, clock } = calmAfter(LIVE, ...LOST);
  await clock.pass(1_500);
  expect(calm.told.value).toEqual({ kind: "offline" });
  calm.hear(LIVE);
  expect(calm.told.value).toEqual(LIVE);
  calm.hear(LOST[0]!);
  await clock.pass(1_500);
  expect(calm.told.value).toEqual(LOST[0]);
});

test("who was not connected yet is told everything at once, and so is who gave way to another connection", () => {
  expect(calmAfter(...LOST).calm.told.value).toEqual({ kind: "offline" });
  expect(calmAfter(LIVE, { kind: "yielded" }).calm.told.value).toEqual({ kind: "yielded" });
});

test("what another tab tells of its connection is taken as calmly", async () => {
  const elsewhere = (state: LinkState): Link => ({ kind: "elsewhere", state });
  const { calm, clock } = calmAfter(elsewhere(LIVE), elsewhere(LOST[1]!));
  expect(calm.told.value).toEqual(elsewhere(LIVE));
  await clock.pass(1_500);
  expect(calm.told.value).toEqual(elsewhere(LOST[1]!));
});
