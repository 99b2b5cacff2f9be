// What the connection doctor makes of lines that behave well and badly. Time is held.
import { describe, expect, test } from "vitest";
import { ailmentsOf, Doctor, type Finding, type Way } from "../src/net/doctor";
import type { Wire } from "../src/net/socket";
import { HeldClock } from "./held-clock";

type Line = "well" | "refused" | "silent" | "cut";

/** Examines a server whose socket and held requests behave as told. */
async function examined(line: Line, held: { answerAfterMs: number; status?: number }) {
  const clock = new HeldClock();
  const wires: Wire[] = [];
  const openWire = () => {
    const wire = { readyState: 1, send: () => undefined, close: () => undefined } as unknown as Wire;
    wires.push(wire);
    return wire;
  };
  const answer = (body: unknown, status = 200) => Promise.resolve(new Response(JSON.stringify(body), { status }));
  const nothing = { cursor: "c", resync: false, events: [], more: false, reset: [], heads: null };
  const fetch = async (path: string) => {
    if (path.endsWith("/ws")) return answer({}, 426);
    if (path.includes("wait=25")) await clock.sleep(held.answerAfterMs);
    return answer(nothing, path.includes("wait=25") ? held.status : 200);
  };
  const findings = new Map<Way, Finding>();
  const doctor = new Doctor({ origin: "http://maru.test", clock, openWire, fetch, holdSeconds: 25 });
  const done = doctor.examine((way, finding) => findings.set(way, finding), new AbortController().signal);
  const wire = wires[0]!;
  if (line === "refused") wire.onclose?.call(wire as WebSocket, {} as CloseEvent);
  else wire.onopen?.call(wire as WebSocket, new Event("open"));
  if (line === "well" || line === "cut") {
    const welcome = JSON.stringify({ type: "welcome", server: "s", cursor: "c", reset: [], heartbeat_seconds: 25, limits: {} });
    wire.onmessage?.call(wire as WebSocket, { data: welcome } as MessageEvent);
  }
  await clock.pass(3_000);
  if (line === "cut") wire.onclose?.call(wire as WebSocket, {} as CloseEvent);
  await clock.pass(60_000);
  await done;
  return findings;
}

describe("the connection doctor", () => {
  test("finds nothing wrong where everything is held and passed on", async () => {
    const findings = await examined("well", { answerAfterMs: 25_000 });
    expect([...findings.values()].map(({ kind }) => kind)).toEqual(["good", "good", "good"]);
    expect(ailmentsOf(findings)).toEqual([]);
  });

  test("tells a refused upgrade from one on which nothing comes through", async () => {
    const refused = await examined("refused", { answerAfterMs: 25_000 });
    expect(refused.get("websocket")).toMatchObject({ kind: "refused", status: 426 });
    expect(ailmentsOf(refused)).toEqual(["upgrade"]);
    const silent = await examined("silent", { answerAfterMs: 25_000 });
    expect(silent.get("websocket")).toMatchObject({ kind: "silent" });
    expect(ailmentsOf(silent)).toEqual(["buffering"]);
  });

  test("notices lines that are cut, and answers that come late", async () => {
    const cut = await examined("cut", { answerAfterMs: 2_000, status: 504 });
    expect(cut.get("websocket")).toMatchObject({ kind: "cut", ms: 3_000 });
    expect(cut.get("longpoll")).toMatchObject({ kind: "cut", ms: 2_000, status: 504 });
    expect(ailmentsOf(cut)).toEqual(["timeout"]);
    expect(ailmentsOf(await examined("well", { answerAfterMs: 32_000 }))).toEqual(["buffering"]);
  });
});
