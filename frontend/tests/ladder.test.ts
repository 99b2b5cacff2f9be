import { beforeEach, describe, expect, test } from "vitest";
import type { Delivery, Inbox } from "../src/net/inbox";
import { Ladder, type LinkState } from "../src/net/ladder";
import { backoffMs } from "../src/net/patience";
import { Refused, Unreachable, type Rest, type SyncPlace } from "../src/net/rest";
import { Servers } from "../src/net/servers";
import type { Wire } from "../src/net/socket";
import type { ServerEntry, ServerList, SyncAnswer } from "../src/protocol/types";
import { HeldClock, settled } from "./held-clock";

type Http = "fine" | "down" | "draining" | 401 | 503;

/** The network as a test sets it. */
class Network {
  /** How the next sockets behave. */
  sockets: "open" | "refuse" | "hang" | "die young" = "open";
  /** What `/sync` meets. */
  http: Http = "fine";
  /** What it meets at servers that are not as the others, sockets too: by their path, "" for the page's own origin. */
  readonly odd = new Map<string, Http>();
  held: "answered" | "cut" = "answered";
  retryAfter: number | undefined;
  /** What `GET /servers` says; null: nothing. */
  list: string[] | null = null;
  readonly wires: FakeWire[] = [];
  readonly asked: number[] = [];
  readonly paths: string[] = [];
  tickets = 0;

  constructor(readonly clock: HeldClock) {}

  openWire = (url: string): Wire => {
    const path = new URL(url).pathname.replace("/api/v1/ws", "");
    const manner = this.odd.has(path) ? "refuse" : this.sockets;
    const wire = new FakeWire(url, this.clock, manner);
    this.wires.push(wire);
    return wire;
  };

  readServers = async (): Promise<ServerList> => {
    await this.clock.sleep(5);
    if (this.list === null) throw new Unreachable("no answer");
    return { servers: this.list.map(entry), ticket: `ticket ${++this.tickets}` };
  };

  async sync({ wait, path }: SyncPlace, signal?: AbortSignal): Promise<SyncAnswer> {
    this.asked.push(wait);
    this.paths.push(path);
    const http = this.odd.get(path) ?? this.http;
    if (http === "down") throw new Unreachable("no answer");
    if (http !== "fine") {
      const [status, code] = http === 401 ? [401, "unauthenticated"] : [503, http === 503 ? "unavailable" : http];
      throw new Refused({ status, code, detail: "", retry_after: this.retryAfter });
    }
    if (wait > 0) {
      await this.clock.sleep(this.held === "cut" ? 3_000 : wait * 1000, signal);
      if (signal?.aborted || this.held === "cut") throw new Unreachable("cut");
    }
    return { cursor: `c${this.asked.length}`, events: [], resync: false, more: false, reset: [], heads: null };
  }
}

const ORIGIN = "https://chat.example";
const entry = (url: string): ServerEntry => ({ id: url, url, region: "" });

class FakeWire implements Wire {
  readyState: Wire["readyState"] = 0;
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  onerror: Wire["onerror"] = null;
  readonly sent: { type: string }[] = [];

  constructor(
    readonly url: string,
    private readonly clock: HeldClock,
    private readonly manner: Network["sockets"],
  ) {
    void clock.sleep(10).then(() => {
      if (manner === "refuse") this.closeBy(1006);
      if (manner === "open" || manner === "die young") this.open();
    });
  }
  private open(): void {
    this.readyState = 1;
    this.onopen?.call(this as never, {} as Event);
  }
  send(text: string): void {
    const frame = JSON.parse(text) as { type: string };
    this.sent.push(frame);
    if (frame.type !== "hello") return;
    this.say({ type: "welcome", server: "s", cursor: "c0", resync: false, reset: [], heartbeat_seconds: 25 });
    this.say({ type: "live" });
    if (this.manner === "die young") void this.clock.sleep(500).then(() => this.closeBy(1006));
  }
  say(frame: object): void {
    this.onmessage?.call(this as never, { data: JSON.stringify(frame) } as MessageEvent);
  }
  close(): void {
    this.readyState = 3;
  }
  closeBy(code: number): void {
    this.readyState = 3;
    this.onclose?.call(this as never, { code } as CloseEvent);
  }
}

class MemoryInbox implements Inbox {
  stored: string | null = null;
  readonly deliveries: Delivery[] = [];
  cursor() {
    return Promise.resolve(this.stored);
  }
  take(delivery: Delivery) {
    this.deliveries.push(delivery);
    this.stored = delivery.cursor ?? this.stored;
    return Promise.resolve();
  }
  hear() {}
}

