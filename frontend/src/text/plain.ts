// A message in plain words: for the list, for screen readers' announcements, for notifications. Spoilers stay hidden.
import { readMarkdown } from "./markdown";
import type { Block, Inline, ListItem } from "./tokens";

const HIDDEN = "▒▒▒";
const ENOUGH = 500; // of a long message only its beginning is told

export function plainWords(text: string): string {
  return readMarkdown(text.slice(0, ENOUGH)).map(ofBlock).join("\n").trim();
}

function ofBlock(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return ofInlines(block.children);
    case "quote":
      return block.blocks.map(ofBlock).join("\n");
    case "list":
      return block.items.map(ofItem).join("\n");
    case "fence":
      return block.text;
  }
}

function ofItem({ number, children, nested }: ListItem): string {
  const mark = number === null ? "•" : `${number}.`;
  return [`${mark} ${ofInlines(children)}`, ...nested.map(ofBlock)].join("\n");
}

function ofInlines(inlines: readonly Inline[]): string {
  return inlines.map(ofInline).join("");
}

function ofInline(inline: Inline): string {
  switch (inline.kind) {
    case "text":
    case "code":
      return inline.text;
    case "mention":
      return `@${inline.name}`;
    case "spoiler":
      return HIDDEN;
    case "link":
      return inline.children ? ofInlines(inline.children) : inline.address;
    default:
      return ofInlines(inline.children);
  }
}
