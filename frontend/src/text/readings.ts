// Texts that were read already: what is drawn again is not read again. Bounded by letters; the longest unused goes.
import { readMarkdown } from "./markdown";
import type { Block } from "./tokens";

const MOST_LETTERS = 300_000;

export class Readings {
  private readonly kept = new Map<string, Block[]>();
  private letters = 0;

  constructor(private readonly most = MOST_LETTERS) {}

  read(text: string): Block[] {
    const known = this.kept.get(text);
    const blocks = known ?? readMarkdown(text);
    this.kept.delete(text); // and behind all others again
    this.kept.set(text, blocks);
    if (!known) this.letters += text.length;
    for (const [eldest] of this.kept) {
      if (this.letters <= this.most) break;
      this.kept.delete(eldest);
      this.letters -= eldest.length;
    }
    return blocks;
  }
}
