// Who is meant by an @name.

interface Named {
  username: string;
}

const HANGUL_OR_CJK = /^[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const WORD = /^[\p{L}\p{N}]/u;

/** Usernames are unique after folding, as on the server. */
export function folded(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

/**
 * The person whose username `name` is or begins with, and what is left of it. Particles follow without a space:
 * "minsu야" means minsu. Latin letters would be another name: "minsub" does not.
 */
export function whoIsMeant<P extends Named>(
  name: string,
  byUsername: ReadonlyMap<string, P>,
): { person: P; rest: string } | null {
  for (let end = name.length; end >= 2; end--) {
    const rest = name.slice(end);
    if (rest && WORD.test(rest) && !(HANGUL_OR_CJK.test(rest))) continue;
    const person = byUsername.get(folded(name.slice(0, end)));
    if (person) return { person, rest };
  }
  return null;
}
