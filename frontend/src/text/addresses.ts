// Addresses in a text: where one ends, and which of them may become links.

const LONGEST = 2_048;
const BARE = /(?:https?:\/\/|mailto:)[^\s<>"'`|]{1,2048}/iy;
const SENTENCE = new Set(".,;:!?'\"…。、！？*_~"); // belongs to the sentence around the address
const CLOSING: Record<string, string> = { ")": "(", "]": "[", "}": "{" };
// Korean particles follow a word without a space: "https://maru.example/a에서" leads to /a.
const PARTICLE =
  /(?<=[\w/#=&%-])(?:은|는|이|가|을|를|에|에서|에게|께|로|으로|와|과|랑|이랑|도|의|만|부터|까지|입니다|이에요|예요|인데|이고|라고|이라고|보고|보면)$/;

/** The address that starts at `at`, or null. */
export function bareAddress(text: string, at: number): string | null {
  BARE.lastIndex = at;
  const found = BARE.exec(text)?.[0];
  if (!found) return null;
  const address = withoutSentence(found).replace(PARTICLE, "");
  return isSafe(address) ? address : null;
}

/** http, https and mailto only: everything else (javascript:, data:, relative paths) stays text. */
export function isSafe(address: string): boolean {
  if (address.length > LONGEST || !/^(?:https?:\/\/|mailto:)/i.test(address)) return false;
  try {
    const { protocol, host, pathname } = new URL(address);
    return protocol === "mailto:" ? pathname.includes("@") : host !== "";
  } catch {
    return false;
  }
}

/** Where a link leads, in as few letters as tell it: the host, or the mailbox. */
export function hostOf(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return protocol === "mailto:" ? pathname : host.replace(/^www\./, "");
}

function withoutSentence(found: string): string {
  let end = found.length;
  for (; end > 0; end--) {
    const last = found[end - 1]!;
    const opening = CLOSING[last];
    if (opening ? balanced(found, end, opening, last) : !SENTENCE.has(last)) break;
  }
  return found.slice(0, end);
}

/** The closing bracket at the end belongs to the address if one within it was opened for it. */
function balanced(text: string, end: number, opening: string, closing: string): boolean {
  let depth = 0;
  for (let i = 0; i < end; i++) {
    if (text[i] === opening) depth++;
    else if (text[i] === closing) depth--;
  }
  return depth >= 0;
}
