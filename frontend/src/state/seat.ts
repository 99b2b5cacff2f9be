// This tab's seat among the tabs of one browser: one of them holds the connection, the others follow what it tells.
import { signal } from "@preact/signals";
import { fillRandom, type Clock } from "../platform/clock";
import { browserView, follow, Gaze } from "../platform/gaze";
import { leadWhenAlone, TabLine, tabsCanElect } from "../platform/tabs";
import { uuid7 } from "../protocol/ids";
import type { ChannelId, ServerList, UserId } from "../protocol/types";
import type { Rumour } from "../net/inbox";
import type { LinkState } from "../net/ladder";
import type { Rest } from "../net/rest";
import { Servers } from "../net/servers";
import type { Change } from "../sync/change";
import { Engine } from "../sync/engine";
import type { Ledger } from "../sync/ledger";
import type { Outbox } from "../sync/outbox";
import { Attention } from "./attention";
import { CalmLink, isLive, type Link } from "./calm";
import type { TabMessage } from "./tab-message";

const GLANCE_MS = 10_000;
const ATTEND_MS = 150; // walking through the list by keys is no reason to tell of each conversation

export interface SeatParts {
  me: UserId;
  ledger: Ledger;
  outbox: Outbox;
  rest: Rest;
  clock: Clock;
  /** From this tab or another. */
  onChange: (change: Change) => void;
  onRumour: (rumour: Rumour) => void;
  onLink: (state: LinkState) => void;
  /** The person is back at this tab; another one had their attention, and the connection's, meanwhile. */
  onReturn: () => void;
  /** This tab takes over from one that went, perhaps before it told of all that it had kept. */
  onTakeover: () => Promise<void>;
  /** The channel this tab shows. */
  shown: () => ChannelId | null;
  /** What a tab that comes later has missed. */
  rumours: () => Rumour[];
}

export class Seat {
  readonly link = signal<Link>({ kind: "connecting" });
  /** The same as the person is told. */
  readonly calm: CalmLink;
  private readonly line: TabLine<TabMessage>;
  private readonly left = new AbortController();
  private readonly servers: Servers;
  private readonly attention: Attention;
  private readonly tab: string;
  private attending = false;
  private engine: Engine | null = null;

  constructor(private readonly parts: SeatParts) {
    const { rest, clock, shown } = parts;
    const gaze = new Gaze(clock, browserView, () => this.returned());
    follow(gaze, this.left.signal);
    this.attention = new Attention({ gaze, clock, shown });
    this.tab = uuid7(clock.now(), fillRandom);
    this.calm = new CalmLink(clock);
    this.servers = new Servers({ read: () => rest.servers(), clock, origin: location.origin });
    this.line = new TabLine(`maru-${parts.me}`, (message) => this.hear(message));
  }

  /** Aborted when the person leaves. */
  get closed(): AbortSignal {
    return this.left.signal;
  }

  /**
   * Connect, once this tab is the one to do it. Only after the server has confirmed who is signed in; it may have told
   * its chat servers with that.
   */
  take(list: ServerList | null): void {
    if (list) this.servers.told(list);
    this.line.post({ kind: "state?" });
    leadWhenAlone(`maru-lead-${this.parts.me}`, this.left.signal, () => void this.lead());
    const options = { signal: this.left.signal };
    void this.glanceNowAndThen();
    const networkChanged = () => this.engine?.ladder.nudge(true);
    addEventListener("online", networkChanged, options);
    addEventListener("offline", networkChanged, options); // told before an answer is missed, if it is out of reach
    addEventListener("focus", () => this.wakeIfSeen(), options);
    document.addEventListener("visibilitychange", () => this.wakeIfSeen(), options);
  }

  /** Not even who is signed in can be asked. */
  unreachable(): void {
    this.linkIs({ kind: "offline" });
  }

  leave(): void {
    this.left.abort();
    this.engine?.stop();
    this.line.close();
  }