let clock: HeldClock;
let network: Network;
let inbox: MemoryInbox;
let states: string[];
let ladder: Ladder;
let servers: Servers;
let onScreen: string | null;
let active: boolean;

const shown = (state: LinkState) => (state.kind === "live" ? state.rung : state.kind);

beforeEach(() => {
  clock = new HeldClock();
  network = new Network(clock);
  inbox = new MemoryInbox();
  states = [];
  servers = new Servers({ read: network.readServers, clock, origin: ORIGIN });
  onScreen = null;
  active = true;
  ladder = ladderWith(network.openWire);
});

function ladderWith(openWire: (url: string) => Wire): Ladder {
  const rest = { sync: network.sync.bind(network) } as unknown as Rest;
  const onState = (state: LinkState) => void states.push(shown(state));
  const page = { isActive: () => active, isHidden: () => false, onScreen: () => onScreen };
  return new Ladder({ openWire, servers, rest, inbox, clock, device: "d", onState, ...page });
}

describe("the ladder", () => {
  test("a WebSocket that opens is used, and hears where this device stands", async () => {
    inbox.stored = "c7";
    ladder.start();
    await clock.pass(100);
    expect(states).toEqual(["websocket"]);
    expect(network.wires[0]?.sent[0]).toMatchObject({ type: "hello", cursor: "c7", device: "d" });
    expect(network.asked).toEqual([]);
  });

  test("where Upgrade is refused, requests are held, and a WebSocket is tried every minute", async () => {
    network.sockets = "refuse";
    ladder.start();
    await clock.pass(3_000);
    expect(states).toEqual(["longpoll"]);
    network.sockets = "open";
    await clock.pass(61_000);
    expect(states).toEqual(["longpoll", "websocket"]);
  });

  test("a WebSocket that hangs is given up after five seconds", async () => {
    network.sockets = "hang";
    ladder.start();
    await clock.pass(4_900);
    expect(states).toEqual([]);
    await clock.pass(200);
    expect(states).toEqual(["longpoll"]);
  });

  test("a WebSocket that dies young twice is left alone", async () => {
    network.sockets = "die young";
    ladder.start();
    await clock.pass(4_000);
    expect(states.at(-1)).toBe("longpoll");
    expect(network.wires.length).toBe(2);
  });

  test("where held requests are cut too, it is asked every five seconds", async () => {
    network.sockets = "refuse";
    network.held = "cut";
    ladder.start();
    await clock.pass(12_000);
    expect(states.at(-1)).toBe("poll");
    const before = network.asked.length;
    await clock.pass(20_000);
    const asked = network.asked.slice(before);
    expect(asked.length).toBe(4);
    expect(new Set(asked)).toEqual(new Set([0]));
  });

  test("a server that is away is no reason to change the rung", async () => {
    ladder.start();
    await clock.pass(20_000);
    network.sockets = "refuse";
    network.http = "down";
    network.wires[0]?.closeBy(1006);
    await clock.pass(60_000);
    expect(states.at(-1)).toBe("offline");
    network.sockets = "open";
    network.http = "fine";
    await clock.pass(31_000);
    expect(states.at(-1)).toBe("websocket");
    expect(states).not.toContain("longpoll");
  });

  test("a server that is just coming back is not yet a network that refuses", async () => {
    network.sockets = "refuse";
    network.http = "down";
    ladder.start();
    await clock.pass(60_000);
    network.http = "fine"; // it answers requests a moment before it takes sockets
    for (const asked = network.asked.length; network.asked.length === asked; ) await clock.pass(50);
    network.sockets = "open";
    await clock.pass(31_000);
    expect(states).toEqual(["offline", "websocket"]);
  });

  test("a session that has ended is not tried again", async () => {
    ladder.start();
    await clock.pass(100);
    network.wires[0]?.closeBy(4003);
    await clock.pass(120_000);
    expect(states.at(-1)).toBe("signed_out");
    expect(network.wires.length).toBe(1);
  });

  test("what a browser cannot see of a refused handshake is asked for: 401 means signed out", async () => {
    network.sockets = "refuse";
    network.http = 401;
    ladder.start();
    await clock.pass(1_000);
    expect(states).toEqual(["signed_out"]);
  });

  test("a newer connection of the same device is given way to, until the person comes back here", async () => {
    ladder.start();
    await clock.pass(100);
    network.wires[0]?.closeBy(4009);
    await clock.pass(300_000);
    expect(states.at(-1)).toBe("yielded");
    expect(network.wires.length).toBe(1);
    ladder.nudge(false);
    await clock.pass(1_000);
    expect(states.at(-1)).toBe("websocket");
  });

  test("a server that says when to come back is obeyed", async () => {
    ladder.start();
    await clock.pass(20_000);
    network.wires[0]?.say({ type: "bye", code: "drain", after_ms: 9_000 });
    network.wires[0]?.closeBy(1001);
    await clock.pass(8_900);
    expect(network.wires.length).toBe(1);
    await clock.pass(1_000);
    expect(network.wires.length).toBe(2);
  });

  test("a line that is silent for two heartbeats is cut and opened anew", async () => {
    ladder.start();
    await clock.pass(100);
    await clock.pass(80_000);
    expect(network.wires.length).toBe(2);
  });

  test("waiting doubles up to half a minute, at random below that", () => {
    expect(backoffMs(0, () => 0.999)).toBeLessThan(500);
    expect(backoffMs(3, () => 0.5)).toBe(2_000);
    expect(backoffMs(50, () => 1)).toBe(30_000);
  });
});

