// Something another app shared, between its arrival at the service worker and the conversation it goes to.

export interface Shared {
  text: string;
  /** How many files came with it. */
  files: number;
}

const CACHE = "maru-shared";
const PLACE = "/share/kept"; // never asked of the server

export async function keepShared(shared: Shared): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(PLACE, Response.json(shared));
}

/** Null when there is nothing, or nothing can be kept here. */
export async function readShared(): Promise<Shared | null> {
  if (!("caches" in globalThis)) return null;
  const kept = await caches.match(PLACE, { cacheName: CACHE });
  return kept ? ((await kept.json()) as Shared) : null; // written above, nobody else
}

export async function forgetShared(): Promise<void> {
  if ("caches" in globalThis) await caches.delete(CACHE);
}
