// The tabs of one browser: which of them leads, and how they hear of each other.

/**
 * Calls `lead` once this tab holds the lock `name`, and keeps the lock until `signal` is aborted.
 * Browsers offer locks only to secure origins: elsewhere every tab leads, which is safe but costs a connection each.
 */
export function leadWhenAlone(name: string, signal: AbortSignal, lead: () => void): void {
  if (!("locks" in navigator)) return lead();
  const held = () =>
    new Promise<void>((release) => {
      if (signal.aborted) return release();
      signal.addEventListener("abort", () => release());
      lead();
    });
  navigator.locks.request(name, { signal }, held).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Runs `work` while no other tab runs anything by that name; where there are no locks, it just runs. */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? await navigator.locks.request(name, work) : work();
}

/** True where a single tab can be told to hold the connection. */
export const tabsCanElect = () => "locks" in navigator;

/** A line between the tabs of one person. What is posted is heard by the other tabs only. */
export class TabLine<Message> {
  private readonly channel: BroadcastChannel;

  constructor(name: string, hear: (message: Message) => void) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = (event: MessageEvent<Message>) => hear(event.data);
  }

  post(message: Message): void {
    this.channel.postMessage(message);
  }

  close(): void {
    this.channel.close();
  }
}
