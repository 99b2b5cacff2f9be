// A message in plain words: for the list, for screen readers' announcements, for notifications. Spoilers stay hidden.
import { hostOf } from "./addresses";
import { readMarkdown } from "./markdown";
import type { Block, Inline } from "./tokens";

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
      return block.items
        .map((item) => [`${item.number === null ? "•" : `${item.number}.`} ${ofInlines(item.children)}`, ...item.nested.map(ofBlock)].join("\n"))
        .join("\n");
    case "fence":
      return block.text;
  }
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
      return inline.children ? ofInlines(inline.children) : inline.address.length > 60 ? hostOf(inline.address) : inline.address;
    default:
      return ofInlines(inline.children);
  }
}
