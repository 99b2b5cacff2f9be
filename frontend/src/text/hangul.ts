// Finding names as Koreans type them: by their initial consonants, and while the last syllable is still being written.

const FIRST = 0xac00;
const LAST = 0xd7a3;
const FINALS = 28;
const SYLLABLES_OF_AN_INITIAL = 21 * FINALS;
const INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";

/** Where in `name` the `query` begins, or -1: letters fold, ㄱㅁ finds 김민수, 김미 finds 김민수. */
export function indexOfName(name: string, query: string): number {
  const letters = [...folded(name)];
  const asked = [...folded(query)];
  if (asked.length === 0) return 0;
  for (let start = 0; start + asked.length <= letters.length; start++) {
    if (asked.every((letter, i) => matches(letters[start + i]!, letter, i === asked.length - 1))) return start;
  }
  return -1;
}

function matches(letter: string, asked: string, last: boolean): boolean {
  if (letter === asked) return true;
  const code = letter.codePointAt(0)!;
  if (code < FIRST || code > LAST) return false;
  if (INITIALS.includes(asked)) return INITIALS[Math.floor((code - FIRST) / SYLLABLES_OF_AN_INITIAL)] === asked;
  return last && isBegunBy(code, asked.codePointAt(0)!);
}

/** A syllable without its final consonant yet: 미 on the way to 민. */
function isBegunBy(code: number, begun: number): boolean {
  return begun >= FIRST && begun <= LAST && (begun - FIRST) % FINALS === 0 && code >= begun && code < begun + FINALS;
}

const folded = (text: string) => text.normalize("NFC").toLowerCase();
