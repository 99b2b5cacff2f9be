// The Markdown that people write in a chat: quotes, lists, fenced code, and what stands within lines.
// A dialect, not CommonMark: no headings, HTML, tables or references; a line break is a line break. Why: docs/adr.
import { readInline } from "./inline";
import type { Block, ListItem } from "./tokens";

const FENCE = /^```([\w+#.-]{0,20})[ \t]*$/;
const QUOTE = /^>(?: |$)/; // with its space: ">_<" is a face
const ITEM = /^([ \t]{0,40})(?:[-*•+]|(\d{1,3})[.)])[ \t]+(?=\S)/;
const CONTINUED = /^(?: {2,}|\t)\s*(?=\S)/;
const DEEPEST = 4; // quotes in quotes, lists in lists; deeper ones are text

export function readMarkdown(text: string, depth = 0): Block[] {
  return new Lines(text.split("\n"), depth).read();
}

class Lines {
  private readonly blocks: Block[] = [];
  private plain: string[] = [];
  private at = 0;

  constructor(
    private readonly lines: readonly string[],
    private readonly depth: number,
  ) {}

  read(): Block[] {
    while (this.at < this.lines.length) {
      const line = this.lines[this.at]!;
      const taken = this.takeFence(line) || this.takeQuote(line) || this.takeList(line);
      if (taken) continue;
      this.plain.push(line);
      this.at++;
    }
    this.endParagraph();
    return this.blocks;
  }

  private takeFence(line: string): boolean {
    const language = FENCE.exec(line)?.[1];
    if (language === undefined) return false;
    const end = this.endOfFence();
    if (end === null) return false;
    this.endParagraph();
    const inside = this.lines.slice(this.at + 1, end);
    const closing = this.lines[end]?.replace(/```[ \t]*$/, "");
    if (closing) inside.push(closing);
    this.blocks.push({ kind: "fence", language: language.toLowerCase(), text: inside.join("\n") });
    this.at = end + 1;
    return true;
  }

  /** The line that closes; people also write "```" behind the last line. A block nobody closed ends with the text. */
  private endOfFence(): number | null {
    for (let i = this.at + 1; i < this.lines.length; i++) if (/```[ \t]*$/.test(this.lines[i]!)) return i;
    return this.at + 1 < this.lines.length ? this.lines.length : null;
  }

  private takeQuote(line: string): boolean {
    if (this.depth >= DEEPEST || !QUOTE.test(line)) return false;
    this.endParagraph();
    const inside: string[] = [];
    for (; QUOTE.test(this.lines[this.at] ?? ""); this.at++) inside.push(this.lines[this.at]!.slice(2));
    this.blocks.push({ kind: "quote", blocks: readMarkdown(inside.join("\n"), this.depth + 1) });
    return true;
  }

  private takeList(line: string): boolean {
    if (!ITEM.test(line)) return false;
    this.endParagraph();
    const items: WrittenItem[] = [];
    for (; this.at < this.lines.length; this.at++) {
      const next = this.lines[this.at]!;
      const item = ITEM.exec(next);
      if (item) {
        const number = item[2] === undefined ? null : Number(item[2]);
        items.push({ indent: widthOf(item[1]!), number, text: next.slice(item[0].length) });
      } else if (CONTINUED.test(next)) {
        items.at(-1)!.text += `\n${next.replace(CONTINUED, "")}`;
      } else {
        break;
      }
    }
    this.blocks.push(...listsOf(items, this.depth));
    return true;
  }

  /** What was gathered stands for itself, line breaks and all; empty lines beside other blocks are their margin. */
  private endParagraph(): void {
    const text = this.plain.join("\n").replace(/^\n+/, "");
    this.plain = [];
    const kept = withoutTrailingLines(text);
    if (kept) this.blocks.push({ kind: "paragraph", children: readInline(kept) });
  }
}

interface WrittenItem {
  indent: number;
  number: number | null;
  text: string;
}

/** Items side by side, those further in below the one before them. Bullets and numbers are lists of their own. */
function listsOf(written: readonly WrittenItem[], depth: number): Block[] {
  const lists: Block[] = [];
  let items: ListItem[] = [];
  for (let i = 0; i < written.length; ) {
    const item = written[i]!;
    const numbered = item.number !== null;
    if (items.length > 0 && (items[0]!.number !== null) !== numbered) items = [];
    if (items.length === 0) lists.push({ kind: "list", items });
    let end = i + 1;
    if (depth < DEEPEST) while ((written[end]?.indent ?? 0) > item.indent + 1) end++;
    const nested = listsOf(written.slice(i + 1, end), depth + 1);
    items.push({ number: item.number, children: readInline(item.text), nested });
    i = end;
  }
  return lists;
}

const widthOf = (indent: string) => indent.replaceAll("\t", "    ").length;

function withoutTrailingLines(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end--;
  return text.slice(0, end);
}
