// The service worker: keeps the page for when there is no server, and is there when no page is open.
// What belongs to the API never passes through it.
import { showPush, openFrom } from "./push";
import { OUTBOX_TAG } from "../src/platform/worker";
import { sendWaiting } from "./sending";
import { isShare, takeShare } from "./sharing";
import { Shell } from "./shell";

declare const self: ServiceWorkerGlobalScope;
/** Put in by the build: its name, and the paths of its files. */
declare const BUILD: string;
declare const FILES: readonly string[];

const shell = new Shell(self, BUILD, FILES);

// A new build takes over at once: open pages go on with theirs, whose files are kept, and are told of it.
self.addEventListener("install", (event) => {
  goPast(event);
  event.waitUntil(shell.install().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(shell.activate());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (isShare(request, url)) return event.respondWith(takeShare(request));
  if (request.method !== "GET") return;
  if (shell.isPage(request, url)) {
    event.respondWith(shell.page(request));
    event.waitUntil(shell.lookAround());
  } else if (shell.isFile(url)) event.respondWith(shell.file(request));
});

/** Static routing, which TypeScript does not know and not every browser has. */
interface RoutableEvent extends ExtendableEvent {
  addRoutes?(rules: Route[]): Promise<void>;
}
interface Route {
  condition: { urlPattern: { pathname: string } };
  source: "cache" | "network";
}

/** What the browser can answer as this worker would, it does without it: files from the caches, the API never. */
function goPast(event: RoutableEvent): void {
  const routes = event.addRoutes?.([
    { condition: { urlPattern: { pathname: "/assets/*" } }, source: "cache" },
    { condition: { urlPattern: { pathname: "/api/*" } }, source: "network" },
  ]);
  routes?.catch(() => undefined); // an older form of it: then everything passes by here
}

self.addEventListener("push", (event) => event.waitUntil(showPush(self, event.data)));
self.addEventListener("notificationclick", (event) => event.waitUntil(openFrom(self, event.notification)));

/** Background Sync, which TypeScript does not know: the network is back. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}
self.addEventListener("sync" as never, (event: SyncEvent) => {
  if (event.tag === OUTBOX_TAG) event.waitUntil(sendWaiting(self.clients));
});
