// Which screen is shown: kept in the address, so that back, reload and links do what people expect.
import { signal, type ReadonlySignal } from "@preact/signals";
import type { ChannelId } from "../protocol/types";

export type Place =
  | { screen: "list" }
  | { screen: "channel"; id: ChannelId; details: boolean }
  | { screen: "new" }
  | { screen: "contacts" }
  | { screen: "settings" }
  | { screen: "invite"; code: string };

const INVITE_PATHS = new Set(["i", "invite"]);

export function placeOf(path: string, search = ""): Place {
  const parts = path.split("/").filter(Boolean).map(decoded);
  const code = new URLSearchParams(search).get("invite") ?? (INVITE_PATHS.has(parts[0] ?? "") ? parts[1] : undefined);
  if (code) return { screen: "invite", code };
  switch (parts[0]) {
    case "c":
      return parts[1] ? { screen: "channel", id: parts[1], details: parts[2] === "details" } : { screen: "list" };
    case "new":
    case "contacts":
    case "settings":
      return { screen: parts[0] };
    default:
      return { screen: "list" };
  }
}

export function pathOf(place: Place): string {
  switch (place.screen) {
    case "list":
      return "/";
    case "channel":
      return `/c/${encodeURIComponent(place.id)}${place.details ? "/details" : ""}`;
    case "invite":
      return `/invite/${encodeURIComponent(place.code)}`;
    default:
      return `/${place.screen}`;
  }
}

export class Route {
  private readonly current = signal<Place>(placeOf(location.pathname, location.search));

  constructor() {
    addEventListener("popstate", () => (this.current.value = placeOf(location.pathname, location.search)));
  }

  get place(): ReadonlySignal<Place> {
    return this.current;
  }

  go(place: Place): void {
    if (pathOf(place) !== location.pathname) history.pushState({ within: true }, "", pathOf(place));
    this.current.value = place;
  }

  replace(place: Place): void {
    history.replaceState(history.state, "", pathOf(place));
    this.current.value = place;
  }

  /** Where the person came from inside the page, otherwise `otherwise`. */
  back(otherwise: Place): void {
    if ((history.state as { within?: boolean } | null)?.within) history.back();
    else this.replace(otherwise);
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % in an address somebody typed
  }
}
