// The page itself, kept on the device: all files of one build in one cache, so that builds never mix.
import { buildLock, SHELL, tell, type WorkerNews } from "../src/platform/worker";

const PAGE = "/";
const SERVERS_OWN = /^\/(api|s|admin|metrics|healthz|readyz|version)(\/|$)/; // addresses that are no screens
const WITHDRAWN = new Set([404, 410]);

export class Shell {
  private readonly name: string;

  constructor(
    private readonly scope: ServiceWorkerGlobalScope,
    private readonly build: string,
    private readonly files: readonly string[],
  ) {
    this.name = SHELL + build;
  }

  /** All or nothing: rejects when a file is missing or the page is another build's. The browser tries again later. */
  async install(): Promise<void> {
    const begun = await caches.has(this.name);
    const cache = await caches.open(this.name);
    try {
      await Promise.all(this.files.map((path) => this.keep(cache, path)));
      await cache.put(PAGE, await this.ownPage());
    } catch (error) {
      if (!begun) await caches.delete(this.name);
      throw error;
    }
  }

  /** This build is the one from now on. */
  async activate(): Promise<void> {
    await this.scope.clients.claim();
    await this.forgetUnused();
    await this.tellPages({ kind: "build", build: this.build });
  }

  isPage(request: Request, url: URL): boolean {
    const isFile = url.pathname.slice(url.pathname.lastIndexOf("/")).includes(".");
    return request.mode === "navigate" && !isFile && !SERVERS_OWN.test(url.pathname);
  }

  isFile(url: URL): boolean {
    return url.pathname.startsWith("/assets/") || this.files.includes(url.pathname);
  }

  /** Every screen is the same document. */
  async page(request: Request): Promise<Response> {
    return (await caches.match(PAGE, { cacheName: this.name })) ?? fetch(request);
  }

  /** Of this build; of an older one for a page that is still open. Hashed names never clash. */
  async file(request: Request): Promise<Response> {
    const own = await caches.match(request, { cacheName: this.name });
    return own ?? (await caches.match(request)) ?? fetch(request);
  }

  /**
   * The page came from the cache: does it still hold? Its headers name the servers it may connect to, and change
   * without a new build. A worker that was taken off the server gives up, so that a bad one can be escaped.
   */
  async lookAround(): Promise<void> {
    try {
      const worker = await fetch("/sw.js", { method: "HEAD", cache: "no-store" });
      if (WITHDRAWN.has(worker.status)) return await this.giveUp();
      const cache = await caches.open(this.name);
      await cache.put(PAGE, await this.ownPage());
    } catch {
      return; // no server, or a newer build, of which the browser learns by itself
    }
  }

  private async giveUp(): Promise<void> {
    await this.scope.registration.unregister();
    for (const name of await shells()) await caches.delete(name);
  }

  private async keep(cache: Cache, path: string): Promise<void> {
    const kept = path.startsWith("/assets/") ? await caches.match(path) : undefined;
    const response = kept ?? (await fetch(path));
    if (!response.ok || response.redirected) throw new Error(`${path}: ${response.status}`);
    await cache.put(path, response);
  }

  private async ownPage(): Promise<Response> {
    const response = await fetch(PAGE, { cache: "no-store", credentials: "omit" });
    const text = await response.clone().text();
    if (!response.ok || response.redirected || !text.includes(`"${this.build}"`)) {
      throw new Error("the page is of another build");
    }
    return response;
  }

  /** Builds that no page runs any more, except the last: a page of it may be loading just now. */
  private async forgetUnused(): Promise<void> {
    const { held = [] } = await navigator.locks.query();
    const locks = new Set(held.map((lock) => lock.name));
    const others = (await shells()).filter((name) => name !== this.name);
    for (const name of others.slice(0, -1)) {
      if (!locks.has(buildLock(name.slice(SHELL.length)))) await caches.delete(name);
    }
  }

  private async tellPages(news: WorkerNews): Promise<void> {
    const pages = await this.scope.clients.matchAll({ type: "window", includeUncontrolled: true });
    for (const page of pages) tell(page, news);
  }
}

/** Names of the caches of all builds, oldest first. */
async function shells(): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(SHELL));
}