  /** Make a change known in every tab, and to the connection: there may be something to send. */
  readonly publish = (change: Change): void => {
    this.parts.onChange(change);
    this.line.post({ kind: "change", change });
    this.engine?.notice(change);
    if (change.waiting.length > 0 && !isLive(this.link.value)) void this.sendWhenOnline();
  };

  /** By the service worker, which is there when this page is gone. */
  private async sendWhenOnline(): Promise<void> {
    const { sendWhenOnline } = await import("../platform/worker");
    await sendWhenOnline();
  }

  /** What this tab is used for has changed: told soon, once for many changes at a time. */
  async attend(): Promise<void> {
    if (this.attending) return;
    this.attending = true;
    await this.parts.clock.sleep(ATTEND_MS, this.closed);
    this.attending = false;
    if (!this.closed.aborted) this.tellAttention();
  }

  /** To the server, or to the tab that talks to it. */
  private tellAttention(): void {
    if (this.engine) this.engine.ladder.attend();
    else this.line.post({ kind: "glance", tab: this.tab, glance: this.attention.here });
  }

  /** The person is writing. */
  typing(channel: ChannelId): void {
    if (this.engine) this.engine.ladder.typing(channel);
    else this.line.post({ kind: "typing", channel });
  }

  private returned(): void {
    void this.attend();
    if (this.attention.shared) this.parts.onReturn();
  }

  /** A tab that follows repeats what it is used for, while it is, and once when it no longer is. */
  private async glanceNowAndThen(): Promise<void> {
    for (let told = false; !this.closed.aborted; ) {
      await this.parts.clock.sleep(GLANCE_MS, this.closed);
      const { active } = this.attention.here;
      if (!this.engine && (active || told)) this.tellAttention();
      told = active;
    }
  }

  private async lead(): Promise<void> {
    const { ledger, outbox, rest, clock, onRumour } = this.parts;
    const newDevice = () => uuid7(clock.now(), fillRandom);
    const device = tabsCanElect() ? await ledger.device(newDevice) : newDevice();
    if (this.link.value.kind === "elsewhere") await this.parts.onTakeover().catch(reportError); // goes on after what is kept
    if (this.left.signal.aborted) return;
    this.engine = new Engine({
      ledger,
      outbox,
      rest,
      clock,
      device,
      openWire: (url) => new WebSocket(url),
      servers: this.servers,
      isActive: () => this.attention.anywhere.active,
      onScreen: () => this.attention.anywhere.open,
      isHidden: () => document.visibilityState === "hidden",
      publish: this.publish,
      onState: (state) => this.onState(state),
      onRumour: (rumour) => {
        onRumour(rumour);
        this.line.post({ kind: "rumour", rumour });
      },
    });
    this.engine.start();
  }

  /** Look at the connection, and at what waits. */
  wake(): void {
    this.engine?.ladder.nudge(false);
  }

  private wakeIfSeen(): void {
    if (document.visibilityState === "visible") this.wake();
  }

  private onState(state: LinkState): void {
    this.linkIs(state);
    this.line.post({ kind: "state", state });
    this.parts.onLink(state);
  }

  private linkIs(link: Link): void {
    this.link.value = link;
    this.calm.hear(link);
  }

  private hear(message: TabMessage): void {
    switch (message.kind) {
      case "change":
        this.parts.onChange(message.change);
        this.engine?.notice(message.change);
        return;
      case "rumour":
        return this.parts.onRumour(message.rumour);
      case "state":
        if (this.engine) return;
        this.linkIs({ kind: "elsewhere", state: message.state });
        return this.parts.onLink(message.state);
      case "state?":
        if (!this.engine) return;
        this.line.post({ kind: "state", state: this.engine.ladder.state });
        for (const rumour of this.parts.rumours()) this.line.post({ kind: "rumour", rumour });
        return;
      case "glance":
        this.attention.hear(message.tab, message.glance);
        return this.engine?.ladder.attend();
      case "typing":
        return this.engine?.ladder.typing(message.channel);
    }
  }
}
