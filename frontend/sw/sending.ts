// Sends what waits in the outbox while nobody looks: the network is back and the pages are closed or asleep.
import { openDatabase } from "../src/db/database";
import { outcomeOfError, type Outcome } from "../src/net/outcome";
import { Rest } from "../src/net/rest";
import { TabLine } from "../src/platform/tabs";
import { tell } from "../src/platform/worker";
import type { Action, ChannelId } from "../src/protocol/types";
import type { TabMessage } from "../src/state/tab-message";
import type { Change } from "../src/sync/change";
import { Outbox } from "../src/sync/outbox";

/**
 * Rejects while something is left, so that the browser comes back later. A page that wakes up meanwhile may send the
 * same: the server knows each message by its id, and takes it once.
 */
export async function sendWaiting(clients: Clients): Promise<void> {
  const pages = await clients.matchAll({ type: "window" });
  for (const page of pages) tell(page, { kind: "flush" });
  if (pages.some((page) => page.visibilityState === "visible")) return; // it does so itself
  const rest = new Rest();
  const me = await rest.me();
  const db = await openDatabase(me.id);
  const line = new TabLine<TabMessage>(`maru-${me.id}`, () => undefined);
  try {
    await empty(new Outbox(db), rest, (change) => line.post({ kind: "change", change }));
  } finally {
    line.close();
    db.close();
  }
}

/** In the order of writing. A channel whose first item is not decided waits with all that follows. */
async function empty(outbox: Outbox, rest: Rest, publish: (change: Change) => void): Promise<void> {
  const stuck = new Set<ChannelId>();
  for (const item of await outbox.items()) {
    if (item.problem || stuck.has(item.channel_id)) continue;
    const outcome = await attempt(rest, item.action);
    if (outcome.kind === "done") publish(await outbox.settle(item, outcome.event));
    else if (outcome.kind === "refused") publish(await outbox.refuse(item.client_message_id, outcome.problem));
    else stuck.add(item.channel_id);
  }
  if (stuck.size > 0) throw new Error("not everything is sent");
}

async function attempt(rest: Rest, action: Action): Promise<Outcome> {
  try {
    return { kind: "done", event: await rest.act(action) };
  } catch (error) {
    return outcomeOfError(error);
  }
}
