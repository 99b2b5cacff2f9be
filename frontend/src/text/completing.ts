// The word before the caret that may be completed: "@mi…" for a person, ":smi…" for an emoji.

export interface Begun {
  kind: "person" | "emoji";
  query: string;
  /** Where its "@" or ":" stands. */
  from: number;
}

const LONGEST = 40;
// An "@" may follow Hangul at once; after a Latin letter it is an e-mail address. ":" after a letter is "at 10:30".
const PERSON = /(?<![A-Za-z0-9])@([\p{L}\p{M}\p{N}._-]{0,32})$/u;
const EMOJI = /(?<![\p{L}\p{N}:/]):([\p{L}\p{M}\p{N}_+-]{2,32})$/u;
const WHOLE_EMOJI = /(?<![\p{L}\p{N}:/]):([\p{L}\p{M}\p{N}_+-]{2,32}):$/u;

export function begunWord(text: string, caret: number): Begun | null {
  const before = text.slice(Math.max(0, caret - LONGEST), caret);
  const person = PERSON.exec(before);
  if (person) return { kind: "person", query: person[1]!, from: caret - person[0].length };
  const emoji = EMOJI.exec(before);
  return emoji && { kind: "emoji", query: emoji[1]!, from: caret - emoji[0].length };
}

/** `:smile:` that has just been closed, to become the emoji. */
export function closedShortcode(text: string, caret: number): { name: string; from: number } | null {
  if (text[caret - 1] !== ":") return null;
  const found = WHOLE_EMOJI.exec(text.slice(Math.max(0, caret - LONGEST), caret));
  return found && { name: found[1]!, from: caret - found[0].length };
}
