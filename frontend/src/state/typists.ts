// Who is writing where, as last heard. It passes by itself.
import { signal } from "@preact/signals";
import type { Clock } from "../platform/clock";
import type { ChannelId, UserId } from "../protocol/types";

const WRITING_MS = 5_000; // who goes on is heard of every 3 s

interface Typist {
  channel: ChannelId;
  user: UserId;
}

export class Typists {
  private readonly writing = signal<readonly Typist[]>([]);

  constructor(
    private readonly clock: Clock,
    private readonly closed: AbortSignal,
  ) {}

  in(channel: ChannelId): UserId[] {
    return this.writing.value.filter((typist) => typist.channel === channel).map((typist) => typist.user);
  }

  async hear(channel: ChannelId, user: UserId): Promise<void> {
    const heard = { channel, user };
    const before = this.writing.value.findIndex((typist) => is(typist, heard));
    // In the place they have, so that names do not change places while one reads them.
    this.writing.value = before < 0 ? [...this.writing.value, heard] : this.writing.value.with(before, heard);
    await this.clock.sleep(WRITING_MS, this.closed);
    this.drop((typist) => typist === heard);
  }

  /** Their message is here. */
  stop(channel: ChannelId, user: UserId): void {
    this.drop((typist) => is(typist, { channel, user }));
  }

  private drop(gone: (typist: Typist) => boolean): void {
    if (this.writing.value.some(gone)) this.writing.value = this.writing.value.filter((typist) => !gone(typist));
  }
}

const is = (one: Typist, other: Typist) => one.channel === other.channel && one.user === other.user;