describe("several servers", () => {
  const A = `${ORIGIN}/s/a`;
  const B = `${ORIGIN}/s/b`;
  const ELSEWHERE = "https://other.example";
  const opened = () => network.wires.map((wire) => wire.url.replace("wss://", "").replace("/api/v1/ws", ""));

  test("the first of the list is connected to, without asking for it again", async () => {
    servers.told({ servers: [entry(A), entry(B)] });
    ladder.start();
    await clock.pass(100);
    expect(opened()).toEqual(["chat.example/s/a"]);
    expect(network.tickets).toBe(0);
  });

  test("a list that was not told is asked for, and without an answer the page's own origin is tried", async () => {
    ladder.start();
    await clock.pass(100);
    expect(opened()).toEqual(["chat.example"]);
    network.list = [A];
    network.wires[0]!.closeBy(1006);
    await clock.pass(600);
    expect(opened()).toEqual(["chat.example", "chat.example/s/a"]);
  });

  test("when a server dies the next one takes over, and nobody is told that the page is offline", async () => {
    servers.told({ servers: [entry(A), entry(B)] });
    ladder.start();
    await clock.pass(20_000);
    inbox.stored = "c9";
    network.odd.set("/s/a", "down");
    network.wires[0]!.closeBy(1006);
    await clock.pass(600);
    expect(opened()).toEqual(["chat.example/s/a", "chat.example/s/b"]);
    expect(network.wires[1]!.sent[0]).toMatchObject({ type: "hello", cursor: "c9" });
    expect(states).toEqual(["websocket", "connecting", "websocket"]);
  });

  test("a dead server at the head of the list says nothing about the network's manners", async () => {
    servers.told({ servers: [entry(A), entry(B)] });
    network.odd.set("/s/a", 503);
    ladder.start();
    await clock.pass(1_500);
    expect(network.paths).toEqual(["/s/a"]);
    expect(states).toEqual(["websocket"]);
    expect(opened().at(-1)).toBe("chat.example/s/b");
  });

  test("a list that is used up ends with the page's own origin, and is then asked for anew", async () => {
    servers.told({ servers: [entry(A)] });
    network.odd.set("/s/a", "down").set("", "down");
    network.list = [B];
    ladder.start();
    await clock.pass(5_000);
    expect(opened()).toEqual(["chat.example/s/a", "chat.example", "chat.example/s/b"]);
    expect(states).toEqual(["offline", "websocket"]);
  });

  test("a server that goes away hands over to those it names, when it says, without backing off", async () => {
    servers.told({ servers: [entry(A)] });
    ladder.start();
    await clock.pass(20_000);
    network.wires[0]!.say({ type: "bye", code: "drain", after_ms: 40, servers: [entry(B)] });
    network.wires[0]!.closeBy(1001);
    await clock.pass(39);
    expect(network.wires.length).toBe(1);
    await clock.pass(2);
    expect(opened()).toEqual(["chat.example/s/a", "chat.example/s/b"]);
    expect(network.asked).toEqual([]);
  });

  test("going away one after the other, soon after each other, servers do not drive a page to long poll", async () => {
    servers.told({ servers: [entry(A)] });
    ladder.start();
    for (let round = 0; round < 6; round++) {
      await clock.pass(3_000);
      const wire = network.wires.at(-1)!;
      wire.say({ type: "bye", code: "drain", after_ms: 10, servers: [entry(round % 2 ? A : B)] });
      wire.closeBy(1001);
    }
    await clock.pass(1_000);
    expect(network.wires.length).toBe(7);
    network.wires.at(-1)!.closeBy(1006); // and then one dies young, which says nothing yet either
    await clock.pass(1_000);
    expect(new Set(states)).toEqual(new Set(["websocket", "connecting"]));
    expect(states.at(-1)).toBe("websocket");
  });

  test("servers that only say goodbye are not run through in a circle", async () => {
    servers.told({ servers: [entry(A)] });
    ladder.start();
    for (let round = 0; round < 40; round++) {
      await clock.pass(50);
      const wire = network.wires.at(-1)!;
      wire.say({ type: "bye", code: "drain", after_ms: 0, servers: [entry(A)] });
      wire.closeBy(1001);
    }
    expect(network.wires.length).toBeLessThan(8);
  });

  test("a server that says so over requests is left at once, and the last one's Retry-After is kept", async () => {
    servers.told({ servers: [entry(A)] });
    network.odd.set("/s/a", "draining").set("", 503);
    network.retryAfter = 7;
    network.list = [B];
    ladder.start();
    await clock.pass(40); // to the origin without waiting
    expect(opened()).toEqual(["chat.example/s/a", "chat.example"]);
    await clock.pass(7_000);
    expect(network.wires.length).toBe(2);
    await clock.pass(1_000); // and the jitter on top of it
    expect(opened().at(-1)).toBe("chat.example/s/b");
    expect(states).toEqual(["websocket"]); // never offline: they did answer
  });

  test("requests are held at the server in use, and go on at another one when it drains", async () => {
    servers.told({ servers: [entry(A), entry(B)] });
    network.sockets = "refuse";
    ladder.start();
    await clock.pass(3_000);
    expect(states.at(-1)).toBe("longpoll");
    expect(network.paths.at(-1)).toBe("/s/b"); // where it was found that requests are answered
    network.odd.set("/s/b", "draining");
    while (network.paths.at(-1) !== "") await clock.pass(100);
    await settled();
    expect(states.slice(-2)).toEqual(["connecting", "longpoll"]);
  });

  test("a server on another host is greeted with a ticket, a new one each time", async () => {
    servers.told({ servers: [entry(ELSEWHERE)], ticket: "first" });
    network.list = [ELSEWHERE];
    ladder.start();
    await clock.pass(20_000);
    expect(network.wires[0]!.sent[0]).toMatchObject({ type: "hello", ticket: "first" });
    network.wires[0]!.say({ type: "bye", code: "drain", after_ms: 1, servers: [entry(ELSEWHERE)] });
    network.wires[0]!.closeBy(1001);
    await clock.pass(100);
    expect(opened()).toEqual(["other.example", "other.example"]);
    expect(network.wires[1]!.sent[0]).toMatchObject({ ticket: "ticket 1" });
  });

  test("a ticket that is refused elsewhere does not end the session: the page's own origin decides that", async () => {
    servers.told({ servers: [entry(ELSEWHERE)], ticket: "spent" });
    ladder.start();
    await settled();
    network.wires[0]!.closeBy(4001);
    await clock.pass(600);
    expect(opened()).toEqual(["other.example", "chat.example"]);
    expect(states.at(-1)).toBe("websocket");
  });

  test("dead servers on other hosts say nothing about the network's manners", async () => {
    const third = "https://third.example";
    servers.told({ servers: [entry(ELSEWHERE), entry(third)], ticket: "t" });
    network.list = [ELSEWHERE, third];
    const open = network.openWire;
    ladder = ladderWith((url) => {
      network.sockets = url.includes(ORIGIN.slice(8)) ? "open" : "refuse";
      return open(url);
    });
    ladder.start();
    await clock.pass(3_000);
    expect(opened()).toEqual(["other.example", "third.example", "chat.example"]);
    expect(states).toEqual(["websocket"]);
  });

  test("where sockets open nowhere, neither here nor on other hosts, requests are held", async () => {
    servers.told({ servers: [entry(ELSEWHERE)], ticket: "t" });
    network.list = [ELSEWHERE];
    network.sockets = "refuse";
    ladder.start();
    await clock.pass(10_000);
    expect(states.at(-1)).toBe("longpoll");
    expect(new Set(network.paths)).toEqual(new Set([""]));
  });
});

