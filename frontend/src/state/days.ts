// Finding a day in a long conversation without reading all of it: rows stand in order of time. Pure but for the pages.
import type { Stretch } from "../sync/history";

/** Rows from `seq` on, as many as come at once; null where they are out of reach. */
type PageFrom = (seq: number) => Promise<Stretch | null>;

/**
 * The seq of the first row at or after `time`, among those up to `last`; of the last row, if all are older.
 * Guesses by how evenly time passed, and halves every other time: some ten pages for a million rows. Without a server,
 * what is out of reach counts as older.
 */
export async function firstSeqAt(time: number, last: number, pageFrom: PageFrom): Promise<number> {
  let below = { seq: 0, at: -Infinity }; // everything up to here is older
  let above = { seq: last + 1, at: Infinity }; // from here on nothing is
  let found = last;
  for (let halving = true; above.seq - below.seq > 1; halving = !halving) {
    const middle = below.seq + Math.ceil((above.seq - below.seq) / 2);
    const guess = halving ? middle : evenly(time, below, above, middle);
    const page = await pageFrom(guess);
    if (!page) {
      below = { ...below, seq: guess };
      continue;
    }
    const next = page.rows.find((row) => row.seq >= guess && row.at >= time);
    const newest = page.rows.at(-1);
    if (next && next !== page.rows[0]) return next.seq;
    if (next) {
      found = next.seq;
      above = { seq: guess, at: next.at };
    } else if (page.to < guess) above = { seq: guess, at: above.at }; // nothing stands there
    else below = { seq: Math.min(page.to, above.seq - 1), at: newest?.at ?? below.at };
  }
  return found;
}

interface Known {
  seq: number;
  at: number;
}

function evenly(time: number, below: Known, above: Known, middle: number): number {
  const share = (time - below.at) / (above.at - below.at);
  if (!Number.isFinite(share)) return middle;
  const guess = below.seq + Math.floor(share * (above.seq - below.seq));
  return Math.min(Math.max(guess, below.seq + 1), above.seq - 1);
}
