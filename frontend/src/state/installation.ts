// The page as a program on this device: a newer build, installing it, and what its service worker tells.
import { computed, signal } from "@preact/signals";
import { readSetting, writeSetting } from "../platform/settings";
import type { UpdateWatch, WorkerNews } from "../platform/worker";

/** Chromium's offer to install; other browsers make none. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
  readonly userChoice: Promise<{ outcome: "accepted" | "dismissed" }>;
}

/** How this device can be told to install: by a button, by the person in Safari's or another browser's menu. */
export type Way = "button" | "ios" | "menu";

const BUILD = document.querySelector<HTMLMetaElement>("meta[name=build]")?.content ?? "";
const UNBUILT = "__BUILD__"; // served from the sources, without a worker
const SECOND = 2;

export interface InstallationParts {
  /** A notification was chosen. */
  onOpen: (path: string) => void;
  /** The network is back. */
  onFlush: () => void;
}

export class Installation {
  /** A newer build is on this device: shown after a reload. */
  readonly newer = signal(false);
  readonly installed = signal(isApp());
  private readonly offer = signal<InstallOffer | null>(null);
  private readonly refused = signal(readSetting("install") === "no");
  private readonly visits = countVisit();
  private watch: UpdateWatch | null = null;

  readonly way = computed<Way>(() => (this.offer.value ? "button" : isIos() ? "ios" : "menu"));
  /** Worth a quiet line: somebody came back, can install by one tap or in Safari, and has not said no. */
  readonly hinted = computed(
    () => this.visits >= SECOND && !this.installed.value && !this.refused.value && this.way.value !== "menu",
  );

  constructor(private readonly parts: InstallationParts) {}

  start(): void {
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault(); // offered by the page's own line
      this.offer.value = event as InstallOffer;
    });
    addEventListener("appinstalled", () => {
      this.installed.value = true;
      this.offer.value = null;
    });
    document.addEventListener("visibilitychange", () => this.watch?.look());
  }

  /** Once the first screen is drawn. */
  async startWorker(): Promise<void> {
    if (BUILD === UNBUILT) return;
    const worker = await import("../platform/worker").catch(() => null);
    if (!worker) return; // the connection is gone again: the next visit starts it
    this.watch = new worker.UpdateWatch();
    worker.startWorker(BUILD, (news) => this.hear(news));
  }

  /** The server was away and is back: perhaps with a new build. */
  serverIsBack(): void {
    this.watch?.look(60_000);
  }

  async install(): Promise<void> {
    const offer = this.offer.value;
    if (!offer) return;
    this.offer.value = null; // an offer holds once
    await offer.prompt();
    const { outcome } = await offer.userChoice;
    if (outcome === "accepted") this.installed.value = true;
    else this.refuse();
  }

  /** For good. The settings still offer it. */
  refuse(): void {
    this.refused.value = true;
    writeSetting("install", "no");
  }

  private hear(news: WorkerNews): void {
    switch (news.kind) {
      case "build":
        this.newer.value = news.build !== BUILD;
        return;
      case "flush":
        return this.parts.onFlush();
      case "open":
        return this.parts.onOpen(news.path);
    }
  }
}

const isApp = () => matchMedia("(display-mode: standalone)").matches || isStandaloneSafari() === true;

/** Only Safari on iOS knows this property. */
const isStandaloneSafari = () => (navigator as { standalone?: boolean }).standalone;
const isIos = () => isStandaloneSafari() !== undefined;

/** A visit is a tab's life; how many there were. */
function countVisit(): number {
  const before = Number(readSetting("visits") ?? 0);
  try {
    if (sessionStorage.getItem("maru.visit")) return before;
    sessionStorage.setItem("maru.visit", "1");
  } catch {
    return before; // storage is switched off: nothing is counted
  }
  if (before < SECOND) writeSetting("visits", String(before + 1));
  return before + 1;
}