describe("addresses of servers", () => {
  const addressOf = async (url: string, origin = ORIGIN) => {
    const list = new Servers({ read: network.readServers, clock, origin });
    list.told({ servers: [entry(url)], ticket: "t" });
    return { ...(await list.address()), path: await list.path() };
  };

  test("a server behind a proxy that speaks https for it is reached by https", async () => {
    const here = { socketUrl: "wss://chat.example/s/a/api/v1/ws", path: "/s/a", elsewhere: false };
    expect(await addressOf("http://chat.example/s/a/")).toMatchObject(here);
    expect(await addressOf("http://other.example")).toMatchObject({ socketUrl: "wss://other.example/api/v1/ws" });
  });

  test("a page that was opened by plain http stays with it", async () => {
    const here = { socketUrl: "ws://chat.example/s/a/api/v1/ws", elsewhere: false };
    expect(await addressOf("https://chat.example/s/a", "http://chat.example")).toMatchObject(here);
  });

  test("another port of the same machine is another host", async () => {
    const there = { socketUrl: "ws://127.0.0.1:8001/api/v1/ws", path: "", elsewhere: true, ticket: "t" };
    expect(await addressOf("http://127.0.0.1:8001", "http://127.0.0.1:8000")).toMatchObject(there);
  });

  test("what is no address of a server is passed over", async () => {
    expect(await addressOf("javascript:alert(1)")).toMatchObject({ socketUrl: "wss://chat.example/api/v1/ws" });
  });
});

