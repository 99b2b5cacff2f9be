// From a line of text to its emphasis, code, links and mentions, in one pass: linear, whatever is typed.
// Hangul knows no spaces before particles, so `**굵게**는` closes here; CommonMark's flanking rule would not have it.
import { bareAddress, isSafe } from "./addresses";
import type { Inline } from "./tokens";

type Mark = "**" | "__" | "*" | "_" | "~~" | "||";
type Emphasis = "bold" | "italic" | "strike" | "spoiler";

/** A token of the flat list: a finished piece, or a mark that opens or closes if its partner was found. */
type Piece = Inline | Opening | { kind: "close" };
interface Opening {
  kind: "open";
  mark: Mark;
  matched: boolean;
}

const MEANING: Record<Mark, Emphasis> = {
  "**": "bold",
  __: "bold",
  "*": "italic",
  _: "italic",
  "~~": "strike",
  "||": "spoiler",
};
const MOST_OPEN = 8; // so deep emphasis nests at most; the eldest mark that is still open is let go

const SPECIAL = /[\\`*_~|[!<@]|https?:\/\/|mailto:|\n[ \t]*\n/gi;
const ESCAPABLE = /[\\`*_~|[\]()<>#@!+.-]/;
const LINK = /!?\[([^[\]\n]{1,500})\]\(<?([^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?\)/y;
const BRACKETED = /<([^\s<>]{1,2048})>/y;
const MENTION = /@([\p{L}\p{N}._-]{2,32})/uy;
const WORD = /[\p{L}\p{N}]/u;
const LATIN = /[A-Za-z0-9]/;
const MEANT = /[\p{L}\p{N}\p{Extended_Pictographic}]/u; // "*_*" is a face, not an underscore in italics
const HANGUL_OR_CJK = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const BEFORE_UNDERSCORE = /[\s([{"'“‘「*~|]/;

export function readInline(text: string, links = true): Inline[] {
  return new Line(text, links).read();
}

class Line {
  private readonly pieces: Piece[] = [];
  private readonly openings: { opening: Opening; index: number }[] = []; // those that may still be closed
  private readonly ticks: Ticks;
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly links: boolean,
  ) {
    this.ticks = new Ticks(text);
  }

  read(): Inline[] {
    const { text } = this;
    while (this.at < text.length) {
      SPECIAL.lastIndex = this.at;
      const next = SPECIAL.exec(text)?.index ?? text.length;
      this.addText(text.slice(this.at, next));
      this.at = next;
      if (next < text.length && !this.takeSpecial()) this.addText(text[this.at++]!);
    }
    return nested(this.pieces);
  }

  /** Reads what stands here and moves on; false if it means nothing special. */
  private takeSpecial(): boolean {
    const here = this.text[this.at]!;
    switch (here) {
      case "\\":
        return this.takeEscaped();
      case "`":
        return this.takeCode();
      case "*":
      case "_":
      case "~":
      case "|":
        return this.takeMarks(here);
      case "[":
      case "!":
        return this.links && this.takeLink();
      case "<":
        return this.links && this.takeBracketed();
      case "@":
        return this.takeMention();
      case "\n":
        return this.endParagraph();
      default:
        return this.links && this.takeAddress();
    }
  }

  private takeEscaped(): boolean {
    const escaped = this.text[this.at + 1];
    if (escaped === undefined || !ESCAPABLE.test(escaped)) return false;
    this.addText(escaped);
    this.at += 2;
    return true;
  }

  private takeCode(): boolean {
    const { length, end } = this.ticks.spanAt(this.at);
    if (end === null) {
      this.addText("`".repeat(length));
      this.at += length;
      return true;
    }
    const inside = this.text.slice(this.at + length, end);
    const padded = /^ .*\S.* $/s.test(inside); // a space on each side keeps backticks apart from the marks
    this.pieces.push({ kind: "code", text: padded ? inside.slice(1, -1) : inside });
    this.at = end + length;
    return true;
  }

  private takeLink(): boolean {
    LINK.lastIndex = this.at;
    const found = LINK.exec(this.text);
    const [whole, label, address] = found ?? [];
    if (!whole || !label?.trim() || !address || !isSafe(address)) return false;
    this.pieces.push({ kind: "link", address, children: label === address ? null : readInline(label, false) });
    this.at += whole.length;
    return true;
  }

  /** `<https://…>`: the brackets only say where the address ends. */
  private takeBracketed(): boolean {
    BRACKETED.lastIndex = this.at;
    const address = BRACKETED.exec(this.text)?.[1];
    if (!address || !isSafe(address)) return false;
    this.pieces.push({ kind: "link", address, children: null });
    this.at += address.length + 2;
    return true;
  }

  private takeAddress(): boolean {
    const address = LATIN.test(this.text[this.at - 1] ?? "") ? null : bareAddress(this.text, this.at);
    if (!address) return false;
    this.pieces.push({ kind: "link", address, children: null });
    this.at += address.length;
    return true;
  }

  private takeMention(): boolean {
    if (LATIN.test(this.text[this.at - 1] ?? "")) return false; // an e-mail address
    MENTION.lastIndex = this.at;
    const name = MENTION.exec(this.text)?.[1];
    if (!name) return false;
    this.pieces.push({ kind: "mention", name });
    this.at += name.length + 1;
    return true;
  }

  /** Emphasis does not reach over an empty line. */
  private endParagraph(): boolean {
    this.openings.length = 0;
    return false;
  }

  private takeMarks(letter: string): boolean {
    const length = runLength(this.text, this.at, letter);
    const marks = marksOf(letter, length);
    if (marks.length === 0) {
      this.addText(letter.repeat(length));
    } else if (!this.close(marks, length)) {
      this.open(marks, length);
    }
    this.at += length;
    return true;
  }

  private close(marks: Mark[], length: number): boolean {
    const before = this.text[this.at - 1] ?? " ";
    const after = this.text.slice(this.at + length, this.at + length + 2);
    if (/\s/.test(before)) return false;
    if (marks[0]!.startsWith("_") && continuesWord(after)) return false;
    const closing = marks.toReversed();
    if (!closing.every((mark) => this.isOpen(mark))) return false;
    for (const mark of closing) this.closeOne(mark);
    return true;
  }

  private closeOne(mark: Mark): void {
    const at = this.openings.findLastIndex(({ opening }) => opening.mark === mark);
    const found = this.openings[at];
    if (!found) return this.addText(mark); // `**_a***`: let go with what was closed before it
    found.opening.matched = true;
    this.openings.length = at; // what was opened within and not closed is text
    this.pieces.push({ kind: "close" });
  }

  /** A mark of this kind waits to be closed, and there is something between the two. */
  private isOpen(mark: Mark): boolean {
    const found = this.openings.findLast(({ opening }) => opening.mark === mark);
    if (!found) return false;
    for (let i = found.index + 1; i < this.pieces.length; i++) if (isMeant(this.pieces[i]!)) return true;
    return false;
  }

  private open(marks: Mark[], length: number): void {
    const before = this.text[this.at - 1] ?? " ";
    const after = this.text[this.at + length] ?? " ";
    const possible = !/\s/.test(after) && mayOpenAfter(marks[0]!, before, after);
    for (const mark of marks) {
      if (!possible) {
        this.addText(mark);
        continue;
      }
      if (this.openings.length === MOST_OPEN) this.openings.shift();
      const opening: Opening = { kind: "open", mark, matched: false };
      this.openings.push({ opening, index: this.pieces.length });
      this.pieces.push(opening);
    }
  }

  private addText(text: string): void {
    if (!text) return;
    const last = this.pieces.at(-1);
    if (last?.kind === "text") last.text += text;
    else this.pieces.push({ kind: "text", text });
  }
}

function isMeant(piece: Piece): boolean {
  if (piece.kind === "text") return MEANT.test(piece.text);
  return piece.kind !== "open" && piece.kind !== "close";
}

function mayOpenAfter(mark: Mark, before: string, after: string): boolean {
  switch (mark) {
    case "_":
    case "__":
      return BEFORE_UNDERSCORE.test(before); // names of files, and faces: -_- ㅠ_ㅠ
    case "~~":
      return !WORD.test(before); // "네~~감사합니다~~" is a long vowel
    case "||":
      return true;
    case "*":
    case "**":
      return !(/\d/.test(before) && /\d/.test(after)); // 2*3*4
  }
}

/** A Latin letter or digit after the underscore: it is within a word. A Hangul particle is not. */
function continuesWord(after: string): boolean {
  const [letter = " "] = after;
  return letter === "_" || (WORD.test(letter) && !HANGUL_OR_CJK.test(letter));
}

function marksOf(letter: string, length: number): Mark[] {
  if (letter === "~" || letter === "|") return length === 2 ? [(letter + letter) as Mark] : [];
  if (length > 3) return [];
  const single = letter as Mark;
  const double = (letter + letter) as Mark;
  return length === 1 ? [single] : length === 2 ? [double] : [double, single];
}

function runLength(text: string, at: number, letter: string): number {
  let end = at;
  while (text[end] === letter) end++;
  return end - at;
}

/** Which run of backticks closes which: found once for the whole text. */
class Ticks {
  private readonly ends = new Map<number, { length: number; end: number | null }>();

  constructor(text: string) {
    const runs = [...text.matchAll(/`+/g)];
    const following = new Map<number, number>(); // by length
    for (const run of runs.reverse()) {
      const { length } = run[0];
      this.ends.set(run.index, { length, end: following.get(length) ?? null });
      following.set(length, run.index);
    }
  }

  spanAt(at: number): { length: number; end: number | null } {
    return this.ends.get(at) ?? { length: 1, end: null }; // within a run whose start was escaped
  }
}

/** The flat list as a tree. Marks without a partner are text. */
function nested(pieces: readonly Piece[]): Inline[] {
  const root: Inline[] = [];
  const path: Inline[][] = [root];
  for (const piece of pieces) {
    const here = path.at(-1)!;
    if (piece.kind === "close") path.pop();
    else if (piece.kind !== "open") append(here, piece);
    else if (!piece.matched) append(here, { kind: "text", text: piece.mark });
    else path.push(opened(here, MEANING[piece.mark]));
  }
  return root;
}

function opened(inlines: Inline[], kind: Emphasis): Inline[] {
  const children: Inline[] = [];
  inlines.push({ kind, children });
  return children;
}

function append(inlines: Inline[], inline: Inline): void {
  const last = inlines.at(-1);
  if (inline.kind === "text" && last?.kind === "text") last.text += inline.text;
  else inlines.push(inline.kind === "text" ? { ...inline } : inline);
}
