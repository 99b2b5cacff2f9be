// Which screen is shown: kept in the address, so that back, reload and links do what people expect.
import { signal, type ReadonlySignal } from "@preact/signals";
import type { ChannelId } from "../protocol/types";

export const SETTINGS_PAGES = ["profile", "look", "notifications", "devices", "invites", "connection", "about"] as const;
export type SettingsPage = (typeof SETTINGS_PAGES)[number];

export type Place =
  | { screen: "list" }
  /** `seq`: the message an address names. */
  | { screen: "channel"; id: ChannelId; details: boolean; seq?: number }
  | { screen: "new" }
  | { screen: "contacts" }
  /** Without a page: the list of them, and on wide windows the first one. */
  | { screen: "settings"; page?: SettingsPage }
  /** Something shared from another app waits for its conversation. */
  | { screen: "share" }
  | { screen: "invite"; code: string };

/** Where in a conversation somebody reads: the top of the row at `seq` stands `offset` pixels below the window's top.
 * Without an offset: in the upper third. */
export interface Spot {
  seq: number;
  offset: number | null;
}

/** How the place was come to. */
export interface Arrival {
  spot: Spot | null;
  /** From elsewhere in the same conversation: one may want to go back. */
  jumped: boolean;
}

/** What an entry of the browser's history keeps besides its address. */
interface Entry {
  within?: boolean;
  jumped?: boolean;
  spot?: Spot | null;
}

const INVITE_PATHS = new Set(["i", "invite"]);

export function placeOf(path: string, search = "", hash = ""): Place {
  const parts = path.split("/").filter(Boolean).map(decoded);
  const code = new URLSearchParams(search).get("invite") ?? (INVITE_PATHS.has(parts[0] ?? "") ? parts[1] : undefined);
  if (code) return { screen: "invite", code };
  switch (parts[0]) {
    case "c":
      return parts[1] ? channelPlace(parts[1], parts[2], hash) : { screen: "list" };
    case "settings": {
      const page = SETTINGS_PAGES.find((one) => one === parts[1]);
      return page ? { screen: "settings", page } : { screen: "settings" };
    }
    case "new":
    case "contacts":
    case "share":
      return { screen: parts[0] };
    default:
      return { screen: "list" };
  }
}

function channelPlace(id: ChannelId, part: string | undefined, hash: string): Place {
  const place = { screen: "channel", id, details: part === "details" } as const;
  return /^#[1-9]\d{0,14}$/.test(hash) ? { ...place, seq: Number(hash.slice(1)) } : place;
}

export function pathOf(place: Place): string {
  switch (place.screen) {
    case "list":
      return "/";
    case "channel": {
      const path = `/c/${encodeURIComponent(place.id)}${place.details ? "/details" : ""}`;
      return place.seq === undefined ? path : `${path}#${place.seq}`;
    }
    case "settings":
      return place.page ? `/settings/${place.page}` : "/settings";
    case "invite":
      return `/invite/${encodeURIComponent(place.code)}`;
    default:
      return `/${place.screen}`;
  }
}

export class Route {
  /** Where the open conversation is read, for when the person comes back to this entry of the history. */
  spot: () => Spot | null = () => null;
  private left: Spot | null = null;
  private readonly current = signal<Place>(here());
  private readonly came = signal<Arrival>(arrivalOf(here(), entry()));

  constructor() {
    addEventListener("popstate", () => this.follow());
    addEventListener("pagehide", () => this.keepSpot());
  }

  get place(): ReadonlySignal<Place> {
    return this.current;
  }

  get arrival(): ReadonlySignal<Arrival> {
    return this.came;
  }

  go(place: Place): void {
    const jumped = isJump(this.current.value, place);
    const state: Entry = { within: true, jumped };
    this.keepSpot();
    if (pathOf(place) === location.pathname + location.hash) history.replaceState({ ...entry(), ...state }, "");
    else history.pushState(state, "", pathOf(place));
    this.show(place, arrivalOf(place, { jumped }));
  }

  replace(place: Place): void {
    history.replaceState(history.state, "", pathOf(place));
    this.show(place, arrivalOf(place, {}));
  }

  /** Where the person came from inside the page, otherwise `otherwise`. */
  back(otherwise: Place): void {
    if (entry().within) history.back();
    else this.replace(otherwise);
  }

  /** The person stays here: there is nothing to go back to any more. */
  settle(): void {
    if (!this.came.value.jumped) return;
    history.replaceState({ ...entry(), jumped: false } satisfies Entry, "");
    this.came.value = { spot: null, jumped: false };
  }

  /** The browser moved: through its history, or by an address that somebody typed. */
  private follow(): void {
    const place = here();
    const typed = history.state === null;
    if (typed) {
      this.left = this.spot(); // the entry left can no longer be told
      history.replaceState({ within: true, jumped: isJump(this.current.value, place) } satisfies Entry, "");
    }
    const { spot = typed ? undefined : this.left, ...state } = entry();
    if (!typed) this.left = null;
    this.show(place, arrivalOf(place, { ...state, spot: spot ?? null }));
  }

  private keepSpot(): void {
    history.replaceState({ ...entry(), spot: this.spot() } satisfies Entry, "");
  }

  private show(place: Place, arrival: Arrival): void {
    this.came.value = arrival;
    this.current.value = place;
  }
}

function isJump(from: Place, to: Place): boolean {
  return to.screen === "channel" && to.seq !== undefined && from.screen === "channel" && from.id === to.id;
}

const here = () => placeOf(location.pathname, location.search, location.hash);
const entry = () => (history.state ?? {}) as Entry; // written by this file, nobody else

function arrivalOf(place: Place, { spot, jumped = false }: Entry): Arrival {
  const named = place.screen === "channel" && place.seq !== undefined ? { seq: place.seq, offset: null } : null;
  return { spot: spot ?? named, jumped };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % in an address somebody typed
  }
}
