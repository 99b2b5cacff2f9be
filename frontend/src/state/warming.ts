// Reads ahead, once the connection stands, so that the most active conversations open at once.
import type { Clock } from "../platform/clock";
import { bytesAreDear } from "../platform/device";
import type { ChannelRecord } from "../db/database";
import type { History } from "../sync/history";

const CHANNELS = 20;
const IN_SIGHT = 10; // of the list, on a phone
const PAUSE_MS = 1_000;
const ROWS = 30;

export class Warming {
  private begun = false;

  constructor(
    private readonly history: History,
    private readonly clock: Clock,
    private readonly closed: AbortSignal,
  ) {}

  /**
   * Once only. `list`: most recently active first. First, and all together, come the last words of those in sight,
   * which are waited for; the rest is in no hurry, and left out where bytes are dear.
   */
  async begin(list: readonly ChannelRecord[]): Promise<void> {
    if (this.begun) return;
    this.begun = true;
    const cold = list.slice(0, CHANNELS).filter((record) => !record.preview);
    await Promise.all(cold.slice(0, IN_SIGHT).map((record) => this.latest(record, 1)));
    if (bytesAreDear()) return;
    for (const record of cold) {
      await this.clock.sleep(PAUSE_MS, this.closed);
      if (this.closed.aborted) return;
      await this.latest(record, ROWS);
    }
  }

  private async latest(record: ChannelRecord, rows: number): Promise<void> {
    await this.history.before(record.id, record.last + 1, rows, rows).catch(() => null); // or on opening
  }
}
