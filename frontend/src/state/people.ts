// Who people are: names for ids, asked for when a screen needs them and kept on the device.
import { computed, signal } from "@preact/signals";
import type { Clock } from "../platform/clock";
import type { Rest } from "../net/rest";
import type { User, UserId } from "../protocol/types";
import type { Ledger } from "../sync/ledger";
import { folded } from "../text/mentions";

const AT_ONCE = 50;
const UNKNOWN_MS = 60_000; // who the server does not know is not asked for again sooner
const RETRY_MS = 3_000;

export interface PeopleParts {
  ledger: Ledger;
  rest: Rest;
  clock: Clock;
  /** New or changed people, for the other tabs too. */
  tell: (people: User[]) => void;
  closed: AbortSignal;
}

export class People {
  readonly known = signal<ReadonlyMap<UserId, User>>(new Map());
  /** Those whom this device knows, by their folded usernames. */
  readonly byUsername = computed(
    () => new Map([...this.known.value.values()].map((user) => [folded(user.username), user])),
  );
  private readonly asked = new Set<UserId>();

  constructor(private readonly parts: PeopleParts) {}

  /** The name of a person; asked for, and empty for the moment, when it is not known yet. */
  nameOf(id: UserId): string {
    const user = this.known.value.get(id);
    if (!user) this.ask(id);
    return user?.display_name ?? "";
  }

  add(people: readonly User[]): void {
    if (people.length === 0) return;
    this.known.value = new Map([...this.known.value, ...people.map((user) => [user.id, user] as const)]);
  }

  /** Keep those who are new or have changed, and tell every tab. */
  async learn(people: User[]): Promise<void> {
    const news = people.filter((user) => !same(user, this.known.value.get(user.id)));
    if (news.length === 0) return; // nobody is drawn again for nothing
    await this.parts.ledger.keepPeople(news);
    this.parts.tell(news);
  }

  private ask(id: UserId): void {
    if (this.asked.has(id)) return;
    const first = this.asked.size === 0;
    this.asked.add(id);
    if (first) queueMicrotask(() => void this.askTogether());
  }

  private async askTogether(): Promise<void> {
    const { rest, clock, closed } = this.parts;
    const ids = [...this.asked];
    try {
      for (let i = 0; i < ids.length; i += AT_ONCE) await this.learn(await rest.users(ids.slice(i, i + AT_ONCE)));
      await clock.sleep(UNKNOWN_MS, closed);
    } catch {
      await clock.sleep(RETRY_MS, closed); // nameless for now: the next drawing asks again
    } finally {
      for (const id of ids) this.asked.delete(id);
    }
  }
}

function same(user: User, known: User | undefined): boolean {
  return (
    known?.display_name === user.display_name && known.username === user.username && known.avatar_id === user.avatar_id
  );
}
