// Emoji, found by their names.
import { indexOfName } from "./hangul";

export interface Emoji {
  emoji: string;
  group: number;
  /** Of the emoji that it came with; 0: every system has it. */
  version: number;
  takesTone: boolean;
  shortcodes: string[];
  /** First its name, then other words for it. */
  english: string[];
  korean: string[];
}

/** The lines of "virtual:emoji". */
export function readEmoji(lines: string): Emoji[] {
  return lines.split("\n").map((line) => {
    const [emoji = "", group, version, tone, shortcodes = "", english = "", korean = ""] = line.split("\t");
    return {
      emoji,
      group: Number(group),
      version: Number(version),
      takesTone: tone === "t",
      shortcodes: shortcodes.split(" "),
      english: english.split("|"),
      korean: korean.split("|"),
    };
  });
}

/** Without the versions that `draws` knows nothing of. Fonts get a version whole: its first emoji stands for it. */
export function drawnOf(all: readonly Emoji[], draws: (emoji: string) => boolean): Emoji[] {
  const known = new Map([[0, true]]);
  return all.filter(({ emoji, version }) => {
    if (!known.has(version)) known.set(version, draws(emoji));
    return known.get(version);
  });
}

/** In either language and by shortcode, nearest first. ㅎㅌ finds 하트. */
export function findEmoji(all: readonly Emoji[], query: string, most: number): Emoji[] {
  const asked = query.toLowerCase().replaceAll("_", " ").trim();
  const found: { one: Emoji; rank: number }[] = [];
  for (const one of all) {
    const rank = rankOf(one, asked);
    if (rank < WORST) found.push({ one, rank });
  }
  found.sort((a, b) => a.rank - b.rank); // stable: otherwise in their own order
  return found.slice(0, most).map(({ one }) => one);
}

export function byShortcode(all: readonly Emoji[], name: string): Emoji | undefined {
  return all.find((one) => one.shortcodes.includes(name.toLowerCase()));
}

const WORST = 6;

/** 0 a shortcode is so, 1 begins so, 2 the name is so, 3 begins so, 4 another word does, 5 it occurs within. */
function rankOf({ shortcodes, english, korean }: Emoji, asked: string): number {
  let rank = WORST;
  for (const code of shortcodes) {
    const at = code.replaceAll("_", " ").indexOf(asked);
    if (at === 0) rank = Math.min(rank, code.length === asked.length ? 0 : 1);
    else if (at > 0) rank = Math.min(rank, 5);
  }
  for (const names of [english, korean]) {
    names.forEach((name, i) => {
      const at = indexOfName(name, asked);
      if (at === 0) rank = Math.min(rank, i > 0 ? 4 : name.length === asked.length ? 2 : 3);
      else if (at > 0) rank = Math.min(rank, 5);
    });
  }
  return rank;
}

/** `tone`: one of the five modifiers, or empty. */
export function withTone({ emoji, takesTone }: Emoji, tone: string): string {
  if (!tone || !takesTone) return emoji;
  const [first = "", ...rest] = emoji;
  return first + tone + rest.join("").replace(/^\ufe0f/, "");
}
