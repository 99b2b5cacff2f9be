// Which chat server to use: the list as the server ranks it, one after the other, the page's own origin last.
import type { Clock } from "../platform/clock";
import type { ServerEntry, ServerList } from "../protocol/types";

const TICKET_MS = 40_000; // it holds for 60 s: what is left must do for the handshake

/** Where a chat server takes connections. */
export interface Address {
  socketUrl: string;
  /** On another host, where this page's cookies do not hold. */
  elsewhere: boolean;
  /** For its `hello`, once. */
  ticket: string | null;
}

export interface ServersParts {
  read: () => Promise<ServerList>;
  clock: Clock;
  /** Of the page: scheme, host and port. */
  origin: string;
}

export class Servers {
  /** Those still to be tried before the list is asked for anew; the first is the one in use. */
  private round: URL[] = [];
  private ticket: { text: string; readAt: number } | null = null;

  constructor(private readonly parts: ServersParts) {}

  /** A list that came by itself: with signing in, at the start, with a goodbye. An empty one tells nothing. */
  told(list: ServerList): void {
    if (list.ticket) this.ticket = { text: list.ticket, readAt: this.parts.clock.now() };
    if (list.servers.length > 0) this.begin(list.servers);
  }

  /** The present server is given up. True if another one is left in the list. */
  next(): boolean {
    this.round.shift();
    return this.round.length > 0;
  }

  /** Whether another server is left when the present one is given up. */
  get others(): boolean {
    return this.round.length > 1;
  }

  /** Where to open a WebSocket now. Asks for the list when it is used up, and for a ticket where one is needed. */
  async address(): Promise<Address> {
    const url = await this.present();
    const elsewhere = url.host !== this.own.host;
    const ticket = elsewhere ? await this.takeTicket() : null;
    if (!elsewhere || ticket) return { socketUrl: socketUrlOf(url), elsewhere, ticket };
    this.begin([]); // whoever gives no tickets may still take the connection
    return this.address();
  }

  /** What stands before the API's root in calls to the present server: "" or "/s/a". One on another host is not called:
   * this page's cookies do not hold there, the page's own origin answers as well. */
  async path(): Promise<string> {
    const url = await this.present();
    return url.host === this.own.host ? pathOf(url) : "";
  }

  private async present(): Promise<URL> {
    if (this.round.length === 0) await this.renew();
    return this.round[0]!;
  }

  private get own(): URL {
    return new URL(this.parts.origin);
  }

  private begin(entries: readonly ServerEntry[]): void {
    const usable = entries.filter(({ url }) => /^https?:/.test(url) && URL.canParse(url));
    const urls = usable.map(({ url }) => this.seen(new URL(url)));
    const distinct = new Map([...urls, this.own].map((url) => [url.href, url]));
    this.round = [...distinct.values()];
  }

  /** As seen from this page. Behind a proxy a server may not know that it is reached by https; the page does. */
  private seen(url: URL): URL {
    if (url.host === this.own.host) return new URL(url.pathname, this.own);
    if (this.own.protocol === "https:") url.protocol = "https:";
    return url;
  }

  private async renew(): Promise<void> {
    try {
      this.told(await this.parts.read());
    } catch {
      this.ticket = null; // whoever cannot tell the list may still take the connection
    }
    if (this.round.length === 0) this.begin([]);
  }

  private async takeTicket(): Promise<string | null> {
    const held = this.ticket;
    this.ticket = null;
    if (held && this.parts.clock.now() - held.readAt < TICKET_MS) return held.text;
    return this.parts.read().then(
      (list) => list.ticket ?? null,
      () => null,
    );
  }
}

const pathOf = (url: URL) => url.pathname.replace(/\/$/, "");

function socketUrlOf(url: URL): string {
  return `${url.protocol === "https:" ? "wss:" : "ws:"}//${url.host}${pathOf(url)}/api/v1/ws`;
}