describe("the socket", () => {
  const event = (seq: number) => ({ channel_id: "c", seq, at: 1, author_id: "u", version: seq, kind: "other" });

  test("frames are stored in order, and the stored cursor is acknowledged within a second", async () => {
    ladder.start();
    await clock.pass(100);
    const wire = network.wires[0]!;
    wire.say({ type: "events", events: [event(1)] });
    wire.say({ type: "events", events: [event(2)], cursor: "c2" });
    wire.say({ type: "events", events: [event(3)] });
    await clock.pass(1_100);
    const seqs = inbox.deliveries.flatMap((delivery) => delivery.events.map((one) => one.seq));
    expect(seqs).toEqual([1, 2, 3]);
    expect(inbox.stored).toBe("c2");
    expect(wire.sent.filter((frame) => frame.type === "ack")).toEqual([{ type: "ack", cursor: "c2" }]);
  });

  test("what cannot be stored ends the connection, which resumes from what was", async () => {
    ladder.start();
    await clock.pass(100);
    inbox.take = () => Promise.reject(new Error("the disk is full"));
    network.wires[0]!.say({ type: "events", events: [event(1)], cursor: "c1" });
    await clock.pass(5_000);
    expect(network.wires.length).toBeGreaterThan(1);
    expect(network.wires[1]!.sent[0]).toMatchObject({ cursor: "c0" });
  });

  test("actions are answered by their number, and break when the line does", async () => {
    ladder.start();
    await clock.pass(100);
    const wire = network.wires[0]!;
    const action = { type: "send", channel_id: "c", client_message_id: "m", text: "t" } as const;
    const [first, second, third] = [ladder.act(action, false), ladder.act(action, false), ladder.act(action, false)];
    wire.say({ type: "error", id: 2, code: "forbidden", detail: "No." });
    wire.say({ type: "ok", id: 1, event: { ...event(9), kind: "message", text: "t", count: 1 } });
    expect(await first).toMatchObject({ kind: "done", event: { seq: 9 } });
    expect(await second).toMatchObject({ kind: "refused", problem: { code: "forbidden" } });
    wire.closeBy(1006);
    expect(await third).toEqual({ kind: "broke" });
    await settled();
  });

  test("what is on the screen is told with the welcome, and whether somebody looks every 10 s until nobody does", async () => {
    onScreen = "c";
    ladder.start();
    const beats = () => network.wires[0]!.sent.filter((frame) => frame.type === "heartbeat");
    await clock.pass(100);
    expect(beats()).toEqual([{ type: "heartbeat", active: true, open: "c" }]);
    await clock.pass(20_000);
    expect(beats().length).toBe(3);
    active = false;
    await clock.pass(30_000);
    expect(beats().slice(3)).toEqual([{ type: "heartbeat", active: false, open: "c" }]);
    active = true;
    onScreen = "d";
    ladder.attend();
    expect(beats().at(-1)).toEqual({ type: "heartbeat", active: true, open: "d" });
  });

  test("a heartbeat carries the cursor and is answered", async () => {
    ladder.start();
    await clock.pass(100);
    network.wires[0]!.say({ type: "heartbeat", cursor: "c5" });
    await clock.pass(10);
    expect(inbox.stored).toBe("c5");
    expect(network.wires[0]!.sent.at(-1)).toEqual({ type: "heartbeat", active: true, open: null });
  });
});
