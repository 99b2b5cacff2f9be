// The page's side of the service worker (sw/): keeping it up to date, and what it tells.
import { tabsCanElect } from "./tabs";

/** What the worker tells open pages. Pages of older builds hear it too: kinds are only ever added. */
export type WorkerNews =
  /** The build that new pages get from now on. */
  | { kind: "build"; build: string }
  /** The network is back: there may be something to send. */
  | { kind: "flush" }
  /** A notification was chosen. */
  | { kind: "open"; path: string };

/** Under which the worker is woken to empty the outbox. */
export const OUTBOX_TAG = "outbox";
const WORKER = "/sw.js";
const UPDATE_MS = 60 * 60_000; // a page that stays open for days looks for a new build itself

/** Begins the name of each cache that keeps a build. */
export const SHELL = "maru-shell-";

/** Held by every page of a build, so that its files are kept. */
export const buildLock = (build: string) => `maru-build-${build}`;

export const tell = (page: { postMessage(news: WorkerNews): void }, news: WorkerNews) => page.postMessage(news);

const workers = (): ServiceWorkerContainer | null => ("serviceWorker" in navigator ? navigator.serviceWorker : null);

/** Browsers offer workers and locks only to secure origins: elsewhere the page comes from the server each time. */
export function startWorker(build: string, hear: (news: WorkerNews) => void): void {
  const container = workers();
  if (!container || !tabsCanElect()) return;
  void navigator.locks.request(buildLock(build), { mode: "shared" }, () => new Promise(() => undefined));
  container.addEventListener("message", (event: MessageEvent<WorkerNews>) => hear(event.data));
  container.startMessages();
  const register = () => void registerIn(container);
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true }); // what the first screen needs goes first
}

async function registerIn(container: ServiceWorkerContainer): Promise<void> {
  try {
    const { active } = await container.register(trusted(WORKER), { updateViaCache: "none" });
    if (active && !(await keepsShell())) await leaveWithdrawn(container);
  } catch {
    await leaveWithdrawn(container); // or refused where nothing may be kept: then it is a page like any other
  }
}

const keepsShell = async () => (await caches.keys()).some((name) => name.startsWith(SHELL));

/** A worker that was taken off the server has given up, and kept nothing; registering has called it back. */
async function leaveWithdrawn(container: ServiceWorkerContainer): Promise<void> {
  const registrations = await container.getRegistrations();
  if (registrations.length === 0) return; // nothing to leave: a first visit asks for nothing more
  const answer = await fetch(WORKER, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (!answer || (answer.status !== 404 && answer.status !== 410)) return;
  for (const registration of registrations) await registration.unregister();
}

/** The server's policy asks for typed addresses of scripts, and allows this one maker of them: it makes one address. */
function trusted(url: typeof WORKER): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  return trustedTypes?.createPolicy("maru-worker", { createScriptURL: () => url }).createScriptURL(url) ?? url;
}

/** As far as it is used here; TypeScript does not know it. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(url: string): string };
}

/** Look for a new build now and then, when the page is used. */
export class UpdateWatch {
  private lookedAt = Date.now();

  look(atLeastMs = UPDATE_MS): void {
    const container = workers();
    if (!container?.controller || Date.now() - this.lookedAt < atLeastMs) return;
    this.lookedAt = Date.now();
    void container.ready.then((registration) => registration.update()).catch(() => undefined); // another time
  }
}

/** Have the outbox sent when the network is back, the page closed or not; where browsers can do that. */
export async function sendWhenOnline(): Promise<void> {
  const container = workers();
  if (!container?.controller) return;
  const registration = (await container.ready) as ServiceWorkerRegistration & {
    sync?: { register(tag: string): Promise<void> };
  };
  await registration.sync?.register(OUTBOX_TAG).catch(() => undefined); // not allowed: then when a page is open again
}
